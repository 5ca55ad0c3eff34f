"""The rows of a list: drawn here and not in a template, since a page has hundreds of cells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from roadworthy.server.shell.components.moment import when
from roadworthy.server.shell.listing import Column, ListingPage

_NONE = mark_safe('<span class="soft">–</span>')


def listing_rows(page: ListingPage) -> SafeString:
    """Draw the rows of a page: a box to choose each where something can be done to several, then its cells."""
    listing = page.listing
    begin = '<tr class="opens">' if page.opens else "<tr>"
    cells = [_cell_of(column, listing.url) for column in listing.columns]
    lines = []
    for row in page.rows:
        box = _box(row) if listing.bulk else ""
        lines.append(f"{begin}{box}{''.join([cell(row) for cell in cells])}</tr>")
    return mark_safe("\n".join(lines))  # noqa: S308 (each cell is escaped)


def _box(row: Any) -> SafeString:
    label = _("Choose %(row)s") % {"row": row}
    box = '<td class="pick"><input type="checkbox" name="ids" value="{}" aria-label="{}"></td>'
    return format_html(box, row.pk, label)


def _cell_of(column: Column, url: Callable[[Any], str] | None) -> Callable[[Any], str]:
    """Return what draws the cells of a column; the main column links to the row's page."""
    classes = " ".join(name for name, held in (("number", column.number), ("main", column.main)) if held)
    begin = format_html('<td class="{}" data-label="{}">', classes, column.title)
    if column.main and url is not None:
        return lambda row: f'{begin}<a href="{conditional_escape(url(row))}">{_shown(column.value(row))}</a></td>'
    return lambda row: f"{begin}{_shown(column.value(row))}</td>"


def _shown(value: Any) -> str:
    """Draw times, days and what is not there as everywhere else."""
    if isinstance(value, date):
        return when(value)
    return _NONE if value is None or value == "" else conditional_escape(value)
