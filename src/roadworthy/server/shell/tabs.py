"""Tabs of detail pages: an upper app adds its part to the page of a lower one without being imported by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request


@dataclass(frozen=True)
class Tab:
    """A tab: its content is drawn when it is open, at `?tab=<slug>`."""

    slug: str
    title: str
    permission: Permission
    draw: Callable[[Request, Any], str]
    """Takes the request and the row of the page, returns safe HTML."""
    order: int = 100
    count: Callable[[Any], int] | None = None
    """Number beside the title; one cheap query."""


@dataclass(frozen=True)
class Panel:
    """A block in the right rail of a detail page."""

    slug: str
    permission: Permission
    draw: Callable[[Request, Any], str]
    order: int = 100


_TABS: dict[str, list[Tab]] = {}
_PANELS: dict[str, list[Panel]] = {}


def add_tab(page: str, tab: Tab) -> None:
    """Add a tab to `system`, `release`, ..."""
    if tab not in _TABS.setdefault(page, []):
        _TABS[page].append(tab)


def add_panel(page: str, panel: Panel) -> None:
    """Add a block to the rail of `system`, `release`, ..."""
    if panel not in _PANELS.setdefault(page, []):
        _PANELS[page].append(panel)


def tabs_of(page: str) -> list[Tab]:
    """Return the tabs of a page in their order."""
    return sorted(_TABS.get(page, []), key=lambda tab: (tab.order, tab.title))


def panels_of(page: str) -> list[Panel]:
    """Return the blocks of a page's rail in their order."""
    return sorted(_PANELS.get(page, []), key=lambda panel: (panel.order, panel.slug))
