"""A list of rows as every page shows it: columns, filters, search, sort, pages by key, CSV.

A page costs a bounded number of queries however many rows there are: rows are found by key (the sort value and primary
key of the last row shown), never by offset, and totals are counted up to a limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render

from roadworthy.server.access.request import Request
from roadworthy.server.shell.export import csv_response
from roadworthy.server.shell.keyset import Key, cut, key_of, make_cursor, ordered, read_cursor
from roadworthy.server.shell.listing_page import COUNTED, ListingPage

__all__ = ["Bulk", "Choice", "Column", "Filter", "Listing", "ListingPage", "make_cursor", "read_cursor"]

PAGE = 50
"""Rows on a page."""
WORDS = 8
"""Words that are looked for."""
LONGEST = 200
"""Characters that are looked for."""


@dataclass(frozen=True)
class Column:
    """A column: how a row fills it, and whether rows can be sorted by it."""

    name: str
    title: str
    value: Callable[[Any], Any]
    """Takes a row; returns text, a number, a time, or safe HTML of a component."""
    sort: str = ""
    """Field or annotation that the database sorts by; without it the column is not sortable. Unknown values (null)
    stand above all others. An index over it and the primary key keeps long lists fast."""
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
    first: Sequence[str] = ()
    """Values that are chosen while the address asks for nothing: no filter, no words, no order."""

    @classmethod
    def on(
        cls, name: str, title: str, choices: Sequence[tuple[str, str]], field_name: str = "", first: Sequence[str] = ()
    ) -> Filter:
        """Filter by equality of a field."""
        column = field_name or name
        chosen = [Choice(*pair) for pair in choices]
        return cls(name, title, chosen, lambda values: Q(**{f"{column}__in": values}), first)

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

    def respond(
        self, request: Request, rows: QuerySet[Any], template: str, extra: Mapping[str, Any] | None = None
    ) -> HttpResponseBase:
        """Answer with the page in a template (as `page`), or with CSV where the query string says `format=csv`."""
        if request.GET.get("format") == "csv":
            return self.csv(request, rows)
        page = self.page(request, rows, exports=True)
        response: HttpResponse = render(request, template, {"page": page, **(extra or {})})
        return response

    def page(self, request: Request, rows: QuerySet[Any], *, exports: bool = False) -> ListingPage:
        """Return the page that the query string asks for. Raises InputError for a cursor that is none of ours."""
        asked = self.asked(request)
        offered = {one.name: list(one.offered(request)) for one in self.filters}
        found, chosen, words = self._found(asked, rows, offered)
        order, back = self._order(asked)
        shown, after, before = cut(found, key_of(found, order), PAGE, asked.get("after", ""), asked.get("before", ""))
        total = found.order_by()[: COUNTED + 1].count()
        if not total and self.pristine(request) and not rows.exists():
            chosen = {}
        return ListingPage(self, request, asked, shown, chosen, words, back, total, after, before, offered, exports)

    def pristine(self, request: Request) -> bool:
        """Tell whether the address asks this list for nothing, so that what is chosen at first counts."""
        own = {"q", "sort", "after", "before", "format", *(one.name for one in self.filters)}
        return own.isdisjoint(request.GET)

    def asked(self, request: Request) -> QueryDict:
        """Return the query string, with what is chosen at first where it asks for nothing."""
        query = request.GET.copy()
        if self.pristine(request):
            for one in self.filters:
                if one.first:
                    query.setlist(one.name, list(one.first))
        return query

    def rows(self, request: Request, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return all rows that the query string asks for, in order."""
        found, key = self._all(request, rows)
        return ordered(found, key)

    def csv(self, request: Request, rows: QuerySet[Any]) -> HttpResponseBase:
        """Answer with all rows that the query string asks for, up to a limit, as CSV."""
        found, key = self._all(request, rows)
        return csv_response(self.name, self.columns, found, key)

    def _all(self, request: Request, rows: QuerySet[Any]) -> tuple[QuerySet[Any], Key]:
        offered = {one.name: list(one.offered(request)) for one in self.filters}
        asked = self.asked(request)
        found, _, _ = self._found(asked, rows, offered)
        return found, key_of(found, self._order(asked)[0])

    def _found(
        self, asked: QueryDict, rows: QuerySet[Any], offered: Mapping[str, Sequence[Choice]]
    ) -> tuple[QuerySet[Any], dict[str, list[str]], str]:
        """Return the rows that filters and words leave, the values that were chosen, and the words."""
        chosen = {}
        for one in self.filters:
            known = {choice.value for choice in offered[one.name]}
            if values := [value for value in dict.fromkeys(asked.getlist(one.name)) if value in known]:
                chosen[one.name] = values
                rows = rows.filter(one.condition(values))
        words = asked.get("q", "").replace("\0", "").strip()[:LONGEST] if self.search else ""
        for word in words.split()[:WORDS]:
            rows = rows.filter(_any(Q(**{lookup: word}) for lookup in self.search))
        return rows, chosen, words

    def _order(self, asked: QueryDict) -> tuple[str, str]:
        for given in (asked.get("sort", ""), self.sort):
            name, sign = given.removeprefix("-"), "-" if given.startswith("-") else ""
            column = next((one for one in self.columns if one.name == name and one.sort), None)
            if column is not None:
                return f"{sign}{column.sort}", given
        return "", ""


def _any(conditions: Iterable[Q]) -> Q:
    found = Q()
    for condition in conditions:
        found |= condition
    return found
