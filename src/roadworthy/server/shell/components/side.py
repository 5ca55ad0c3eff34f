"""The side navigation and the palette: the same on each page for those who may see the same pages."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from roadworthy.server.shell.components.kept import kept
from roadworthy.server.shell.navigation import GROUPS, Page


@kept
def side(pages: tuple[Page, ...], here: str) -> SafeString:
    """Draw the pages by group, in their order; `here` is the address of the one that is open."""
    groups: dict[str, list[dict[str, object]]] = {group: [] for group in GROUPS}
    for page in pages:
        if page.group in groups:
            groups[page.group].append({"page": page, "here": page.url == here})
    shown = {group: entries for group, entries in groups.items() if entries}
    return SafeString(render_to_string("shell/side.html", {"groups": shown}))


@kept
def palette() -> SafeString:
    """Draw the command palette, which is empty until it is asked."""
    return SafeString(render_to_string("shell/palette.html"))
