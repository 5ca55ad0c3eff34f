"""Lists of the API: pages by cursor, newest or by key, never by offset."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from ninja import Field, Schema

from roadworthy.server.shell.listing import make_cursor, read_cursor

Item = TypeVar("Item")


class Page(Schema, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    next: str | None = Field(None, description="Cursor of the next page; null on the last one.")


class Paging(Schema):
    """Where a page begins and how long it is."""

    cursor: str = Field("", description="`next` of the page before; empty for the first page.", max_length=600)
    limit: int = Field(50, ge=1, le=200, description="Items on a page.")


def paged(rows: QuerySet[Any], paging: Paging, *, newest_first: bool = True) -> dict[str, Any]:
    """Return one page, ordered by primary key. Raises InputError for a cursor that is none of ours."""
    if paging.cursor:
        (key,) = read_cursor(paging.cursor, 1)
        rows = rows.filter(**{"pk__lt" if newest_first else "pk__gt": key})
    found = list(rows.order_by("-pk" if newest_first else "pk")[: paging.limit + 1])
    more = len(found) > paging.limit
    found = found[: paging.limit]
    return {"items": found, "next": make_cursor(found[-1], ["pk"]) if more else None}
