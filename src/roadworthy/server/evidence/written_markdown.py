"""Markdown of somebody else as HTML of ours: no raw HTML, no image, links to the web and mail only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_LEADS_AWAY = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_LOWEST = 6


def markdown_html(text: str) -> SafeString:
    """Return Markdown as HTML whose headings stand below the one of the page, without a gap."""
    parser = _parser()
    tokens = parser.parse(text)
    _set_headings(tokens)
    written: str = parser.renderer.render(tokens, parser.options, {})
    return mark_safe(written)  # noqa: S308 - the parser escapes everything, and knows no raw HTML


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable("table")
    parser.validateLink = lambda url: bool(_LEADS_AWAY.match(url))  # type: ignore[method-assign]
    rules: dict[str, Any] = parser.renderer.rules  # type: ignore[attr-defined]
    rules["image"] = lambda tokens, place, *_: f"[{escape(tokens[place].content)}]"
    rules["table_open"] = lambda *_: '<div class="scroll"><table>'
    rules["table_close"] = lambda *_: "</table></div>"
    return parser


def _set_headings(tokens: Sequence[Token]) -> None:
    """Move headings below the first level of the page; none is more than one below that before it."""
    before = 1
    for token in tokens:
        if token.type == "heading_open":
            before = min(int(token.tag[1]) + 1, before + 1, _LOWEST)
            token.tag = f"h{before}"
        elif token.type == "heading_close":
            token.tag = f"h{before}"
        for inner in token.children or ():
            if inner.type == "link_open":
                inner.attrSet("rel", "noopener noreferrer nofollow")
