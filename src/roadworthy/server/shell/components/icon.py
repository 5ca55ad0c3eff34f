"""The icons: strokes on a grid of 16, drawn in place so that a fragment of a page carries its own."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

ICONS: dict[str, str] = {
    "add": "M8 3v10M3 8h10",
    "alert": "M8 2.5 14.5 13.5h-13zM8 6.5v3.2M8 11.6v.2",
    "approve": "M2.5 13.5h11M4.5 13.5v-2.2h7v2.2M6.4 11.3 6 7.6a2.6 2.6 0 1 1 4 0l-.4 3.7",
    "arrow-down": "M8 3v10M4.2 9.2 8 13l3.8-3.8",
    "arrow-left": "M13 8H3M6.8 4.2 3 8l3.8 3.8",
    "arrow-right": "M3 8h10M9.2 4.2 13 8l-3.8 3.8",
    "arrow-up": "M8 13V3M4.2 6.8 8 3l3.8 3.8",
    "assessments": "M2.5 2.5h11v11h-11zM6.2 2.5v11M9.8 2.5v11M2.5 6.2h11M2.5 9.8h11",
    "audit": "M3 2.5h10v11H3zM5.5 5.5h5M5.5 8h5M5.5 10.5h3",
    "authority": "M8 2.5v11M5 13.5h6M3 5h10M3 5 1.5 9h3zM13 5l-1.5 4h3z",
    "board": "M2.5 2.5h3v11h-3zM6.5 2.5h3v7h-3zM10.5 2.5h3v9h-3z",
    "bookmark": "M4 2.5h8v11L8 10.4 4 13.5z",
    "calendar": "M2.5 3.5h11v10h-11zM2.5 6.5h11M5.5 2v3M10.5 2v3",
    "check": "M3 8.5 6.5 12 13 4.5",
    "chevron-down": "M4 6l4 4 4-4",
    "chevron-right": "M6 4l4 4-4 4",
    "clock": "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 4.5V8l2.5 1.8",
    "close": "M4 4l8 8M12 4l-8 8",
    "comment": "M2.5 3h11v8H7.2L4.5 13.5V11h-2z",
    "controls": "M2.5 4.5 3.6 5.6 5.6 3.2M8 4.5h5.5M2.5 10.8l1.1 1.1 2-2.4M8 10.8h5.5",
    "copy": "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
    "decisions": "M3 13.5 9.2 7.3M7.2 3.2l5.6 5.6M5.7 4.7 8.7 1.7M11.3 10.3l3-3M9 13.5h5",
    "delete": "M3 4.5h10M6 4.5v-2h4v2M4.5 4.5l.6 9h5.8l.6-9M6.8 7v4M9.2 7v4",
    "device": "M2 3h12v8H2zM6 13.5h4M8 11v2.5",
    "download": "M8 2.5v7.5M4.8 7 8 10.2 11.2 7M3 13.5h10",
    "edit": "M3 13h2.4L13 5.4 10.6 3 3 10.6zM9 4.6 11.4 7",
    "evidence": "M4 1.8h5.5L12.5 5v9.2H4zM9.3 1.8v3.4h3.2M6 8.5h4.5M6 11h3",
    "exceptions": "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM3.6 12.4l8.8-8.8",
    "external": "M9.5 2.5h4v4M13.5 2.5 7.5 8.5M11.5 9.5v4h-9v-9h4",
    "filter": "M2.5 4h11M4.5 8h7M6.5 12h3",
    "findings": "M3.5 14V2.5M3.5 3h9l-2 3 2 3h-9",
    "graph": "M2 6.5h3.5v3H2zM10.5 2.5H14v3h-3.5zM10.5 10.5H14v3h-3.5zM5.5 8h2.5M8 4v8M8 4h2.5M8 12h2.5",
    "home": "M2.5 7.5 8 2.5l5.5 5M4 6.5v7h8v-7",
    "inbox": "M2.5 9 4.2 3h7.6l1.7 6v4h-11zM2.5 9H6l.8 1.6h2.4L10 9h3.5",
    "info": "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 7.4v3.8M8 4.8V5",
    "intake": "M3 2.5h10v11H3zM5.5 5.5h5M5.5 8h2M8 11.2h2.8M9.4 9.8v2.8",
    "jobs": "M8 1.8a6.2 6.2 0 1 1-5.8 4M2 2.2v3.6h3.6M8 4.8V8l2.2 1.6",
    "key": "M10.5 2.5a3 3 0 1 1 0 6 3 3 0 0 1-2.4-1.2L2.5 13v.5H5V12h1.5v-1.5H8L8.8 8",
    "kpis": "M2.5 13.5h11M2.5 10.5 6 7l2.5 2.5 5-6M13.5 6V3.5H11",
    "leave": "M9.5 2.5h-6v11h6M7 8h7M11.2 5.2 14 8l-2.8 2.8",
    "link": "M6.8 9.2a2.6 2.6 0 0 0 3.7 0l2.3-2.3a2.6 2.6 0 0 0-3.7-3.7l-.8.8"
    "M9.2 6.8a2.6 2.6 0 0 0-3.7 0L3.2 9.1a2.6 2.6 0 0 0 3.7 3.7l.8-.8",
    "lock": "M3.5 7h9v6.5h-9zM5.3 7V5a2.7 2.7 0 0 1 5.4 0v2",
    "menu": "M2.5 4h11M2.5 8h11M2.5 12h11",
    "moon": "M13 9.6A5.6 5.6 0 0 1 6.4 3a5.4 5.4 0 1 0 6.6 6.6z",
    "more": "M3.4 8h.2M7.9 8h.2M12.4 8h.2",
    "people": "M6 2.8a2.4 2.4 0 1 1 0 4.8 2.4 2.4 0 0 1 0-4.8zM1.8 13.2c0-2.4 1.8-3.8 4.2-3.8s4.2 1.4 4.2 3.8"
    "M10.4 3.2a2.2 2.2 0 0 1 0 4M12 9.8c1.4.5 2.2 1.7 2.2 3.4",
    "person": "M8 2.5a2.7 2.7 0 1 1 0 5.4 2.7 2.7 0 0 1 0-5.4zM3 13.5c0-2.6 2.2-4.1 5-4.1s5 1.5 5 4.1",
    "portfolio": "M2.5 13.5h11M4 13.5V8.5h2v5M7 13.5v-10h2v10M10 13.5v-7h2v7",
    "questions": "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM6.2 6.3A1.9 1.9 0 1 1 8 8.4v.8M8 11.2v.2",
    "releases": "M2.5 5.2 8 2.4l5.5 2.8v5.6L8 13.6l-5.5-2.8zM2.5 5.2 8 8l5.5-2.8M8 8v5.6",
    "roles": "M8 1.8 13 3.8v3.7c0 3.2-2.2 5.4-5 6.7-2.8-1.3-5-3.5-5-6.7V3.8zM5.8 8l1.6 1.6L10.4 6",
    "scope": "M2.5 2.5h4v4h-4zM9.5 2.5h4v4h-4zM2.5 9.5h4v4h-4zM9.5 9.5h4v4h-4z",
    "search": "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9zM10.4 10.4l3.6 3.6",
    "settings": "M2.5 4.5h6M11.5 4.5h2M2.5 11.5h2M7.5 11.5h6M10 3v3M6 10v3",
    "sort": "M5 3v10M2.8 10.8 5 13l2.2-2.2M11 13V3M8.8 5.2 11 3l2.2 2.2",
    "standards": "M3 2.8h4A1.6 1.6 0 0 1 8 4v9.5a1.8 1.8 0 0 0-1.4-.7H3z"
    "M13 2.8H9A1.6 1.6 0 0 0 8 4v9.5a1.8 1.8 0 0 1 1.4-.7H13z",
    "style": "M8 1.8a6.2 6.2 0 1 0 0 12.4c1.4 0 1.2-1.2.8-1.9-.5-1 .2-1.8 1.2-1.8h1.8"
    "c1.3 0 2.4-1 2.4-2.4C14.2 4.5 11.4 1.8 8 1.8z"
    "M5 8.2v.2M6.4 5v.2M9.8 4.8V5",
    "sun": "M8 5.2a2.8 2.8 0 1 1 0 5.6 2.8 2.8 0 0 1 0-5.6zM8 1.2v1.3M8 13.5v1.3M1.2 8h1.3M13.5 8h1.3"
    "M3.2 3.2l.9.9M11.9 11.9l.9.9M3.2 12.8l.9-.9M11.9 4.1l.9-.9",
    "systems": "M2.5 3h11v3.6h-11zM2.5 9.4h11V13h-11zM5 4.8h.2M5 11.2h.2M8 6.6v2.8",
    "table": "M2.5 3h11v10h-11zM2.5 6.3h11M6.2 6.3V13",
    "token": "M3 5.5h10v5H3zM6 5.5v5M8.3 8h2.4",
    "upload": "M8 10.5V3M4.8 6 8 2.8 11.2 6M3 13.5h10",
    "webhooks": "M4.5 9a2.2 2.2 0 1 0 1.9 3.3H11M9.8 5.6 12 9.4a2.2 2.2 0 1 1-1 3M6.2 8.6 8.4 4.9a2.2 2.2 0 1 0-3-1.4",
    "work": "M2.5 5.5h11v8h-11zM5.8 5.5v-3h4.4v3M2.5 9h11",
}
"""Path of each icon."""

_SYMBOL = re.compile(r'<symbol id="sign-([a-z-]+)" viewBox="0 0 16 16">(.*?)</symbol>')


@cache
def icon(name: str) -> SafeString:
    """Draw an icon; it is decoration, so that words must stand beside it or in a label."""
    if name not in ICONS:
        raise KeyError(f"there is no icon {name!r}; there are: {', '.join(ICONS)}")
    return format_html('<svg class="icon" viewBox="0 0 16 16" aria-hidden="true"><path d="{}"/></svg>', ICONS[name])


@cache
def _signs() -> dict[str, SafeString]:
    """Read the signs of outcomes from where the reports have them."""
    text = (files("roadworthy.documents") / "templates" / "signs.svg.j2").read_text(encoding="utf-8")
    return {name: mark_safe(shape) for name, shape in _SYMBOL.findall(text)}  # noqa: S308 (a file of ours)


@cache
def sign(name: str) -> SafeString:
    """Draw the sign of an outcome, by its name in the style sheet: `met`, `not-met`, ..."""
    return format_html('<svg class="sign" viewBox="0 0 16 16" aria-hidden="true">{}</svg>', _signs()[name])
