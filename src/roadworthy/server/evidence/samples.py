"""Look into a sealed result table: its slices, and its samples page by page, without holding it in memory."""

# ruff: noqa: S608 - column names come from the table and are quoted; values are parameters

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roadworthy.core.errors import InputError
from roadworthy.core.names import did_you_mean
from roadworthy.evaluate.result_table import columns_of, connect_tables, quote

PAGE = 50
"""Samples on a page."""
MOST_VALUES = 60
"""Values of a slice that are shown."""
STATUSES = ("scored", "errored", "unscored")
_SHOWN = ("sample", "epoch", "unit", "status", "error", "seconds", "tokens_in", "tokens_out", "cost", "response_digest")


@dataclass(frozen=True)
class Shape:
    """What a table holds."""

    rows: int
    errored: int
    units: int
    """Independent units; 0 where none is declared."""
    slices: tuple[str, ...]
    scores: tuple[str, ...]


@dataclass(frozen=True)
class SliceRow:
    """One value of a slice, or the whole."""

    value: str
    n: int
    units: int
    errored: int
    means: tuple[float | None, ...]
    """Mean of each score over the scored samples; for looking around, not for judging."""


@dataclass(frozen=True)
class Wanted:
    """Which samples are looked for."""

    status: str = ""
    slices: Mapping[str, str] | None = None
    score: str = ""
    low: float | None = None
    """Only samples whose `score` is at least this."""
    high: float | None = None
    words: str = ""
    """Part of the sample's id."""


@dataclass(frozen=True)
class SamplePage:
    """Some samples, in the order of the table."""

    rows: tuple[dict[str, Any], ...]
    next: int | None
    """Row after which the next page begins."""


def shape(table: Path) -> Shape:
    """Count a table and list its columns. Raises EvidenceError when it cannot be read."""
    with connect_tables(t=table) as database:
        columns = sorted(columns_of(database, "t"))
        found = database.execute(
            "SELECT count(*), count_if(status <> 'scored'), count(DISTINCT unit) FROM t"
        ).fetchone()
    rows, errored, units = found or (0, 0, 0)
    return Shape(rows, errored, units, _after("slice.", columns), _after("score.", columns))


def by_slice(table: Path, name: str | None = None) -> tuple[tuple[str, ...], list[SliceRow]]:
    """Add up the scores by the values of a slice, largest first, or for the whole; return their names, too.

    Raises InputError for a slice that the table does not have.
    """
    with connect_tables(t=table) as database:
        columns = columns_of(database, "t")
        scores = _after("score.", sorted(columns))
        if name is not None and f"slice.{name}" not in columns:
            raise InputError(
                f"there is no slice {name!r}", remedy=did_you_mean(name, _after("slice.", sorted(columns)))
            )
        value = "'all'" if name is None else f"coalesce({quote(f'slice.{name}')}, 'none')"
        means = ", ".join(f"avg({quote(f'score.{score}')}) FILTER (status = 'scored')" for score in scores)
        rows = database.execute(
            f"SELECT {value} AS v, count(*) AS n, count(DISTINCT unit), count_if(status <> 'scored')"
            f"{', ' if means else ''}{means} FROM t GROUP BY v ORDER BY n DESC, v LIMIT {MOST_VALUES}"
        ).fetchall()
    return scores, [SliceRow(str(row[0]), row[1], row[2], row[3], tuple(row[4:])) for row in rows]


def sample_page(table: Path, wanted: Wanted, after: int = -1) -> SamplePage:
    """Return the samples that are looked for, from the row after `after`.

    Raises InputError for a slice, score or status that does not exist.
    """
    with connect_tables(t=table) as database:
        columns = columns_of(database, "t")
        where, values = _conditions(wanted, columns)
        shown = [name for name in _SHOWN if name in columns]
        shown += [name for name in sorted(columns) if name.startswith(("slice.", "score."))]
        # The row number is the place in the file: a page far back costs what the first does.
        source = f"read_parquet(?, file_row_number = true) WHERE file_row_number > ?{where}"
        listed = ", ".join(quote(name) for name in shown)
        rows = database.execute(
            f"SELECT file_row_number, {listed} FROM {source} ORDER BY file_row_number LIMIT {PAGE + 1}",
            [str(table), after, *values],
        ).fetchall()
    found = tuple(_row(shown, row[1:]) for row in rows[:PAGE])
    return SamplePage(found, int(rows[PAGE - 1][0]) if len(rows) > PAGE else None)


def _conditions(wanted: Wanted, columns: set[str]) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    if wanted.status:
        if wanted.status not in STATUSES:
            raise InputError(f"there is no status {wanted.status!r}", remedy=did_you_mean(wanted.status, STATUSES))
        parts.append("status = ?")
        values.append(wanted.status)
    for name, value in (wanted.slices or {}).items():
        parts.append(f"{_known('slice', name, columns)} = ?")
        values.append(value)
    if wanted.score:
        column = _known("score", wanted.score, columns)
        for bound, sign in ((wanted.low, ">="), (wanted.high, "<=")):
            if bound is not None:
                parts.append(f"{column} {sign} ?")
                values.append(bound)
    if wanted.words:
        parts.append("contains(lower(sample), ?)")
        values.append(wanted.words.lower())
    return "".join(f" AND {part}" for part in parts), values


def _known(kind: str, name: str, columns: set[str]) -> str:
    if f"{kind}.{name}" not in columns:
        raise InputError(f"there is no {kind} {name!r}", remedy=did_you_mean(name, _after(f"{kind}.", sorted(columns))))
    return quote(f"{kind}.{name}")


def _after(lead: str, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.removeprefix(lead) for name in columns if name.startswith(lead))


def _row(names: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    row = dict(zip(names, values, strict=True))
    return {
        **{name: row.get(name) for name in _SHOWN},
        "slices": {name.removeprefix("slice."): value for name, value in row.items() if name.startswith("slice.")},
        "scores": {name.removeprefix("score."): value for name, value in row.items() if name.startswith("score.")},
    }
