"""One page of a list as its template sees it: heads, filters, what narrows it, saved views, addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.http import QueryDict
from django.utils.text import capfirst

from roadworthy.server.access.request import Request
from roadworthy.server.shell.models import SavedView
from roadworthy.server.shell.saved_views import normal_query, views_of

if TYPE_CHECKING:
    from roadworthy.server.shell.listing import Choice, Column, Filter, Listing

ANY = "any"
"""Value of a filter that chooses at first, once a person took away what it chose."""
COUNTED = 10_000
"""Totals beyond this are shown as `more than`."""


@dataclass(frozen=True)
class Head:
    """Head of a column: where a click on it leads, and how rows are sorted by it now."""

    column: Column
    url: str
    """Empty where rows cannot be sorted by it."""
    sorted: str
    """ascending, descending or none, as `aria-sort` has it."""


@dataclass(frozen=True)
class Option:
    """A value of a filter as the bar shows it."""

    choice: Choice
    chosen: bool


@dataclass(frozen=True)
class Menu:
    """A filter as the bar shows it."""

    filter: Filter
    options: list[Option]

    @property
    def number(self) -> int:
        """Return how many values are chosen."""
        return sum(option.chosen for option in self.options)


@dataclass(frozen=True)
class Active:
    """Something that narrows the list, and the address without it."""

    title: str
    value: str
    url: str


@dataclass(frozen=True)
class ViewTab:
    """A saved view above the list."""

    view: SavedView | None
    """None: the list as it is at first."""
    url: str
    here: bool


@dataclass
class ListingPage:
    """One page of a list, ready to be drawn by `shell/listing.html`."""

    listing: Listing
    request: Request
    asked: QueryDict
    """The query string, with what is chosen at first."""
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
    offered: Mapping[str, Sequence[Choice]] = field(default_factory=dict)
    exports: bool = False
    """The view answers `format=csv`."""
    extra: Mapping[str, Any] = field(default_factory=dict)

    @property
    def opens(self) -> bool:
        """Tell whether a row leads to a page of its own."""
        return self.listing.url is not None

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
        query = self.asked.copy()
        for name in ("after", "before", "format", *changes):
            query.pop(name, None)
        for name, value in changes.items():
            if value is not None:
                query[name] = value
        return f"?{query.urlencode()}" if query else self.request.path

    def _without(self, name: str, value: str) -> str:
        query = self.asked.copy()
        left = [one for one in query.getlist(name) if one != value]
        query.setlist(name, left or ([ANY] if self._chooses_first(name) else []))
        for key in ("after", "before", "format"):
            query.pop(key, None)
        return f"?{query.urlencode()}" if query.urlencode() else self.request.path

    @property
    def heads(self) -> list[Head]:
        """Return the heads of the columns; a click on the one sorted by turns the order round."""
        heads = []
        for column in self.listing.columns:
            here = self.sort.removeprefix("-") == column.name
            down = here and self.sort.startswith("-")
            told = ("descending" if down else "ascending") if here else "none"
            turned = column.name if down or not here else f"-{column.name}"
            heads.append(Head(column, self.query(sort=turned) if column.sort else "", told))
        return heads

    @property
    def menus(self) -> list[Menu]:
        """Return the filters with what is chosen."""
        return [self._menu(one) for one in self.listing.filters if self.offered.get(one.name)]

    def _menu(self, one: Filter) -> Menu:
        chosen = self.chosen.get(one.name, ())
        return Menu(one, [Option(choice, choice.value in chosen) for choice in self.offered[one.name]])

    @property
    def active(self) -> list[Active]:
        """Return what narrows the list, each with the address that takes it away."""
        found = [Active("Search", self.words, self.query(q=None))] if self.words else []
        for menu in self.menus:
            name = menu.filter.name
            found += [
                Active(menu.filter.title, capfirst(option.choice.title), self._without(name, option.choice.value))
                for option in menu.options
                if option.chosen
            ]
        return found

    @property
    def clear_url(self) -> str:
        """Return the address of the whole list."""
        return self.query(q=None, **{name: ANY if self._chooses_first(name) else None for name in self.chosen})

    @property
    def starts_narrowed(self) -> bool:
        """Tell whether the list leaves rows out at first."""
        return any(one.first for one in self.listing.filters)

    def _chooses_first(self, name: str) -> bool:
        return any(one.first for one in self.listing.filters if one.name == name)

    @property
    def kept(self) -> list[tuple[str, str]]:
        """Return what the filter bar carries along: the order, and keys of the page that are none of its own."""
        own = {"q", "after", "before", "format", *(one.name for one in self.listing.filters)}
        return [(key, value) for key, values in self.asked.lists() if key not in own for value in values]

    @property
    def after_url(self) -> str:
        """Return the address of the next page."""
        return self.query(after=self.after) if self.after else ""

    @property
    def before_url(self) -> str:
        """Return the address of the page before."""
        return self.query(before=self.before) if self.before else ""

    @property
    def csv_url(self) -> str:
        """Return the address of the list as CSV."""
        return self.query(format="csv")

    @cached_property
    def views(self) -> list[ViewTab]:
        """Return the saved views of the person, after the list as it is at first; empty where none is saved."""
        saved = views_of(self.request.actor, self.listing.name)
        now = normal_query(self.request.GET.urlencode())
        tabs = [ViewTab(None, self.request.path, not now)] if saved else []
        return tabs + [ViewTab(view, f"?{view.query}", view.query == now) for view in saved]

    @property
    def here(self) -> str:
        """Return the query string as a view keeps it."""
        return normal_query(self.asked.urlencode())

    @property
    def path(self) -> str:
        """Return the address to come back to."""
        return self.request.get_full_path()
