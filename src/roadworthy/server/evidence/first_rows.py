"""The first rows of a table in CSV or Parquet, every cell as text."""

# ruff: noqa: S608 - column names come from the table and are quoted

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from roadworthy.core.errors import EvidenceError
from roadworthy.documents.plain import one_line
from roadworthy.evaluate.result_table import connect_tables, quote

MOST_ROWS = 50
MOST_COLUMNS = 30
LONGEST = 200
"""Characters of a cell."""


@dataclass(frozen=True)
class Rows:
    """The first rows of a table."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    cut: str = ""
    """What is not shown of it, in a sentence."""


def csv_rows(text: str, whole: bool) -> Rows:
    """Return the first rows of CSV; the first line names the columns. Raises EvidenceError for what is none."""
    try:
        found = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)), MOST_ROWS + 2))
    except csv.Error as error:
        raise EvidenceError(f"it cannot be read as CSV: {error}") from error
    if not whole and len(found) <= MOST_ROWS + 1:
        found = found[:-1]  # the last row may be half of one
    if not found:
        raise EvidenceError("it holds no row")
    more = "" if whole and len(found) <= MOST_ROWS + 1 else f"Only the first {MOST_ROWS} rows are shown."
    return _rows(found[0], found[1 : MOST_ROWS + 1], more)


def parquet_rows(path: Path) -> Rows:
    """Return the first rows of Parquet. Raises EvidenceError for what cannot be read."""
    import duckdb

    with connect_tables(t=path) as database:
        try:
            names = [str(row[0]) for row in database.execute("DESCRIBE t").fetchall()]
            shown = ", ".join(f"left({quote(name)}::VARCHAR, {LONGEST + 1})" for name in names[:MOST_COLUMNS])
            found = database.execute(f"SELECT {shown} FROM t LIMIT {MOST_ROWS + 1}").fetchall()
        except duckdb.Error as error:
            raise EvidenceError(f"it cannot be read as Parquet: {str(error).splitlines()[0]}") from error
    more = f"Only the first {MOST_ROWS} rows are shown." if len(found) > MOST_ROWS else ""
    return _rows(names, [["" if cell is None else cell for cell in row] for row in found[:MOST_ROWS]], more)


def _rows(names: list[str], found: list[list[str]], more: str) -> Rows:
    width = min(max([len(names), *map(len, found)]), MOST_COLUMNS)
    if len(names) > MOST_COLUMNS:
        more = f"{more} {len(names) - MOST_COLUMNS} more columns are not shown.".strip()
    cells = [tuple(one_line(cell, LONGEST) for cell in [*row, *[""] * width][:width]) for row in [names, *found]]
    columns = tuple(name or f"column {place}" for place, name in enumerate(cells[0], 1))
    return Rows(columns, tuple(cells[1:]), more)


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)
