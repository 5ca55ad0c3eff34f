"""Count a sealed result table for the judge: totals per independent unit, for the whole and for slices."""

# ruff: noqa: S608 - column names are quoted by quote; nothing else is put into the queries

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roadworthy.evaluate.metrics.metric import Metric, Rate
from roadworthy.evaluate.metrics.table import metric_named
from roadworthy.evaluate.rate_rows import rate_rows
from roadworthy.evaluate.result_table import WEIGHT, check_table, columns_of, connect_tables, known_slice, quote

if TYPE_CHECKING:
    import duckdb
    import numpy

RESULTS = "results"
ALL = "all"
MISSING = "(missing)"
"""Written for a slice without a value."""
SlicedBy = tuple[str | None, ...]
_FINE = 2**60
"""Scores are added up as whole multiples of 1 / _FINE, so that no order of the rows changes a sum."""


@dataclass(frozen=True)
class Tally:
    """The scores of one slice, added up by independent unit; identical units are counted once, with how many."""

    rate: str
    """Name of the rate: that of the metric, or one of several that it is the worst of."""
    label: str
    """`all`, `race=Caucasian`, or `race=Asian, sex=Male`."""
    columns: dict[str, str | None]
    """Value of each slice column."""
    totals: numpy.ndarray[Any, Any]
    """Sum of the scores of a unit, rows without a score counted as `errored_as`."""
    sizes: numpy.ndarray[Any, Any]
    """Samples of a unit."""
    counts: numpy.ndarray[Any, Any]
    """How many units have this total and size."""
    n: int
    """Samples, those without a score included."""
    units: int
    clustered: bool
    """Units are clusters of samples; else every sample is a unit."""
    errored: int
    """Samples without a score, in one epoch at least where the epochs of a sample make one value."""
    errored_as: float
    rounds: tuple[Tally, ...] = ()
    """Of a run in two rounds: the same of the samples of the first, and of the units that are whole. Else none."""

    def empty(self) -> Tally:
        """Return the tally of no unit of this slice."""
        import numpy

        nothing = numpy.zeros(0)
        whole = nothing.astype(numpy.int64)
        return replace(self, totals=nothing, sizes=whole, counts=whole, n=0, units=0, errored=0, rounds=())

    @property
    def mean(self) -> float:
        """Return the rate as counted."""
        return float((self.totals * self.counts).sum() / self.n)


def tally(
    table: Path,
    metric: Metric | str,
    slice_columns: Sequence[str] = (),
    *,
    errored_as: float | None = None,
) -> list[Tally]:
    """Count a metric over a sealed table: one Tally for the whole (no columns), or for each value of the columns.

    Rows without a score count as `errored_as`, by default the metric's bad value; for gaps and ratios the bad side
    differs by group, so that a judge asks for both 0 and 1. A metric that is the worst of several rates
    (equalised odds) yields the tallies of each, told apart by `rate`. Tallies come sorted by slice.

    Raises EvidenceError when the table cannot be read, lacks a column, or holds a score that is NaN or outside
    [0, 1].
    """
    known = metric_named(metric) if isinstance(metric, str) else metric
    bad = known.bad if errored_as is None else errored_as
    with connect_tables(results=table) as database:
        clustered = check_table(database, RESULTS, table, known, slice_columns, cells=True)
        slices = _number_slices(database, slice_columns)
        return [
            found for rate in known.rates for found in _tallies(database, rate, slice_columns, slices, bad, clustered)
        ]


def with_rounds(tallies: Sequence[Tally], first: Sequence[Tally], whole: Sequence[Tally]) -> list[Tally]:
    """Add to each tally of a metric of one rate those of its slice in the first round and of units that are whole."""
    rounds = [{item.label: item for item in each} for each in (first, whole)]
    return [replace(item, rounds=tuple(each.get(item.label, item.empty()) for each in rounds)) for item in tallies]


def slice_values(table: Path, column: str) -> list[str | None]:
    """List the values of a slice column, sorted."""
    with connect_tables(results=table) as database:
        known_slice(table, column, columns_of(database, RESULTS))
        rows = database.execute(f"SELECT DISTINCT {quote('slice.' + column)} FROM results ORDER BY 1").fetchall()
    return [value for (value,) in rows]


