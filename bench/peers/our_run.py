"""Evaluate a folder's cases.jsonl with this program; prints one line of JSON.

Run by bench/engine.py in a process of its own: folder, address of a server or `function`, connections, and
`in-rounds` for a run in two rounds that nothing settles, so that every case is asked.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import resource
import sys
from importlib.metadata import version
from pathlib import Path
from time import perf_counter

import yaml

from roadworthy.core.version import VERSION
from roadworthy.declare.system import System
from roadworthy.evaluate.plan import bind
from roadworthy.evaluate.runner import run_suite
from roadworthy.evaluate.running_tally import Look
from roadworthy.evaluate.suite import Suite, read_suite
from roadworthy.evaluate.unit_order import UnitOrder
from roadworthy.evaluate.until_decided import UntilDecided
from roadworthy.evidence.fingerprint import Fingerprint
from roadworthy.standard.model import Part

SYSTEM = {
    "system": "bench",
    "kind": "assistant",
    "purpose": "Says numbers.",
    "owner": {"team": "bench", "contact": "bench@example.org"},
    "users": {"who": ["nobody"]},
    "regions": ["EU"],
    "models": [{"id": "main", "provider": "example", "name": "instant"}],
}
FUNCTION = """async def answer(request):
    text = request["messages"][-1]["content"].rpartition(" ")[2]
    return {"text": text, "model": "instant", "tokens_in": 12, "tokens_out": 3}
"""


def main(folder: Path, address: str, connections: int, in_rounds: bool) -> None:
    """Evaluate and print one line of JSON."""
    if hasattr(os, "sched_setaffinity"):
        # The figure is for one core: DuckDB and Arrow would use others for the sealing.
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    server = {"kind": "openai", "base_url": address, "model": "instant"}
    function = {"kind": "python", "function": "answer.py:answer"}
    suite = {
        "suite": "bench",
        "dataset": {"file": "cases.jsonl"},
        "prompt": "{input}",
        "target": function if address == "function" else server,
        "scorers": [{"id": "correct", "use": "exact_match", "expected": "{target}"}],
        "metrics": ["task_success_rate"],
        "limits": {"concurrency": connections},
    }
    if in_rounds:
        suite["dataset"] = {"file": "cases.jsonl", "cluster": "cluster"}
    (folder / "answer.py").write_text(FUNCTION)
    (folder / "suite.yaml").write_text(yaml.safe_dump(suite))
    start = perf_counter()
    read, system = read_suite(folder / "suite.yaml"), System.model_validate(SYSTEM)
    run = run_suite(
        read,
        system,
        Fingerprint({part.value: "0" * 64 for part in Part}),
        root=folder,
        store=folder / ".roadworthy",
        stopping=unsettled(read, system, folder) if in_rounds else None,
    )
    seconds = perf_counter() - start
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    fast = {"uvloop": version("uvloop")} if importlib.util.find_spec("uvloop") else {}
    said = {
        "right": _right(run.table),
        "seconds": seconds,
        "megabytes": megabytes,
        "versions": {
            "roadworthy": VERSION,
            "python": platform.python_version(),
            "aiohttp": version("aiohttp"),
            **fast,
        },
    }
    print(json.dumps(said))


def unsettled(suite: Suite, system: System, folder: Path) -> UntilDecided:
    """Build a rule of two rounds that counts and looks, and is never settled."""
    looks: list[Look] = [(suite.metrics[0], ())]
    order = UnitOrder.of(bind(suite, system, folder).dataset, [], in_rounds=True)
    assert order.in_rounds
    return UntilDecided(order, suite.epochs, looks, lambda *_: None, slices=(), scores=suite.score_ids)


def _right(table: Path) -> int:
    import duckdb

    found = duckdb.execute('SELECT sum("score.correct") FROM read_parquet(?)', [str(table)]).fetchone()
    return int(found[0]) if found else 0


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), "in-rounds" in sys.argv)
