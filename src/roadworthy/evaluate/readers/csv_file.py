"""CSV with a header line; only the named columns are read."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.readers.lines import decode, read_lines
from roadworthy.evaluate.readers.row import MAX_LINE_BYTES, Row, missing_column


def read_csv(path: Path, columns: frozenset[str] | None) -> Iterator[Row]:
    """Yield rows as text by column name (RFC 4180; quoted line breaks allowed, unequal rows refused).

    A column that occurs twice in the header is an error only when it is named.
    """
    csv.field_size_limit(MAX_LINE_BYTES)
    rows = csv.reader((decode(path, number, line) for number, line in read_lines(path)), strict=True)
    try:
        header = next(rows, [])
        wanted = _positions(path, header, columns)
        for row in rows:
            if not row:
                continue
            if len(row) != len(header):
                raise InputError(
                    f"the row has {len(row)} fields, the header {len(header)}",
                    place=Place(path, rows.line_num),
                    remedy="Check the separators and the quotes of this row.",
                )
            yield rows.line_num, {name: row[at] for name, at in wanted}
    except csv.Error as error:
        raise InputError(
            f"this is not valid CSV: {error}",
            place=Place(path, rows.line_num),
            remedy="Quote fields that hold separators, quotes or line breaks; double a quote inside.",
        ) from error


def _positions(path: Path, header: list[str], columns: frozenset[str] | None) -> list[tuple[str, int]]:
    place = Place(path, 1)
    names = list(dict.fromkeys(header)) if columns is None else sorted(columns)
    for name in names:
        if name not in header:
            raise missing_column(name, header, place)
        if header.count(name) > 1:
            raise InputError(
                f"the column {name!r} occurs {header.count(name)} times in the header",
                place=place,
                remedy="Rename or drop one of them.",
            )
    return [(name, header.index(name)) for name in names]
