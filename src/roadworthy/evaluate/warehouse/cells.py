"""Cells: how many rows of a table are alike in every column that is read. The warehouse counts; no row is fetched."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.readers.row import missing_column
from roadworthy.evaluate.template import Template, as_text
from roadworthy.evaluate.warehouse.backend import Expression
from roadworthy.evaluate.warehouse.connection import Warehouse

if TYPE_CHECKING:
    import pyarrow

MOST_CELLS = 1_000_000
ROWS = "roadworthy_rows"
"""Column of the answer: how many rows are alike."""
_ABOVE, _ODD = "roadworthy_above", "roadworthy_odd"
_BATCH = 4096
Scalar = str | int | float | bool | None


@dataclass(frozen=True)
class Question:
    """What is asked of the table."""

    id: Template
    """Unique among the rows that count."""
    columns: frozenset[str]
    """Columns in which rows of a cell are alike."""
    where: Mapping[str, Scalar | list[Scalar]]
    cut: tuple[str, float] | None = None
    """A column of numbers and a threshold: rows of a cell are alike in whether they reach it, not in the number."""


@dataclass(frozen=True)
class Cells:
    """The answer: distinct values with their number of rows."""

    table: pyarrow.Table
    columns: tuple[str, ...]
    rows: int
    """Rows in all cells."""

    def __iter__(self) -> Iterator[tuple[dict[str, Any], int]]:
        """Yield the fields of each cell and its number of rows."""
        for batch in self.table.to_batches(max_chunksize=_BATCH):
            for line in batch.to_pylist():
                yield {name: _plain(line[name]) for name in self.columns}, line[ROWS]

    def named(self) -> dict[str, int]:
        """Return the number of rows of each cell by its name; alike after reading is alike."""
        found: dict[str, int] = {}
        for fields, rows in self:
            name = cell_name(fields)
            found[name] = found.get(name, 0) + rows
        return found


def cell_name(fields: Mapping[str, Any]) -> str:
    """Return a name for the values of a cell, the same in every warehouse."""
    listed = msgspec.json.encode([[name, _writable(fields[name])] for name in sorted(fields)])
    return hashlib.sha256(listed).hexdigest()[:32]


def count_cells(warehouse: Warehouse, question: Question, place: Place | None) -> Cells:
    """Check the ids and count the cells.

    Raises InputError when a column is missing or of a type that warehouses do not compare alike, an id is empty or
    occurs twice, there are more than a million cells, or the table changed between the two looks at it.
    """
    table = warehouse.table()
    columns, cells = cells_of(table, question, place)
    ids = ids_of(table, question, place)
    warehouse.refuse_missing_verbs(cells)
    (seen,) = warehouse.run(ids).to_pylist()
    _refuse_ids(warehouse, table, seen, question, place)
    answer = warehouse.run(cells.limit(MOST_CELLS + 1))
    if answer.num_rows > MOST_CELLS:
        raise InputError(
            f"the columns that are read have more than {MOST_CELLS:,} different rows",
            place=place,
            remedy="Name fewer slices, a coarser cluster, or a view with rounded scores.",
        )
    rows = int(sum(answer[ROWS].to_pylist()))
    if rows != seen["rows"]:
        raise InputError(
            f"the table changed while it was counted: {seen['rows']:,} rows, then {rows:,}",
            place=place,
            remedy="Name a table or a view that stands still.",
        )
    return Cells(answer, columns, rows)


def cells_of(table: Expression, question: Question, place: Place | None) -> tuple[tuple[str, ...], Expression]:
    """Write the expression that counts cells; returns the columns that they are made of as well."""
    columns = tuple(sorted(question.columns))
    read = {name: _comparable(table, name, place) for name in columns}
    kept = _filtered(table, question, place).select(**read)
    cut = question.cut
    if cut is None or not kept[cut[0]].type().is_numeric():
        return columns, kept.group_by(columns).aggregate(**{ROWS: kept.count()})
    name, threshold = cut
    keys = {_ABOVE: kept[name] >= threshold}
    if kept[name].type().is_floating():
        keys[_ODD] = kept[name].isnan() | kept[name].isinf()
    sided = kept.mutate(**keys)
    grouped = sided.group_by([*(column for column in columns if column != name), *keys])
    # Any number of a cell stands for all of them, as only its side of the threshold is read.
    return columns, grouped.aggregate(**{name: sided[name].min(), ROWS: sided.count()})


def ids_of(table: Expression, question: Question, place: Place | None) -> Expression:
    """Write the expression that counts rows, different ids and empty ids."""
    kept = _filtered(table, question, place)
    name = _id(kept, question, place)
    empty = _empty(kept, question)
    return kept.aggregate(rows=kept.count(), ids=name.nunique(), empty=empty.ifelse(1, 0).sum())


def _refuse_ids(
    warehouse: Warehouse, table: Expression, seen: Mapping[str, Any], question: Question, place: Place | None
) -> None:
    if seen["empty"]:
        raise InputError(f"{seen['empty']:,} rows have an empty id", place=place, remedy="Give every row its id.")
    if seen["ids"] == seen["rows"]:
        return
    kept = _filtered(table, question, place)
    kept = kept.select(id=_id(kept, question, place))
    counted = kept.group_by("id").aggregate(**{ROWS: kept.count()})
    first = warehouse.run(counted.filter(counted[ROWS] > 1).order_by("id").limit(1)).to_pylist()
    named = f", such as {as_text(first[0]['id'])!r}" if first else ""
    raise InputError(
        f"{seen['rows'] - seen['ids']:,} of {seen['rows']:,} ids are there already{named}",
        place=place,
        remedy="Ids must be unique; name another column or template under 'id:'.",
    )


def _id(kept: Expression, question: Question, place: Place | None) -> Expression:
    """Write the id as text, as the template has it."""
    import ibis

    parts = [_id_column(kept, name, place) if column else ibis.literal(name) for name, column in question.id.parts]
    whole = parts[0]
    for part in parts[1:]:
        whole = whole.concat(part)
    return whole


def _id_column(kept: Expression, name: str, place: Place | None) -> Expression:
    column = _column(kept, name, place)
    if not (column.type().is_string() or column.type().is_integer()):
        raise InputError(
            f"the id is made of {name!r}, which is {column.type()}",
            place=place,
            remedy="Make the id of columns with text or whole numbers.",
        )
    return column.cast("string")


def _empty(kept: Expression, question: Question) -> Expression:
    import ibis

    empty = ibis.literal(False)
    for name in sorted(question.id.columns):
        column = kept[name]
        empty = empty | column.isnull()
        if column.type().is_string():
            empty = empty | (column.strip() == "")
    return empty


def _filtered(table: Expression, question: Question, place: Place | None) -> Expression:
    for name, wanted in question.where.items():
        texts = {as_text(value) for value in (wanted if isinstance(wanted, list) else [wanted])}
        table = table.filter(_equals(_column(table, name, place), name, texts, place))
    return table


def _equals(column: Expression, name: str, texts: set[str], place: Place | None) -> Expression:
    """Write `as_text(column) in texts` so that every warehouse decides it alike."""
    import ibis

    kind = column.type()
    values: list[str | int | bool]
    if kind.is_string():
        values = sorted(texts)
    elif kind.is_boolean():
        values = [value for value in (False, True) if as_text(value) in texts]
    elif kind.is_integer():
        values = sorted(int(text) for text in texts if text.lstrip("-").isdecimal() and str(int(text)) == text)
    else:
        raise InputError(
            f"'where' compares {name!r}, which is {kind}",
            place=place,
            remedy="Compare text, whole numbers or true and false; else name a view that is filtered already.",
        )
    found = column.isin(values) if values else ibis.literal(False)
    return (found | column.isnull()) if "" in texts else found.fill_null(False)


def _comparable(table: Expression, name: str, place: Place | None) -> Expression:
    """Read a column as text, boolean, whole number or double: what all warehouses tell apart in the same way."""
    column = _column(table, name, place)
    kind = column.type()
    if kind.is_string() or kind.is_boolean() or kind.is_integer():
        return column
    if kind.is_floating() or kind.is_decimal():
        return column.cast("float64")
    raise InputError(
        f"the column {name!r} is {kind}, which warehouses write in different ways",
        place=place,
        remedy="Name a view that gives it as text or as a number.",
    )


def _column(table: Expression, name: str, place: Place | None) -> Expression:
    if name not in table.columns:
        raise missing_column(name, table.columns, place or Place(""))
    return table[name]


def _writable(value: Any) -> Any:
    """Keep NaN and infinity apart from null, as which JSON would write them."""
    return [repr(value)] if isinstance(value, float) and not math.isfinite(value) else value


def _plain(value: Any) -> Any:
    """Take the sign off zero, which some warehouses keep when they count and some do not."""
    return value + 0.0 if isinstance(value, float) else value
