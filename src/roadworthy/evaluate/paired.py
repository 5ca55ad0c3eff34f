"""Two sealed result tables side by side: the same samples in both, added up by independent unit."""

# ruff: noqa: S608 - column names are quoted by quote; nothing else is put into the queries

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roadworthy.evaluate.metrics.metric import Metric, Rate
from roadworthy.evaluate.rate_rows import rate_rows
from roadworthy.evaluate.result_table import check_table, connect_tables, quote
from roadworthy.evaluate.results import ALL, MISSING

if TYPE_CHECKING:
    import duckdb
    import numpy


@dataclass(frozen=True)
class PairedTally:
    """One slice of the samples that two tables share; the arrays hold one entry for each independent unit."""

    rate: str
    label: str
    """`all`, or `race=Caucasian`."""
    first: numpy.ndarray[Any, Any]
    """Sum of the scores of a unit in the first table."""
    second: numpy.ndarray[Any, Any]
    """Sum of the scores of the same samples in the second table."""
    sizes: numpy.ndarray[Any, Any]
    """Samples of a unit that both tables hold."""
    clustered: bool
    errored: int
    """Samples without a score in one of the tables."""

    @property
    def n(self) -> int:
        """Return the number of samples in both tables."""
        return int(self.sizes.sum())

    @property
    def units(self) -> int:
        """Return the number of independent units."""
        return len(self.sizes)


@dataclass(frozen=True)
class Overlap:
    """How many samples two tables share."""

    both: int
    only_first: int
    only_second: int


def overlap(first: Path, second: Path) -> Overlap:
    """Count the samples that both tables hold, and those that one holds alone."""
    with connect_tables(first=first, second=second) as database:
        both = "SELECT count(*) FROM first JOIN second USING (sample, epoch)"
        shared, a, b = (
            int(_one(database, sql)) for sql in (both, "SELECT count(*) FROM first", "SELECT count(*) FROM second")
        )
    return Overlap(shared, a - shared, b - shared)


def shared_columns(first: Path, second: Path) -> tuple[list[str], list[str]]:
    """List the scores and the slices that both tables have, sorted."""
    with connect_tables(first=first, second=second) as database:
        names = [
            {str(row[0]) for row in database.execute(f"DESCRIBE {view}").fetchall()} for view in ("first", "second")
        ]
    both = sorted(names[0] & names[1])
    scores, slices = ([n.removeprefix(kind) for n in both if n.startswith(kind)] for kind in ("score.", "slice."))
    return scores, slices


def paired_tally(
    first: Path,
    second: Path,
    metric: Metric,
    slice_columns: Sequence[str] = (),
    *,
    errored_as: tuple[float, float] | None = None,
) -> list[PairedTally]:
    """Add up a metric over the samples that both tables hold, for the whole or for each value of the columns.

    A row without a score counts as `errored_as`: by default the metric's bad value in both tables. Units and slices
    are those of the second table. Raises EvidenceError as `tally` does.
    """
    bad = errored_as or (metric.bad, metric.bad)
    with connect_tables(first=first, second=second) as database:
        clustered = [
            check_table(database, name, path, metric, slice_columns)
            for name, path in (("first", first), ("second", second))
        ]
        return [
            found for rate in metric.rates for found in _tallies(database, rate, slice_columns, bad, any(clustered))
        ]


def _tallies(
    database: duckdb.DuckDBPyConnection,
    rate: Rate,
    slice_columns: Sequence[str],
    bad: tuple[float, float],
    clustered: bool,
) -> Iterator[PairedTally]:
    import numpy

    keys = [quote(f"slice.{name}") for name in slice_columns]
    listed = "".join(f"b.{key}, " for key in keys)
    sql = f"""SELECT {listed} fsum(a.v) AS first, fsum(b.v) AS second, count(*) AS size, count_if(a.e OR b.e) AS errored
        FROM ({rate_rows(database, "first", rate, [])}) AS a JOIN ({rate_rows(database, "second", rate, keys)}) AS b
        USING (sample, epoch) GROUP BY {listed} b.u ORDER BY {listed} b.u"""
    rows = database.execute(sql, list(bad)).fetchnumpy()
    groups: dict[tuple[str | None, ...], list[int]] = {}
    for at in range(len(rows["size"])):
        key = tuple(value if isinstance(value := rows[f"slice.{name}"][at], str) else None for name in slice_columns)
        groups.setdefault(key, []).append(at)
    for key, members in sorted(groups.items(), key=lambda item: tuple(value or "" for value in item[0])):
        named = zip(slice_columns, key, strict=True)
        yield PairedTally(
            rate=rate.name,
            label=", ".join(f"{name}={value if value is not None else MISSING}" for name, value in named) or ALL,
            first=numpy.asarray(rows["first"])[members].astype(numpy.float64),
            second=numpy.asarray(rows["second"])[members].astype(numpy.float64),
            sizes=numpy.asarray(rows["size"])[members].astype(numpy.int64),
            clustered=clustered,
            errored=int(numpy.asarray(rows["errored"])[members].sum()),
        )


def _one(database: duckdb.DuckDBPyConnection, sql: str) -> int:
    found = database.execute(sql).fetchone()
    return int(found[0]) if found else 0
