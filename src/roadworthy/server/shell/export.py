"""CSV of a list: streamed by key in bounded memory, its cells safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import html
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.safestring import SafeData

from roadworthy.server.shell.keyset import Key, cut

if TYPE_CHECKING:
    from roadworthy.server.shell.listing import Column

MOST = 100_000
"""Rows of one file."""
CHUNK = 1000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""What spreadsheets take for the beginning of a formula."""


class _Echo:
    """A file that gives back each line."""

    def write(self, line: str) -> str:
        return line


def csv_response(
    name: str, columns: Sequence[Column], rows: QuerySet[Any], key: Key, most: int = MOST
) -> StreamingHttpResponse:
    """Answer with a file of at most `most` rows; a last line says when there are more."""
    response = StreamingHttpResponse(_lines(columns, rows, key, most), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{timezone.localdate().isoformat()}.csv"'
    response["Cache-Control"] = "no-store"
    return response


def _lines(columns: Sequence[Column], rows: QuerySet[Any], key: Key, most: int) -> Iterator[str]:
    line: Callable[[Sequence[Any]], str] = csv.writer(_Echo()).writerow
    yield "\ufeff" + line([column.title for column in columns])
    written, after = 0, ""
    while True:
        found, after, _ = cut(rows, key, min(CHUNK, most - written), after)
        for row in found:
            yield line([cell_text(column, row) for column in columns])
        written += len(found)
        if not after:
            return
        if written >= most:
            yield line([f"There are more than {most:,} rows; narrow the list."])
            return


def cell_text(column: Column, row: Any) -> Any:
    """Return what a cell of the file holds: a number, or text that no spreadsheet takes for a formula."""
    value = column.plain(row) if column.plain is not None else column.value(row)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return timezone.localtime(value).isoformat(timespec="seconds") if timezone.is_aware(value) else str(value)
    if isinstance(value, date):
        return value.isoformat()
    text = html.unescape(strip_tags(str(value))) if isinstance(value, SafeData) else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
