"""Count a sealed result table for the judge: totals per independent unit, for the whole and for slices."""

# ruff: noqa: S608 - column names are quoted by _name, paths by _quoted; nothing else is put into the queries

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from roadworthy.core.errors import EvidenceError, Place
from roadworthy.core.names import did_you_mean
from roadworthy.evaluate.metrics.metric import Metric, Rate
from roadworthy.evaluate.metrics.table import metric_named

if TYPE_CHECKING:
    import duckdb
    import numpy

ALL = "all"
MISSING = "(missing)"
"""Written for a slice without a value."""


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
    """Samples without a score."""
    errored_as: float

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
    with _connect(table) as database:
        columns = _columns(database, table)
        _check(database, table, known, slice_columns, columns)
        clustered = _clustered(database, table)
        return [
            found for rate in known.rates for found in _tallies(database, rate, slice_columns, bad, clustered, columns)
        ]


def slice_values(table: Path, column: str) -> list[str | None]:
    """List the values of a slice column, sorted."""
    with _connect(table) as database:
        _known_slice(table, column, _columns(database, table))
        rows = database.execute(f"SELECT DISTINCT {_name('slice.' + column)} FROM results ORDER BY 1").fetchall()
    return [value for (value,) in rows]


def _connect(table: Path) -> duckdb.DuckDBPyConnection:
    import duckdb

    database = duckdb.connect(config={"threads": 1, "memory_limit": "384MB"})
    try:
        # Column statistics of Parquet leave NaN out, and DuckDB would believe them instead of reading the rows.
        database.execute("SET disabled_optimizers = 'filter_pushdown,statistics_propagation'")
        database.execute("CREATE VIEW results AS SELECT * FROM read_parquet(" + _quoted(table) + ")")
    except duckdb.Error as error:
        database.close()
        raise EvidenceError(
            f"the result table cannot be read: {str(error).splitlines()[0]}",
            place=Place(table),
            remedy="Evaluate the suite again.",
        ) from error
    return database


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _name(column: str) -> str:
    """Quote a column name: a table from elsewhere may hold any."""
    return '"' + column.replace('"', '""') + '"'


def _columns(database: duckdb.DuckDBPyConnection, table: Path) -> set[str]:
    found = {str(row[0]) for row in database.execute("DESCRIBE results").fetchall()}
    if missing := {"sample", "epoch", "unit", "status"} - found:
        raise EvidenceError(
            f"the result table has no column {min(missing)!r}",
            place=Place(table),
            remedy="Evaluate the suite again.",
        )
    return found


def _known_slice(table: Path, name: str, columns: set[str]) -> None:
    if f"slice.{name}" not in columns:
        slices = [column.removeprefix("slice.") for column in columns if column.startswith("slice.")]
        raise EvidenceError(
            f"the result table has no slice {name!r}", place=Place(table), remedy=did_you_mean(name, slices)
        )


def _check(
    database: duckdb.DuckDBPyConnection,
    table: Path,
    metric: Metric,
    slice_columns: Sequence[str],
    columns: set[str],
) -> None:
    for name in slice_columns:
        _known_slice(table, name, columns)
    for score in sorted(metric.scores):
        if f"score.{score}" not in columns:
            raise EvidenceError(
                f"the result table has no score {score!r}, which {metric.name} reads",
                place=Place(table),
                remedy=f"Add a scorer with id {score} to the suite and evaluate it again.",
            )
        column = _name(f"score.{score}")
        wrong = f"isnan({column}) OR {column} < 0 OR {column} > 1"
        sql = f"SELECT count_if({wrong}), min(CASE WHEN {wrong} THEN sample END) FROM results"
        bad = database.execute(sql).fetchone()
        if bad and bad[0]:
            raise EvidenceError(
                f"{bad[0]:,} values of score {score!r} are NaN or outside [0, 1], the first for {bad[1]!r}",
                place=Place(table),
                remedy="Mend the scorer and evaluate the suite again.",
            )


