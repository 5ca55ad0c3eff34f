"""A sealed result table, opened for counting: what it holds, and whether it can be believed."""

# ruff: noqa: S608 - column names are quoted by quote, paths by _quoted; nothing else is put into the queries

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.core.errors import EvidenceError, Place
from roadworthy.core.names import did_you_mean
from roadworthy.evaluate.metrics.metric import Metric

if TYPE_CHECKING:
    import duckdb

WEIGHT = "weight"
"""Column of a table whose rows are cells: how many samples are alike. A table without it has one sample a row."""
ROUND = "round"
"""Column of the table of a run in two rounds: the round in which a sample was asked. Other tables do not have it."""
_NEEDED = frozenset({"sample", "epoch", "unit", "status"})


def connect_tables(**tables: Path) -> duckdb.DuckDBPyConnection:
    """Open sealed tables as views of the given names. Raises EvidenceError when one cannot be read."""
    import duckdb

    database = duckdb.connect(config={"threads": 1, "memory_limit": "384MB"})
    # Column statistics of Parquet leave NaN out, and DuckDB would believe them instead of reading the rows.
    database.execute("SET disabled_optimizers = 'filter_pushdown,statistics_propagation'")
    for name, table in tables.items():
        try:
            database.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet(" + _quoted(table) + ")")
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


def quote(column: str) -> str:
    """Quote a column name: a table from elsewhere may hold any."""
    return '"' + column.replace('"', '""') + '"'


def columns_of(database: duckdb.DuckDBPyConnection, view: str) -> set[str]:
    """Return the names of the columns of an open table."""
    return {str(row[0]) for row in database.execute(f"DESCRIBE {view}").fetchall()}


def check_table(
    database: duckdb.DuckDBPyConnection,
    view: str,
    table: Path,
    metric: Metric,
    slice_columns: Sequence[str],
    *,
    cells: bool = False,
) -> bool:
    """Check that a table opened as `view` can be counted, and tell whether its rows belong to units.

    `cells` lets a row stand for many samples. Raises EvidenceError when the table lacks a column, holds a score that
    is NaN or outside [0, 1], gives units to some rows only, or has too few epochs for the metric.
    """
    columns = columns_of(database, view)
    repeated = any(rate.passes for rate in metric.rates)
    if missing := _NEEDED - columns:
        raise _again(table, f"the result table has no column {min(missing)!r}", "Evaluate the suite again.")
    for name in slice_columns:
        known_slice(table, name, columns)
    _check_scores(columns, table, metric)
    _check_values(database, view, table, metric)
    if WEIGHT in columns:
        _check_cells(database, view, table, metric, allowed=cells)
    elif repeated:
        _check_epochs(database, view, table, metric)
    return _clustered(database, view, table, one_value=repeated)


def known_slice(table: Path, name: str, columns: set[str]) -> None:
    """Raise EvidenceError when the table has no slice of a name."""
    if f"slice.{name}" not in columns:
        slices = [column.removeprefix("slice.") for column in columns if column.startswith("slice.")]
        raise _again(table, f"the result table has no slice {name!r}", did_you_mean(name, slices))


def _check_scores(columns: set[str], table: Path, metric: Metric) -> None:
    for score in sorted(metric.scores):
        if f"score.{score}" not in columns:
            raise _again(
                table,
                f"the result table has no score {score!r}, which {metric.name} reads",
                f"Add a scorer with id {score} to the suite and evaluate it again.",
            )


def _check_values(database: duckdb.DuckDBPyConnection, view: str, table: Path, metric: Metric) -> None:
    whole = {rate.reads for rate in metric.rates if rate.passes}
    for score in sorted(metric.scores):
        column = quote(f"score.{score}")
        wrong = f"isnan({column}) OR {column} < 0 OR {column} > 1"
        _no_row(database, view, table, wrong, f"of score {score!r} are NaN or outside [0, 1]")
        if score in whole:
            _no_row(database, view, table, f"{column} > 0 AND {column} < 1", f"of score {score!r} are neither 0 nor 1")


def _no_row(database: duckdb.DuckDBPyConnection, view: str, table: Path, wrong: str, what: str) -> None:
    if any(database.execute(f"SELECT count_if({wrong}) FROM {view}").fetchone() or ()):
        # Names are read only now: reading those of a million samples takes longer than the check.
        found = database.execute(f"SELECT count(*), min(sample) FROM {view} WHERE {wrong}").fetchone() or (0, None)
        raise _again(
            table,
            f"{found[0]:,} values {what}, the first for {found[1]!r}",
            "Mend the scorer and evaluate the suite again.",
        )


def _check_cells(database: duckdb.DuckDBPyConnection, view: str, table: Path, metric: Metric, *, allowed: bool) -> None:
    if not allowed or any(rate.passes for rate in metric.rates):
        raise _again(
            table,
            f"the rows of the result table are cells of a warehouse, and {metric.name} is wanted sample by sample",
            "Evaluate a dataset whose rows can be read.",
        )
    found = database.execute(f"SELECT count(*) FROM {view} WHERE weight IS NULL OR weight < 1").fetchone()
    if found and found[0]:
        raise _again(table, f"{found[0]:,} cells have no weight of 1 or more", "Evaluate the suite again.")


def _check_epochs(database: duckdb.DuckDBPyConnection, view: str, table: Path, metric: Metric) -> None:
    fewest = f"SELECT count(*) AS n, sample FROM {view} GROUP BY sample ORDER BY n, sample LIMIT 1"
    found = database.execute(fewest).fetchone()
    if found and found[0] < metric.epochs:
        raise _again(
            table,
            f"{metric.name} needs {metric.epochs:,} epochs of every sample, and {found[1]!r} has {found[0]:,}",
            f"Write 'epochs: {metric.epochs}' or more in the suite and evaluate it again.",
        )


def _clustered(database: duckdb.DuckDBPyConnection, view: str, table: Path, *, one_value: bool) -> bool:
    """Tell whether rows belong to units: clusters, or repetitions of a sample. Refuses a mixture.

    With `one_value` the repetitions of a sample make one value, and are no unit of several.
    """
    found = database.execute(f"SELECT count(*), count(unit), max(epoch) FROM {view}").fetchone()
    rows, with_unit, last_epoch = found or (0, 0, 0)
    if with_unit not in (0, rows):
        raise _again(
            table,
            f"{rows - with_unit:,} of {rows:,} rows have no unit while the others do",
            "Evaluate the suite again with a cluster for every case.",
        )
    return bool(with_unit or ((last_epoch or 0) > 0 and not one_value))


def _again(table: Path, problem: str, remedy: str) -> EvidenceError:
    return EvidenceError(problem, place=Place(table), remedy=remedy)
