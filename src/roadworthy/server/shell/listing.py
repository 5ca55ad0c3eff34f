"""A list of rows as every page shows it: columns, filters, search, sort, pages by key, CSV.

A page costs a bounded number of queries however many rows there are: rows are found by key (the sort value and primary
key of the last row shown), never by offset, and totals are counted up to a limit.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import F, Model, Q, QuerySet
from django.http import QueryDict

from roadworthy.core.errors import InputError
from roadworthy.server.access.request import Request

PAGE = 50
"""Rows on a page."""
COUNTED = 10_000
"""Totals beyond this are shown as `more than`."""


@dataclass(frozen=True)
class Column:
    """A column: how a row fills it, and whether rows can be sorted by it."""

    name: str
    title: str
    value: Callable[[Any], Any]
    """Takes a row; returns text, a number, a time, or safe HTML of a component."""
    sort: str = ""
    """Field that the database sorts by; without it the column is not sortable. Must not be null, or say `nulls`."""
    number: bool = False
    """Set in tabular figures, to the right."""
    plain: Callable[[Any], Any] | None = None
    """What CSV holds, where `value` is HTML."""
    main: bool = False
    """The column that names the row and carries its link."""


@dataclass(frozen=True)
class Choice:
    """A value of a filter."""

    value: str
    title: str


@dataclass(frozen=True)
class Filter:
    """A filter by a field with few values."""

    name: str
    title: str
    choices: Sequence[Choice] | Callable[[Request], Sequence[Choice]]
    condition: Callable[[list[str]], Q]
    """Takes the chosen values; returns the condition on rows."""

    @classmethod
    def on(cls, name: str, title: str, choices: Sequence[tuple[str, str]], field_name: str = "") -> Filter:
        """Filter by equality of a field."""
        column = field_name or name
        return cls(name, title, [Choice(*pair) for pair in choices], lambda values: Q(**{f"{column}__in": values}))

    def offered(self, request: Request) -> Sequence[Choice]:
        """Return the values to choose from."""
        return self.choices(request) if callable(self.choices) else self.choices


@dataclass(frozen=True)
class Bulk:
    """Something that can be done to several rows at once; posts `ids` to a URL."""

    name: str
    title: str
    url: str


@dataclass(frozen=True)
class Listing:
    """What a list shows and how it can be asked."""

    name: str
    """Name of the page; saved views belong to it."""
    columns: Sequence[Column]
    filters: Sequence[Filter] = ()
    search: Sequence[str] = ()
    """Fields that the search looks into, for example `title__icontains`."""
    sort: str = ""
    """Name of the column sorted by at first; `-name` for the other way."""
    url: Callable[[Any], str] | None = None
    """Address of a row's page."""
    bulk: Sequence[Bulk] = ()
    empty: str = ""
    """What to do when there is no row at all: a sentence."""
    empty_action: tuple[str, str] | None = None
    """Title and address of what to do then."""

    def page(self, request: Request, rows: QuerySet[Any]) -> ListingPage:
        """Return the page that the query string asks for. Raises InputError for a cursor that is none of ours."""
        asked = request.GET
        chosen = {one.name: asked.getlist(one.name) for one in self.filters if asked.getlist(one.name)}
        words = asked.get("q", "").strip()
        found = self._narrow(rows, chosen, words)
        order, back = self._order(asked)
        keys = [order.lstrip("-"), "pk"] if order else ["pk"]
        down = order.startswith("-")
        shown, more, less = _cut(found, keys, down, asked.get("after", ""), asked.get("before", ""))
        total = found.order_by()[: COUNTED + 1].count()
        return ListingPage(self, request, shown, chosen, words, back, total, more, less)

    def rows(self, request: Request, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return all rows that the query string asks for, in order, for CSV."""
        asked = request.GET
        chosen = {one.name: asked.getlist(one.name) for one in self.filters if asked.getlist(one.name)}
        order, _ = self._order(asked)
        found = self._narrow(rows, chosen, asked.get("q", "").strip())
        return found.order_by(*([order, "-pk" if order.startswith("-") else "pk"] if order else ["pk"]))

    def _narrow(self, rows: QuerySet[Any], chosen: Mapping[str, list[str]], words: str) -> QuerySet[Any]:
        for one in self.filters:
            if one.name in chosen:
                rows = rows.filter(one.condition(chosen[one.name]))
        for word in words.split()[:8]:
            rows = rows.filter(_any(Q(**{lookup: word}) for lookup in self.search))
        return rows

    def _order(self, asked: QueryDict) -> tuple[str, str]:
        given = asked.get("sort", self.sort)
        column = next((one for one in self.columns if one.name == given.lstrip("-") and one.sort), None)
        if column is None:
            column = next((one for one in self.columns if one.name == self.sort.lstrip("-") and one.sort), None)
            given = self.sort
        if column is None:
            return "", ""
        return ("-" if given.startswith("-") else "") + column.sort, given


@dataclass(frozen=True)
class ListingPage:
    """One page of a list, ready to be drawn by `shell/listing.html`."""

    listing: Listing
    request: Request
    rows: list[Any]
    chosen: Mapping[str, list[str]]
    words: str
    sort: str
    total: int
    """Counted up to COUNTED + 1."""
    after: str
    """Cursor of the next page; empty on the last."""
    before: str
    """Cursor of the page before; empty on the first."""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def total_words(self) -> str:
        """Return the number of rows in words."""
        return f"more than {COUNTED:,}" if self.total > COUNTED else f"{self.total:,}"

    @property
    def filtered(self) -> bool:
        """Tell whether anything narrows the list."""
        return bool(self.chosen or self.words)

    def query(self, **changes: str | None) -> str:
        """Return the query string with some keys changed or, with None, taken out; a changed page starts anew."""
        query = self.request.GET.copy()
        for name in ("after", "before"):
            query.pop(name, None)
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = value
        return f"?{query.urlencode()}" if query else "?"


def _any(conditions: Any) -> Q:
    found = Q()
    for condition in conditions:
        found |= condition
    return found


def _cut(rows: QuerySet[Any], keys: list[str], down: bool, after: str, before: str) -> tuple[list[Any], str, str]:
    """Return the rows of the page, and the cursors of the next one and the one before."""
    back = bool(before)
    toward = down != back
    order = [F(key).desc() if toward else F(key).asc() for key in keys]
    if cursor := after or before:
        rows = rows.filter(_beyond(keys, read_cursor(cursor, len(keys)), toward))
    found = list(rows.order_by(*order)[: PAGE + 1])
    more = len(found) > PAGE
    found = found[:PAGE]
    if back:
        found.reverse()
    has_next, has_before = (bool(found), more) if back else (more, bool(after) and bool(found))
    return (
        found,
        make_cursor(found[-1], keys) if has_next else "",
        make_cursor(found[0], keys) if has_before else "",
    )


def _beyond(keys: list[str], values: list[Any], down: bool) -> Q:
    word = "lt" if down else "gt"
    if len(keys) == 1:
        return Q(**{f"{keys[0]}__{word}": values[0]})
    first, second = keys
    return Q(**{f"{first}__{word}": values[0]}) | Q(**{first: values[0], f"{second}__{word}": values[1]})


def make_cursor(row: Model, keys: Sequence[str]) -> str:
    """Write the place of a row as a cursor."""
    values = [_plain(_follow(row, key)) for key in keys]
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def read_cursor(text: str, length: int) -> list[Any]:
    """Read a cursor; raises InputError when it is none of ours."""
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, UnicodeDecodeError):
        values = None
    scalar = isinstance(values, list) and all(isinstance(one, str | int | float) for one in values)
    if not scalar or len(values) != length:
        raise InputError("this cursor is none of ours", remedy="Begin at the first page.")
    return list(values)


def _follow(row: Any, key: str) -> Any:
    for part in key.split("__"):
        row = getattr(row, part)
    return row


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date | datetime) else value
