"""Measure a suite on a table in a warehouse beside the same suite on the rows: what leaves it, and how fast.

    python bench/warehouse.py [--quick]

The table is a DuckDB file with a million decisions. `ours` counts cells inside it, `peer` is this program reading the
same rows from a Parquet file. Runs itself in the environment of the optional libraries, and makes it where there is
none. Prints a line of JSON.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import yaml

from peers.our_run import SYSTEM
from roadworthy.core.version import VERSION
from roadworthy.declare.system import System
from roadworthy.evaluate.results import tally
from roadworthy.evaluate.run import Run
from roadworthy.evaluate.runner import run_suite
from roadworthy.evaluate.suite import read_suite
from roadworthy.evidence.fingerprint import Fingerprint
from roadworthy.standard.model import Part

ROOT = Path(__file__).resolve().parents[1]
ROWS = 1_000_000
MAKE = """
CREATE TABLE decisions AS
SELECT 'a' || i AS id, 'branch-' || (hash(i) % 40) AS branch, 'region-' || (hash(i) % 5) AS region,
       (hash(i, 1) % 4)::INTEGER AS age_group, hash(i, 2) % 5 = 0 AS defaulted,
       CASE WHEN hash(i, 3) % 500 = 0 THEN NULL ELSE (hash(i, 4) % 1000003) / 1000003.0 END AS score
FROM range({rows}) AS r(i)
"""
SUITE: dict[str, Any] = {
    "suite": "decisions",
    "target": {"kind": "predictions", "label": "defaulted", "score": "score", "threshold": 0.8},
    "metrics": ["false_positive_rate", "accuracy"],
}
COMMON = {"cluster": "branch", "slices": ["region", "age_group"]}


def in_extras(arguments: list[str]) -> None:
    """Start anew in the environment of the optional libraries, unless they are here."""
    if find_spec("ibis") is not None:
        return
    python = ROOT / ".venv-extras" / "bin" / "python"
    if not python.exists():
        subprocess.run(["make", "--quiet", ".venv-extras/.ready"], cwd=ROOT, check=True, stdout=sys.stderr)
    os.execv(python, [str(python), __file__, *arguments])


def measured(folder: Path, dataset: dict[str, Any]) -> tuple[float, Run]:
    """Run the suite on a dataset and return the seconds and the run."""
    path = folder / "decisions.yaml"
    path.write_text(yaml.safe_dump({**SUITE, "dataset": {**dataset, **COMMON}}))
    system = System.model_validate(SYSTEM)
    fingerprint = Fingerprint({part.value: "0" * 64 for part in Part})
    start = perf_counter()
    run = run_suite(read_suite(path), system, fingerprint, root=folder, store=folder / "store")
    return perf_counter() - start, run


def same(first: Run, second: Run) -> bool:
    """Tell whether two runs have the same totals in every slice."""
    for metric in SUITE["metrics"]:
        for columns in ([], ["region"], ["region", "age_group"]):
            for one, two in zip(tally(first.table, metric, columns), tally(second.table, metric, columns), strict=True):
                if one.label != two.label or one.totals.tolist() != two.totals.tolist():
                    return False
    return True


def main(arguments: list[str]) -> None:
    """Measure and print."""
    in_extras(arguments)
    rows = ROWS // 10 if "--quick" in arguments else ROWS
    with tempfile.TemporaryDirectory(prefix="warehouse-") as name:
        folder = Path(name)
        with duckdb.connect(folder / "w.duckdb") as database:
            database.execute(MAKE.format(rows=rows))
            database.execute(f"COPY decisions TO '{folder / 'rows.parquet'}' (FORMAT parquet)")
        table = {"connection_env": "BENCH_WAREHOUSE", "table": "decisions"}
        os.environ["BENCH_WAREHOUSE"] = f"duckdb://{folder / 'w.duckdb'}"
        seconds, counted = measured(folder, {"warehouse": table})
        theirs, read = measured(folder, {"file": "rows.parquet"})
        assert counted.counts == read.counts
        assert same(counted, read)
        line = {
            "name": "warehouse",
            "ours": round(seconds, 2),
            "peer": round(theirs, 2),
            "ratio": round(theirs / seconds, 1),
            "unit": "seconds from table to sealed results",
            "n": rows,
            "versions": {"roadworthy": VERSION, "python": platform.python_version()}
            | {name: version(name) for name in ("duckdb", "ibis-framework")},
            "rows_that_leave": counted.predicate()["settings"]["warehouse"]["cells"],
            "same_numbers": True,
        }
        print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
