"""The side navigation as a table: groups, pages, and the permission without which a page is not shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.urls import reverse

from roadworthy.server.access.permissions import Permission


@dataclass(frozen=True)
class Page:
    """An entry of the navigation."""

    group: str
    title: str
    view: str
    """Name of its URL, for example `systems:list`."""
    permission: Permission | None = None
    order: int = 100
    """Place within the group."""
    icon: str = ""
    """A name of `shell.components.icon.ICONS`."""

    @cached_property
    def url(self) -> str:
        """Return its address."""
        return reverse(self.view)


GROUPS = ("Work", "Systems", "Decide", "Standards", "Record", "Administration")
"""Groups in their order."""
MENU = "You"
"""Pages of this group stand in the menu of the person instead."""
_PAGES: list[Page] = []


def show(pages: Iterable[Page]) -> None:
    """Add pages to the navigation; each app does so in `ready()`."""
    for page in pages:
        if page.group not in (*GROUPS, MENU):
            raise ValueError(f"the navigation has no group {page.group!r}")
        if page not in _PAGES:
            _PAGES.append(page)


def pages() -> list[Page]:
    """Return every page in its order."""
    groups = (*GROUPS, MENU)
    return sorted(_PAGES, key=lambda page: (groups.index(page.group), page.order, page.title))