def _clustered(database: duckdb.DuckDBPyConnection, table: Path) -> bool:
    """Tell whether rows belong to units: clusters, or repetitions of a sample. Refuses a mixture."""
    found = database.execute("SELECT count(*), count(unit), max(epoch) FROM results").fetchone()
    rows, with_unit, last_epoch = found or (0, 0, 0)
    if with_unit not in (0, rows):
        raise EvidenceError(
            f"{rows - with_unit:,} of {rows:,} rows have no unit while the others do",
            place=Place(table),
            remedy="Evaluate the suite again with a cluster for every case.",
        )
    return bool(with_unit or (last_epoch or 0) > 0)


def _tallies(
    database: duckdb.DuckDBPyConnection,
    rate: Rate,
    slice_columns: Sequence[str],
    bad: float,
    clustered: bool,
    columns: set[str],
) -> list[Tally]:
    keys = [_name(f"slice.{name}") for name in slice_columns]
    rows = database.execute(_sql(rate, keys, clustered, columns), [bad]).fetchnumpy()
    size = len(rows["total"])
    parts: dict[tuple[str | None, ...], list[int]] = {}
    values = [rows[f"slice.{name}"] for name in slice_columns]
    for at in range(size):
        parts.setdefault(tuple(_text(column, at) for column in values), []).append(at)
    return [
        _tally(rate, slice_columns, key, rows, at, clustered, bad)
        for key, at in sorted(parts.items(), key=lambda item: tuple(v or "" for v in item[0]))
    ]


def _sql(rate: Rate, keys: list[str], clustered: bool, columns: set[str]) -> str:
    """Write the query: value of each row, then units, then how many units are alike."""
    score = f'"score.{rate.reads}"'
    value = f"1 - {score}" if rate.complement else score
    known = f"status <> 'errored' AND {score} IS NOT NULL"
    where = "TRUE"
    if rate.label is not None:
        where += f' AND ("score.label" = {rate.label} OR "score.label" IS NULL)'
    if rate.leaves_out and f"slice.{rate.leaves_out[0]}" in columns:
        where += f""" AND "slice.{rate.leaves_out[0]}" IS DISTINCT FROM '{rate.leaves_out[1]}'"""
    listed = "".join(f"{key}, " for key in keys)
    rows = f"""SELECT {listed} coalesce(unit, sample) AS u, CASE WHEN {known} THEN {value} ELSE ? END AS v,
               NOT ({known}) AS e FROM results WHERE {where}"""
    units = f"SELECT {listed} v AS total, 1 AS size, e::INT AS errored FROM ({rows})"
    if clustered:
        units = f"""SELECT {listed} fsum(v) AS total, count(*) AS size, count_if(e) AS errored
                    FROM ({rows}) GROUP BY {listed} u"""
    return f"""SELECT {listed} total, size, count(*) AS alike, sum(errored)::BIGINT AS errored
               FROM ({units}) GROUP BY {listed} total, size ORDER BY {listed} total, size"""


def _text(column: Any, at: int) -> str | None:
    value = column[at]
    return value if isinstance(value, str) else None


def _tally(
    rate: Rate,
    slice_columns: Sequence[str],
    key: tuple[str | None, ...],
    rows: dict[str, Any],
    at: list[int],
    clustered: bool,
    bad: float,
) -> Tally:
    import numpy

    sizes = numpy.asarray(rows["size"])[at].astype(numpy.int64)
    counts = numpy.asarray(rows["alike"])[at].astype(numpy.int64)
    columns = dict(zip(slice_columns, key, strict=True))
    return Tally(
        rate=rate.name,
        label=", ".join(f"{name}={value if value is not None else MISSING}" for name, value in columns.items()) or ALL,
        columns=columns,
        totals=numpy.asarray(rows["total"])[at].astype(numpy.float64),
        sizes=sizes,
        counts=counts,
        n=int((sizes * counts).sum()),
        units=int(counts.sum()),
        clustered=clustered,
        errored=int(numpy.asarray(rows["errored"])[at].sum()),
        errored_as=bad,
    )
