"""Measure how long a stored run takes to be judged, beside Inspect reading its own log back.

    python bench/judge.py [--quick]

Judging is what the gate does: check the digest of the table, count the whole, three slices and a pair of slices, put an
interval round each, apply the criterion. Each figure is the least wall time of three processes, imports included. The
peer reads a log that it wrote itself and averages the scores; it is compared by the sample. Prints a line of JSON for
each figure.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import pyarrow
import pyarrow.parquet

from peers.install import python_peer

HERE = Path(__file__).resolve().parent / "peers"
INSPECT = ("inspect-ai==0.3.285", "openai==3.54.0")
"""As in engine.py, so that the environment is shared."""
SAMPLES, PEER_SAMPLES, CLUSTER = 1_000_000, 10_000, 20
RUNS, SECONDS, MEGABYTES = 3, 3.0, 500
KINDS = {
    "independent": "0/1 scores of independent samples",
    "clustered": "scores in sevenths, clusters of 20",
    "clustered-continuous": "scores that all differ, clusters of 20",
}


def write_table(path: Path, kind: str, n: int) -> None:
    """Write a result table with every column that a run has."""
    dice = np.random.default_rng(7)
    clusters = np.arange(n) // CLUSTER
    errored = dice.random(n) < 0.002
    table = {
        "sample": [f"case-{i:07}" for i in range(n)],
        "epoch": pyarrow.array(np.zeros(n, np.int32)),
        "unit": pyarrow.array(
            [None] * n if kind == "independent" else [f"scenario-{c:06}" for c in clusters], pyarrow.string()
        ),
        "slice.language": np.array(["de", "en", "es", "fr"])[dice.integers(0, 4, n)],
        "slice.region": np.array(["APAC", "EU", "US"])[dice.integers(0, 3, n)],
        "slice.topic": np.array([f"topic-{i:02}" for i in range(20)])[dice.integers(0, 20, n)],
        "status": np.where(errored, "errored", "scored"),
        "score.attack_success": pyarrow.array(_scores(kind, n, clusters, dice), mask=errored),
        "error": np.where(errored, "HTTP 500", None),
        "seconds": dice.random(n),
        "tokens_in": dice.integers(1, 999, n),
        "tokens_out": dice.integers(1, 999, n),
        "cost": dice.random(n) / 100,
        "attempts": np.ones(n, np.int32),
        "cached": np.zeros(n, bool),
        "response_digest": [hashlib.sha256(str(i).encode()).hexdigest() for i in range(n)],
    }
    pyarrow.parquet.write_table(pyarrow.table(table), path, compression="zstd", row_group_size=65_536)


def _scores(kind: str, n: int, clusters: np.ndarray[Any, Any], dice: np.random.Generator) -> np.ndarray[Any, Any]:
    if kind == "independent":
        return (dice.random(n) < 0.2).astype(float)
    chance = dice.beta(2, 8, n // CLUSTER + 1)[clusters]
    size = dice.random(n)
    return np.where(dice.random(n) < chance, np.round(size * 7) / 7 if kind == "clustered" else size, 0.0)


def _write_apart(path: Path, kind: str, n: int) -> None:
    """Write a table in a process of its own: a child inherits the peak memory of the process that starts it."""
    writer = get_context("spawn").Process(target=write_table, args=(path, kind, n))
    writer.start()
    writer.join()
    assert writer.exitcode == 0


def least(command: list[str]) -> tuple[float, dict[str, Any]]:
    """Return the least wall time of some runs of a command, and what it said last."""
    seconds, said = float("inf"), {}
    for _ in range(RUNS):
        start = perf_counter()
        output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        seconds = min(seconds, perf_counter() - start)
        said = json.loads(output.splitlines()[-1])
    return seconds, said


def inspect_reads(folder: Path, n: int) -> tuple[float, dict[str, Any]]:
    """Let Inspect make a log and read it back."""
    script = [str(python_peer("inspect", *INSPECT)), str(HERE / "inspect_read.py")]
    log = folder / "log.eval"
    subprocess.run([*script, "make", str(log), str(n)], check=True, stdout=subprocess.DEVNULL)
    return least([*script, "read", str(log), str(n)])


def main(arguments: list[str]) -> None:
    """Measure and print."""
    scale = 10 if "--quick" in arguments else 1
    n, peer_n = SAMPLES // scale, PEER_SAMPLES // scale
    with tempfile.TemporaryDirectory(prefix="judge-") as name:
        folder = Path(name)
        theirs, other = inspect_reads(folder, peer_n)
        for kind, title in KINDS.items():
            table = folder / f"{kind}.parquet"
            _write_apart(table, kind, n)
            digest = hashlib.sha256(table.read_bytes()).hexdigest()
            seconds, said = least([sys.executable, str(HERE / "our_judge.py"), str(table), digest])
            line = {
                "name": f"judge-{kind}",
                "ours": round(seconds / n * 1e6, 2),
                "peer": round(theirs / peer_n * 1e6, 1),
                "ratio": round(theirs / peer_n / (seconds / n)),
                "unit": "microseconds a sample",
                "n": n,
                "versions": {**said["versions"], **other["versions"]},
                "run": title,
                "seconds": round(seconds, 2),
                "cpu_seconds": round(said["cpu_seconds"], 2),
                "megabytes": round(said["megabytes"]),
                "peer_n": peer_n,
                "peer_seconds": round(theirs, 2),
                "peer_megabytes": round(other["megabytes"]),
                "estimates": said["estimates"],
                "to_reach": f"{SECONDS:g} s and {MEGABYTES} MB",
                "reached": seconds < SECONDS and said["megabytes"] < MEGABYTES,
            }
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
