"""Measure live evaluation beside Inspect and promptfoo: same prompts, same instant server, scored and stored.

    python bench/engine.py [--quick]

Each program is started for one sample and for many; the figure is what the many took longer. The server is a process of
its own. Then the memory and the time of up to a million samples, asked at once and in two rounds that nothing settles.
Prints one JSON line for each figure.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

from peers.install import node_peer, python_peer

HERE = Path(__file__).resolve().parent / "peers"
INSPECT = ("inspect-ai==0.3.285", "openai==3.54.0")
PROMPTFOO = ("promptfoo@0.123.1", "node@24.21.0")
CONNECTIONS = 64
OURS, PEERS = 40_000, 1_000
REPEATS = 2
SIZES = (100_000, 300_000, 1_000_000)
IN_CLUSTER = 10
TO_REACH, TIMES_INSPECT, TIMES_PROMPTFOO, MEGABYTES = 3_000, 20, 10, 500

Runs = Callable[[int, Path], dict[str, Any]]


@contextmanager
def instant_server() -> Iterator[str]:
    """Start the server and yield its address."""
    process = subprocess.Popen([sys.executable, str(HERE / "instant_server.py")], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    finally:
        process.kill()
        process.wait()


def cases(n: int) -> Iterator[dict[str, str]]:
    """Make the questions that every program gets."""
    return (
        {"id": f"c{i:07}", "cluster": f"u{i // IN_CLUSTER}", "input": f"Please say the number {i}", "target": str(i)}
        for i in range(n)
    )


def write_lines(path: Path, n: int) -> None:
    """Write the questions as JSON lines; one by one, since a child's peak of memory begins with that of its parent."""
    with path.open("w") as stream:
        stream.writelines(json.dumps(case) + "\n" for case in cases(n))


def ours(address: str) -> Runs:
    """Evaluate with this program."""

    def run(n: int, folder: Path) -> dict[str, Any]:
        write_lines(folder / "cases.jsonl", n)
        return _last_line([sys.executable, str(HERE / "our_run.py"), str(folder), address, str(CONNECTIONS)])

    return run


def inspect(address: str) -> Runs:
    """Evaluate with Inspect: its own dataset, solver, scorer and log."""
    python = python_peer("inspect", *INSPECT)

    def run(n: int, folder: Path) -> dict[str, Any]:
        write_lines(folder / "cases.jsonl", n)
        script = [str(python), str(HERE / "inspect_run.py")]
        return _last_line([*script, str(folder / "cases.jsonl"), address, str(CONNECTIONS), str(folder / "logs")])

    return run


def promptfoo(address: str) -> Runs:
    """Evaluate with promptfoo: no cache, no table, results in a file."""
    programs = node_peer("promptfoo", *PROMPTFOO)

    def run(n: int, folder: Path) -> dict[str, Any]:
        provider = {"id": "openai:chat:instant", "config": {"apiBaseUrl": address, "apiKey": "none"}}
        tests = [
            {"vars": {"input": case["input"]}, "assert": [{"type": "equals", "value": case["target"]}]}
            for case in cases(n)
        ]
        suite = {"prompts": ["{{input}}"], "providers": [provider], "tests": tests}
        (folder / "suite.json").write_text(json.dumps(suite))
        quiet = ["--no-cache", "--no-table", "--no-progress-bar", "--no-share"]
        subprocess.run(
            [str(programs / "promptfoo"), "eval", "-c", "suite.json", "-j", str(CONNECTIONS), *quiet, "-o", "out.json"],
            cwd=folder,
            check=True,
            stdout=subprocess.DEVNULL,
            env={
                **os.environ,
                "PATH": f"{programs}:{os.environ['PATH']}",
                "PROMPTFOO_CONFIG_DIR": str(folder / "home"),
                "PROMPTFOO_DISABLE_TELEMETRY": "1",
                "PROMPTFOO_DISABLE_UPDATE": "1",
                "NODE_NO_WARNINGS": "1",
            },
        )
        right = json.loads((folder / "out.json").read_text())["results"]["stats"]["successes"]
        return {"right": right, "versions": dict(spec.split("@") for spec in PROMPTFOO)}

    return run


def _last_line(command: list[str]) -> dict[str, Any]:
    found = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    said: dict[str, Any] = json.loads(found.splitlines()[-1])
    return said


def rate(run: Runs, n: int) -> tuple[float, dict[str, str]]:
    """Return samples a second without the start of the program, and the versions."""
    short, _ = _timed(run, 1)
    long, said = _timed(run, n)
    assert said["right"] == n, f"{said['right']} of {n} samples are right"
    return n / (long - short), said["versions"]


def _timed(run: Runs, n: int) -> tuple[float, dict[str, Any]]:
    """Return the least time of the repeats, and what the last one said."""
    seconds = []
    for _ in range(REPEATS):
        folder = _folder()
        start = perf_counter()
        said = run(n, folder)
        seconds.append(perf_counter() - start)
    return min(seconds), said


def _folder() -> Path:
    return Path(tempfile.mkdtemp(dir=_TEMPORARY.name))


_TEMPORARY = tempfile.TemporaryDirectory(prefix="engine-")


def say(name: str, mine: float, peer: float | None, unit: str, n: int, versions: dict[str, str], **more: Any) -> None:
    """Print one figure."""
    ratio = None if peer is None else round(mine / peer, 1)
    line = {"name": name, "ours": round(mine, 1), "peer": peer and round(peer, 1), "ratio": ratio, "unit": unit}
    print(json.dumps({**line, "n": n, "versions": versions, **more}), flush=True)


def live(quick: bool) -> None:
    """Compare the speed of live evaluation."""
    few = PEERS // 10 if quick else PEERS
    with instant_server() as address:
        mine, versions = rate(ours(address), OURS // 10 if quick else OURS)
        for name, peer, times in (
            ("engine-inspect", inspect(address), TIMES_INSPECT),
            ("engine-promptfoo", promptfoo(address), TIMES_PROMPTFOO),
        ):
            theirs, others = rate(peer, few)
            reached = mine >= TO_REACH and mine >= times * theirs
            goal = {"to_reach": f"{TO_REACH:,} samples/s and {times} times the peer", "reached": reached}
            say(name, mine, theirs, "samples/s", few, {**versions, **others}, **goal)


def long(name: str, sizes: tuple[int, ...], *in_rounds: str) -> None:
    """Measure memory and time of runs of growing size against an async function, dataset and sealing included."""
    first = None
    for n in sizes:
        folder = _folder()
        write_lines(folder / "cases.jsonl", n)
        script = [sys.executable, str(HERE / "our_run.py")]
        said = _last_line([*script, str(folder), "function", str(CONNECTIONS), *in_rounds])
        assert said["right"] == n
        first = first or said["seconds"] / n
        line = said["seconds"] / n / first
        more = {"seconds": round(said["seconds"], 1), "time_per_sample_against_the_smallest": round(line, 2)}
        goal = {"to_reach": MEGABYTES, "reached": said["megabytes"] < MEGABYTES}
        say(name, said["megabytes"], None, "MB at the peak", n, said["versions"], **more, **goal)


def main(arguments: list[str]) -> None:
    """Measure and print."""
    quick = "--quick" in arguments
    with _TEMPORARY:
        live(quick)
        for name, *in_rounds in (["engine-memory"], ["engine-memory-two-rounds", "in-rounds"]):
            long(name, SIZES[:1] if quick else SIZES, *in_rounds)


if __name__ == "__main__":
    main(sys.argv[1:])
