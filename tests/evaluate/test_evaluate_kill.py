"""kill -9 of driver or target at random moments: what comes out is what an undisturbed run gives.

`roadworthy evaluate` and the server are real processes. A run that gets through is compared and thrown away, and the
next one starts from nothing, so that kills hit the start, the asking, the sealing and the signing.
"""

from __future__ import annotations

import hashlib
import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import yaml
from evaluate_project import SYSTEM

KILLS = 50
CASES = 400
EPOCHS = 2
COLUMNS = 'sample, epoch, unit, "slice.colour", status, "score.correct", error, response_digest'


class Server:
    """The target; it can be killed and comes back at the same address."""

    def __init__(self) -> None:
        self.port = 0
        self.start()

    def start(self) -> None:
        script = Path(__file__).parent / "answering_server.py"
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(self.port)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.kill()


def make_project(root: Path, port: int) -> None:
    (root / "evals").mkdir(parents=True)
    (root / "roadworthy.yaml").write_text(yaml.safe_dump(SYSTEM.model_dump(mode="json", exclude_defaults=True)))
    rows = (
        {
            "id": f"c{i:04}",
            "prompt": f"say {i}",
            "expected": str(i if i % 3 else -1),
            "colour": "rb"[i % 2],
            "k": i // 4,
        }
        for i in range(CASES)
    )
    (root / "evals" / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    suite = {
        "suite": "quality",
        "dataset": {"file": "cases.jsonl", "cluster": "k", "slices": ["colour"]},
        "target": {"kind": "openai", "base_url": f"http://127.0.0.1:{port}/v1", "model": "m"},
        "prompt": "{prompt}",
        "epochs": EPOCHS,
        "scorers": [{"id": "correct", "use": "exact_match", "expected": "{expected}"}],
        "metrics": ["task_success_rate"],
        "limits": {"retries": 20, "backoff_seconds": 0.02, "max_wait_seconds": 0.2, "give_up_after": 1000},
    }
    (root / "evals" / "quality.yaml").write_text(yaml.safe_dump(suite))


def case(i: int) -> dict[str, object]:
    expected = str(i if i % 3 else -1)
    return {"id": f"c{i:04}", "prompt": f"say {i}", "expected": expected, "colour": "rb"[i % 2], "k": i // 4}


def driver(root: Path) -> subprocess.Popen[str]:
    code = "import sys; from roadworthy.cli.main import main; sys.exit(main(['evaluate']))"
    return subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def through(root: Path) -> tuple[str, float]:
    """Let the driver get through undisturbed; return the digest of what came out, and how long it took."""
    start = time.monotonic()
    process = driver(root)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    return digest(root), time.monotonic() - start


def digest(root: Path) -> str:
    """Digest what must not depend on when and how often a sample was asked."""
    (table,) = root.glob(".roadworthy/runs/quality/*/results.parquet")
    rows = duckdb.sql(f"SELECT {COLUMNS} FROM '{table}' ORDER BY sample, epoch").fetchall()
    assert len(rows) == CASES * EPOCHS
    return hashlib.sha256(repr(rows).encode()).hexdigest()


@pytest.mark.slow
def test_fifty_kills_at_random_moments_change_nothing(tmp_path: Path, server: Server) -> None:
    make_project(tmp_path / "undisturbed", server.port)
    wanted, seconds = through(tmp_path / "undisturbed")
    root = tmp_path / "killed"
    make_project(root, server.port)
    dice = random.Random(20261124)
    kills = finished = 0
    while kills < KILLS:
        process = driver(root)
        deadline = time.monotonic() + dice.uniform(0.05, 1.1) * seconds
        if dice.random() < 0.4:
            time.sleep(max(0.0, deadline - time.monotonic()) / 2)
            server.kill()
            kills += 1
            time.sleep(dice.uniform(0.0, 0.2))
            server.start()
        try:
            said, _ = process.communicate(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
            continue
        # Samples that found no server within their patience are errored, and asked again by the next run.
        assert process.returncode == 0, said
        if "errored" not in said:
            assert digest(root) == wanted
            finished += 1
            shutil.rmtree(root / ".roadworthy")
    assert through(root)[0] == wanted
    assert finished
