"""Runs on a real Ray cluster of three nodes on this machine: the same result as a local run, whoever dies."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import yaml
from evaluate_project import LocalServer, completion, fast, http, openai, serve

from worked_example import SYSTEM, write_json

NODES = Path(__file__).parent / "ray_nodes.py"
STABLE = ["sample", "epoch", "unit", "slice.colour", "status", "score.correct", "error", "response_digest", "tokens_in"]
KEY = "sk-a-secret-of-the-workers"
# Ray puts this machine's own address in the place of 127.0.0.1, except where it takes clusters to be impossible.
LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}


class Nodes:
    """A cluster in a program of its own."""

    def __init__(self, number: int = 3) -> None:
        self._program = subprocess.Popen(
            [sys.executable, str(NODES), str(number)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **LOOPBACK, "TARGET_KEY": KEY},
        )
        self.address = self._line()

    def _line(self) -> str:
        assert self._program.stdout is not None
        return self._program.stdout.readline().strip()

    def kill(self, node: int) -> None:
        """Kill a node at once, with everything that runs on it."""
        assert self._program.stdin is not None
        self._program.stdin.write(f"kill {node}\n")
        self._program.stdin.flush()
        assert self._line() == "killed"

    def workers(self) -> list[int]:
        """List the processes in which shards run at this moment."""
        return [pid for pid, said in self._inside() if said.startswith("ray::ask_shard")]

    def _inside(self) -> list[tuple[int, str]]:
        """List every process below the program: its number and its command."""
        listed = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True, check=True).stdout
        rows = [line.split(None, 2) for line in listed.splitlines()]
        inside = {self._program.pid}
        for pid, parent, _ in sorted(rows, key=lambda row: int(row[0])):
            if int(parent) in inside:
                inside.add(int(pid))
        return [(int(pid), said) for pid, _, said in rows if int(pid) in inside - {self._program.pid}]

    def stop(self) -> None:
        inside = self._inside()
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.close()
        try:
            self._program.wait(30)
        finally:
            self._program.stdout.close()
            for pid, _ in inside:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


@pytest.fixture
def nodes() -> Iterator[Nodes]:
    started = Nodes()
    try:
        yield started
    finally:
        started.stop()


class Shop:
    """A project with one suite of `rows` cases, run by the command line."""

    def __init__(self, root: Path, server: LocalServer, rows: int, **limits: Any) -> None:
        self.root = root
        self.table: Path | None = None
        (root / "evals").mkdir(parents=True)
        write_json(root / "roadworthy.yaml", {**SYSTEM, "system": "shop"})
        cases = (
            {
                "id": f"c{i:05}",
                "prompt": f"say {i}",
                "expected": str(i if i % 3 else -1),
                "colour": "rb"[i % 2],
                "k": i // 4,
            }
            for i in range(rows)
        )
        (root / "evals" / "cases.jsonl").write_text("".join(json.dumps(case) + "\n" for case in cases))
        suite = {
            "suite": "quality",
            "dataset": {"file": "cases.jsonl", "cluster": "k", "slices": ["colour"]},
            "prompt": "{prompt}",
            "target": openai(server.url, api_key_env="TARGET_KEY"),
            "scorers": [{"id": "correct", "use": "exact_match", "expected": "{expected}"}],
            "metrics": ["task_success_rate"],
            "limits": fast(**limits),
        }
        (root / "evals" / "quality.yaml").write_text(yaml.safe_dump(suite))

    def begin(self, nodes: Nodes | None) -> subprocess.Popen[str]:
        environment = {**os.environ, **LOOPBACK, "TARGET_KEY": KEY, "ROADWORTHY_HOME": str(self.root / "home")}
        where = []
        if nodes is not None:
            environment["RAY_ADDRESS"] = nodes.address
            where = ["--on", "ray"]
        program = str(Path(sys.executable).with_name("roadworthy"))
        command = [program, "evaluate", "-C", str(self.root), *where]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)

    def run(self, nodes: Nodes | None) -> tuple[int, str]:
        program = self.begin(nodes)
        said, _ = program.communicate(timeout=240)
        return program.returncode, said

    def rows(self) -> list[dict[str, Any]]:
        """Return what does not depend on time or on attempts."""
        [table] = self.root.glob(".roadworthy/runs/quality/*/results.parquet")
        return pyarrow.parquet.read_table(table, columns=STABLE).to_pylist()


async def slow_echo(body: dict[str, Any], _server: LocalServer) -> bytes:
    await asyncio.sleep(0.02)
    return completion(body["messages"][-1]["content"].split()[-1])


def recorded(shop: Shop) -> int:
    """Count what is in the journal and parts so far."""
    journals = shop.root.glob(".roadworthy/runs/quality/*/journal.jsonl")
    parts = shop.root.glob(".roadworthy/runs/quality/*/part-*.parquet")
    lines = sum(max(0, journal.read_bytes().count(b"\n") - 1) for journal in journals)
    return lines + sum(pyarrow.parquet.read_metadata(part).num_rows for part in parts)


def wait_for(shop: Shop, rows: int, program: subprocess.Popen[str]) -> None:
    while recorded(shop) < rows:
        assert program.poll() is None, program.communicate()[0]
        time.sleep(0.05)


pytestmark = [pytest.mark.extra, pytest.mark.slow]


def test_a_node_that_is_killed_changes_nothing(nodes: Nodes, tmp_path: Path) -> None:
    with serve(slow_echo) as server:
        local, far = (
            Shop(tmp_path / "local", server, 3000, concurrency=24),
            Shop(tmp_path / "far", server, 3000, concurrency=24),
        )
        assert local.run(None)[0] == 0
        program = far.begin(nodes)
        wait_for(far, 400, program)
        nodes.kill(0)
        said, _ = program.communicate(timeout=240)
    assert program.returncode == 0, said
    assert far.rows() == local.rows()
    assert len(far.rows()) == 3000


def test_workers_and_driver_that_are_killed_change_nothing(nodes: Nodes, tmp_path: Path) -> None:
    with serve(slow_echo) as server:
        local, far = (
            Shop(tmp_path / "local", server, 2000, concurrency=24),
            Shop(tmp_path / "far", server, 2000, concurrency=24),
        )
        assert local.run(None)[0] == 0
        program = far.begin(nodes)
        for goal in (200, 600):
            wait_for(far, goal, program)
            for pid in nodes.workers()[:1]:
                os.kill(pid, signal.SIGKILL)
        wait_for(far, 900, program)
        program.kill()
        program.communicate()
        kept = recorded(far)
        asked = server.calls
        code, said = far.run(nodes)
        assert code == 0, said
        assert server.calls - asked <= 2000 - kept
    assert far.rows() == local.rows()


def test_a_run_that_began_here_is_finished_on_ray(nodes: Nodes, tmp_path: Path) -> None:
    with serve(slow_echo) as server:
        shop = Shop(tmp_path / "shop", server, 800, concurrency=8)
        program = shop.begin(None)
        wait_for(shop, 200, program)
        program.kill()
        program.communicate()
        kept = recorded(shop)
        asked = server.calls
        assert shop.run(nodes)[0] == 0
        assert server.calls - asked <= 800 - kept
    assert len(shop.rows()) == 800


def test_limits_hold_across_workers(nodes: Nodes, tmp_path: Path) -> None:
    moments: list[float] = []

    async def noting(body: dict[str, Any], server: LocalServer) -> bytes:
        moments.append(time.monotonic())
        return completion(body["messages"][-1]["content"].split()[-1])

    with serve(noting) as server:
        shop = Shop(tmp_path / "shop", server, 240, concurrency=24, requests_per_second=40)
        assert shop.run(nodes)[0] == 0
    moments.sort()
    busiest = max(sum(start <= at < start + 1.0 for at in moments) for start in moments)
    assert len(moments) == 240
    assert busiest <= 40 * 1.3


def test_a_pause_that_one_worker_is_told_holds_for_all(nodes: Nodes, tmp_path: Path) -> None:
    moments: list[float] = []
    refused: list[float] = []

    async def once(body: dict[str, Any], server: LocalServer) -> bytes:
        moments.append(time.monotonic())
        if len(moments) == 150:
            refused.append(time.monotonic())
            return http(429, b"{}", "Retry-After: 3")
        await asyncio.sleep(0.05)
        return completion(body["messages"][-1]["content"].split()[-1])

    with serve(once) as server:
        shop = Shop(tmp_path / "shop", server, 1500, concurrency=12)
        assert shop.run(nodes)[0] == 0
    within = [at for at in moments if refused[0] + 1.0 < at < refused[0] + 2.5]
    assert within == []


def test_the_budget_of_calls_is_never_exceeded(nodes: Nodes, tmp_path: Path) -> None:
    with serve(slow_echo) as server:
        shop = Shop(tmp_path / "shop", server, 900, concurrency=24, max_calls=500)
        code, said = shop.run(nodes)
        assert code == 3
        assert "the budget of 500 calls is used up" in said
        assert server.calls == 500
    assert len(shop.rows()) == 500


def test_keys_stay_in_the_environment_of_the_workers(nodes: Nodes, tmp_path: Path) -> None:
    async def leaking(body: dict[str, Any], server: LocalServer) -> bytes:
        return completion(f"your key is {KEY}")

    with serve(leaking) as server:
        shop = Shop(tmp_path / "shop", server, 60)
        assert shop.run(nodes)[0] == 0
        assert f"Bearer {KEY}" in server.headers[0]
    written = [path for path in shop.root.rglob("*") if path.is_file()]
    assert written
    assert [path for path in written if KEY.encode() in path.read_bytes()] == []


def test_a_cluster_that_does_not_answer_is_named(tmp_path: Path) -> None:
    with serve(slow_echo) as server:
        shop = Shop(tmp_path / "shop", server, 5)
        nowhere = Nodes.__new__(Nodes)
        nowhere.address = "127.0.0.1:1"
        code, said = shop.run(nowhere)
    assert code == 2
    assert "no Ray cluster answers at '127.0.0.1:1'" in " ".join(said.split())