def _number_slices(database: duckdb.DuckDBPyConnection, slice_columns: Sequence[str]) -> list[SlicedBy]:
    """Make the view `numbered`: the results with the number of their slice, which is quicker to group by than text."""
    if not slice_columns:
        database.execute("CREATE TEMP VIEW numbered AS SELECT *, 0 AS slice FROM results")
        return [()]
    keys = [quote(f"slice.{name}") for name in slice_columns]
    listed, order = ", ".join(keys), ", ".join(f"{key} NULLS FIRST" for key in keys)
    database.execute(
        f"""CREATE TEMP TABLE slices AS SELECT {listed}, row_number() OVER (ORDER BY {order}) - 1 AS slice
            FROM (SELECT DISTINCT {listed} FROM results)"""
    )
    same = " AND ".join(f"results.{key} IS NOT DISTINCT FROM slices.{key}" for key in keys)
    database.execute(f"CREATE TEMP VIEW numbered AS SELECT results.*, slice FROM results JOIN slices ON {same}")
    found: list[SlicedBy] = database.execute(f"SELECT {listed} FROM slices ORDER BY slice").fetchall()
    return found


def _tallies(
    database: duckdb.DuckDBPyConnection,
    rate: Rate,
    slice_columns: Sequence[str],
    slices: Sequence[SlicedBy],
    bad: float,
    clustered: bool,
) -> Iterator[Tally]:
    import numpy

    weighted = WEIGHT in columns_of(database, "numbered")
    sql = _sql(rate_rows(database, "numbered", rate, ["slice"]), clustered=clustered, weighted=weighted)
    rows = {name: numpy.asarray(array) for name, array in database.execute(sql, [bad]).fetchnumpy().items()}
    starts = numpy.searchsorted(rows["slice"], numpy.arange(len(slices) + 1))
    for number, values in enumerate(slices):
        own = {name: array[starts[number] : starts[number + 1]] for name, array in rows.items()}
        order = numpy.lexsort((own["size"], own["total"]))
        own = {name: array[order] for name, array in own.items()}
        if len(own["slice"]):
            yield _tally(rate, dict(zip(slice_columns, values, strict=True)), own, clustered, bad)


def _sql(rows: str, *, clustered: bool, weighted: bool) -> str:
    """Write the query: units from rows, then how many units are alike."""
    units = "SELECT slice, v AS total, 1 AS size, w AS alike, CASE WHEN e THEN w ELSE 0 END AS errored"
    by_unit = ""
    if clustered:
        fine = f"(v * {_FINE})::BIGINT"
        total, size, errored = f"sum({fine})", "count(*)", "count_if(e)"
        if weighted:
            total, size, errored = f"sum({fine}::HUGEINT * w)", "sum(w)", "coalesce(sum(w) FILTER (WHERE e), 0)"
        units = f"SELECT slice, {total}::DOUBLE / {_FINE} AS total, {size} AS size, 1 AS alike, {errored} AS errored"
        by_unit = "GROUP BY slice, u"
    return f"""SELECT slice, total, size::BIGINT AS size, sum(alike)::BIGINT AS alike, sum(errored)::BIGINT AS errored
               FROM ({units} FROM ({rows}) {by_unit}) GROUP BY slice, total, size ORDER BY slice"""


def _tally(rate: Rate, columns: dict[str, str | None], rows: dict[str, Any], clustered: bool, bad: float) -> Tally:
    import numpy

    sizes, counts = rows["size"].astype(numpy.int64), rows["alike"].astype(numpy.int64)
    return Tally(
        rate=rate.name,
        label=", ".join(f"{name}={value if value is not None else MISSING}" for name, value in columns.items()) or ALL,
        columns=columns,
        totals=rows["total"].astype(numpy.float64),
        sizes=sizes,
        counts=counts,
        n=int((sizes * counts).sum()),
        units=int(counts.sum()),
        clustered=clustered,
        errored=int(rows["errored"].sum()),
        errored_as=bad,
    )
