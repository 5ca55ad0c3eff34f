"""docs/benchmarks.md: speed and memory beside peers, from the lines that `make bench` printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from _generate.markdown import page, table

RESULTS = Path(__file__).resolve().parents[2] / "bench" / "results"
INTRODUCTION = """Each row is one line that a file of `bench/` printed, kept in `bench/results/`. A peer is set up by
the bench itself in an environment of its own, at the version shown, and runs in the same session on the same machine
of two cores. `make bench ONLY=engine` measures anew; on another machine the numbers differ, the ratios less.

How the live engine is measured: one server process answers every chat request at once. Each program gets the same
prompts, scores the answers by equality and stores them. It is started for one sample and for many, and the rate is
that of the many without the start (ours 40,000,
the peers as many as shown). Ours is held to one core; the peers are not. Inspect runs with as many connections
as ours, without display; promptfoo with as many in parallel, without cache and table. The memory of long runs is the
peak of the whole process, with dataset, journal, cache and the sealing of the table, against a function that answers
at once; "two rounds" is a run until decided, in clusters of ten, that nothing settles, so that every case is asked.

How judging is measured: a sealed table of a million samples, all its slices by a criterion, in a process that is
started for it; beside it Inspect, which reads the log of ten thousand samples back. How the warehouse is measured: a
million rows that DuckDB counts, beside the same rows read from a Parquet file and scored one by one.

How the server is measured: `make bench ONLY=server` fills an empty database of PostgreSQL 15 with 10,000 systems,
100,000 releases, 1,000,000 findings (one in ten unsolved), 5,000,000 entries of the audit trail and the facts that
KPIs count: copies, made in the database, of what one real push left. Then 50 people who may see everything ask for
every page and every list of the API in turn, each once a second over a connection of their own; then half of them are
people who see one unit of eight; then half of the findings are unsolved, too. Server (four processes), worker,
database and people share the two cores. A page is slow when its 95th percentile is; p95 of all is that of every
request. The large bundle is made by the real loop and pushed by `roadworthy push`."""


def benchmarks_page() -> str:
    """Write the page."""
    return page("Benchmarks", INTRODUCTION, [_table(path) for path in sorted(RESULTS.glob("*.jsonl"))])


def _table(path: Path) -> str:
    figures = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
    head = ["figure", "n", "ours", "peer", "ratio", "unit", "to reach", "reached", "versions"]
    return f"## {path.stem}\n\n" + table(head, [_row(figure) for figure in figures])


def _row(figure: dict[str, Any]) -> list[str]:
    unit = figure["unit"] + (f", in {figure['seconds']} s" if "seconds" in figure else "")
    versions = ", ".join(f"{name} {version}" for name, version in figure["versions"].items())
    reached = {True: "yes", False: "no", None: ""}[figure.get("reached")]
    numbers = [_number(figure[key]) for key in ("ours", "peer", "ratio")]
    return [
        figure["name"],
        _number(figure["n"]),
        *numbers,
        unit,
        _number(figure.get("to_reach")),
        reached,
        versions,
    ]


def _number(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int | float) else str(value)
