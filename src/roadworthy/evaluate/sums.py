"""What the tables of a run add up to: counts, usage, times, models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roadworthy.evaluate.budget import Usage
from roadworthy.evaluate.record_book import RecordBook
from roadworthy.evaluate.result_table import WEIGHT


@dataclass(frozen=True)
class Talk:
    """What the transcripts say of the whole run."""

    first: int | None
    """Seconds since 1970 when the oldest answer was given."""
    last: int | None
    models: tuple[str, ...]


def count_statuses(table: Path) -> dict[str, int]:
    """Count the samples of a sealed table by status."""
    return _count_samples(table, "status")


def count_errors(table: Path) -> dict[str, int]:
    """Count the samples of a sealed table by the error that they ended in; those without one are left out."""
    return _count_samples(table, "error")


def _count_samples(table: Path, column: str) -> dict[str, int]:
    columns = _query("DESCRIBE SELECT * FROM read_parquet(?)", str(table))
    samples = f"sum({WEIGHT})" if WEIGHT in {name for name, *_ in columns} else "count(*)"
    sql = f"SELECT {column}, {samples} FROM read_parquet(?) WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY 1"  # noqa: S608
    return {str(value): int(count) for value, count in _query(sql, str(table))}


def sum_usage(book: RecordBook) -> Usage:
    """Add up calls, tokens and cost of every row on disk, those of failed attempts included."""
    usage = Usage()
    paths = [str(path) for path in book.parts.paths()]
    if paths:
        sql = """SELECT sum(attempts), count_if(cached), sum(tokens_in) FILTER (WHERE NOT cached),
                 sum(tokens_out) FILTER (WHERE NOT cached), sum(cost) FROM read_parquet(?)"""
        calls, cached, tokens_in, tokens_out, cost = _query(sql, paths)[0]
        usage = Usage(int(calls or 0), int(cached or 0), _whole(tokens_in), _whole(tokens_out), cost)
    for row in book.waiting:
        usage.calls += row.attempts
        usage.cached += row.cached
        if not row.cached:
            usage.add(row.tokens_in, row.tokens_out, row.cost)
    return usage


def read_talk(directory: Path) -> Talk:
    """Read times and models from the transcripts of a run."""
    paths = [str(path) for path in sorted(directory.glob("transcripts-*.parquet"))]
    if not paths:
        return Talk(None, None, ())
    first, last = _query("SELECT min(asked_at), max(asked_at) FROM read_parquet(?)", paths)[0]
    models = _query("SELECT DISTINCT model FROM read_parquet(?) WHERE model IS NOT NULL ORDER BY model", paths)
    return Talk(_whole(first), _whole(last), tuple(str(model) for (model,) in models))


def _query(sql: str, files: str | list[str]) -> list[tuple[Any, ...]]:
    import duckdb

    with duckdb.connect(config={"threads": 1, "memory_limit": "256MB"}) as database:
        found: list[tuple[Any, ...]] = database.execute(sql, [files]).fetchall()
    return found


def _whole(value: Any) -> int | None:
    return None if value is None else int(value)
