"""Bars: how many requirements have which outcome, and how far something is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from roadworthy.documents.sign import SIGNS
from roadworthy.server.shell.components.chip import status_of
from roadworthy.server.shell.components.icon import sign


def status_bar(counts: Mapping[Any, int], *, words: bool = True) -> SafeString:
    """Draw a stacked bar of outcomes by status, problems first; with `words`, sign, count and word stand under it."""
    given = {status_of(status): number for status, number in counts.items() if number > 0}
    shown = [(SIGNS[status], given[status]) for status in SIGNS if status in given]
    total = sum(number for _sign, number in shown)
    told = ", ".join(f"{number:,} {row.word.lower()}" for row, number in shown) or _("nothing is judged yet")
    pieces, start = [], 0.0
    for row, number in shown:
        width = 100 * number / total
        pieces.append((row.css, round(start, 3), round(width, 3)))
        start += width
    rects = format_html_join("", '<rect class="piece s-{}" x="{}%" width="{}%" height="12"/>', pieces)
    bar = format_html('<svg class="stack" width="100%" height="12" role="img" aria-label="{}">{}</svg>', told, rects)
    if not words:
        return bar
    items = format_html_join(
        "",
        '<li class="s-{}">{}<strong>{}</strong> {}</li>',
        ((row.css, sign(row.css), f"{number:,}", _(row.word).lower()) for row, number in shown),
    )
    return format_html('<div class="stacked">{}<ul class="legend" aria-hidden="true">{}</ul></div>', bar, items)


def progress_bar(done: int, total: int, text: str = "") -> SafeString:
    """Draw how much of something is done."""
    share = round(100 * min(done, total) / total, 2) if total > 0 else 0
    told = text or _("%(done)d of %(total)d") % {"done": done, "total": total}
    return format_html(
        '<svg class="progress" width="100%" height="6" role="img" aria-label="{}">'
        '<rect class="all" width="100%" height="6"/><rect class="done" width="{}%" height="6"/></svg>',
        told,
        share,
    )
