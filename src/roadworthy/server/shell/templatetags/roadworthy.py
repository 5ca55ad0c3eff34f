"""Tags of the pages: signs, times, digests."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.html import format_html

from roadworthy.server.shell.listing import Column, Listing

register = template.Library()


@register.filter
def short(digest: str) -> str:
    """Return the first 12 characters of a digest."""
    return str(digest)[:12]


@register.simple_tag
def cell(row: Any, column: Column, listing: Listing) -> Any:
    """Return the content of a cell; the main column links to the row's page."""
    value = column.value(row)
    if column.main and listing.url is not None:
        return format_html('<a href="{}">{}</a>', listing.url(row), value)
    return value
