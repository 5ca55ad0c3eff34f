"""Tabs and rail of detail pages, as far as the actor may see them."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.shell.tabs import Tab, panels_of
from roadworthy.server.shell.tabs import tabs_of as all_tabs_of


def may_on(actor: Actor, permission: Permission, row: Any) -> bool:
    """Tell whether a permission reaches a row: its system where it belongs to one, anything at all where not."""
    path = getattr(row, "access_path", None)
    if path is None:
        return actor.may(permission)
    system = row
    for part in path.strip("_").split("__") if path else ():
        system = getattr(system, part, None)
    if system is None:
        return actor.may(permission)
    return actor.scope(permission).reaches(system.pk, system.product_line_id, system.unit_id)


def _seen(request: Request, page: str, row: Any) -> list[Tab]:
    return [tab for tab in all_tabs_of(page) if may_on(request.actor, tab.permission, row)]


def tabs_of(request: Request, page: str, row: Any, first: str = "") -> SafeString:
    """Draw the strip of tabs: the page's own part first, then those that apps added; nothing where it is alone."""
    tabs = _seen(request, page, row)
    if not tabs:
        return SafeString("")
    asked = request.GET.get("tab", "")
    open_slug = asked if any(tab.slug == asked for tab in tabs) else ""
    entries = [{"url": request.path, "title": first or _("Overview"), "here": not open_slug, "count": None}]
    for tab in tabs:
        number = tab.count(row) if tab.count is not None else None
        url = f"{request.path}?tab={tab.slug}"
        entries.append({"url": url, "title": tab.title, "here": tab.slug == open_slug, "count": number})
    return SafeString(render_to_string("shell/tabs.html", {"entries": entries}))


def tab_content(request: Request, page: str, row: Any) -> SafeString:
    """Draw the tab that is open; empty on the page's own part."""
    asked = request.GET.get("tab", "")
    for tab in _seen(request, page, row):
        if tab.slug == asked:
            return conditional_escape(tab.draw(request, row))
    return SafeString("")


def rail_of(request: Request, page: str, row: Any) -> SafeString:
    """Draw the blocks that apps added to the rail of a page."""
    drawn = [panel.draw(request, row) for panel in panels_of(page) if may_on(request.actor, panel.permission, row)]
    return format_html_join("", "{}", ((block,) for block in drawn))
