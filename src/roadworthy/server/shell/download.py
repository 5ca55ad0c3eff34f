"""A list as a CSV file: all rows that the page's filters leave, streamed, harmless to spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from roadworthy.server.access.request import Request
from roadworthy.server.shell.listing import Column, Listing

MOST = 100_000
"""Rows of a file."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class _Echo:
    """Hands back what is written to it."""

    @staticmethod
    def write(text: str) -> str:
        return text


def csv_file(listing: Listing, request: Request, rows: QuerySet[Any]) -> StreamingHttpResponse:
    """Return the rows of a list as a file to keep."""
    found = listing.rows(request, rows)[:MOST].iterator(chunk_size=2000)
    response = StreamingHttpResponse(_lines(listing, found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{listing.name}.csv"'
    return response


def _lines(listing: Listing, rows: Iterator[Any]) -> Iterator[str]:
    writer = csv.writer(_Echo)  # type: ignore[arg-type]
    yield writer.writerow([column.title for column in listing.columns])  # type: ignore[misc]
    for row in rows:
        yield writer.writerow([plain_cell(_value(row, column)) for column in listing.columns])  # type: ignore[misc]


def _value(row: Any, column: Column) -> Any:
    return (column.plain or column.value)(row)


def plain_cell(value: Any) -> str:
    """Write a value as text that no spreadsheet takes for a formula."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not isinstance(value, int | float) else text
