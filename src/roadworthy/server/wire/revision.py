"""Revisions: ETag on what is read, If-Match on what is changed, and the row locked and compared."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from roadworthy.server.access.refusals import Changed, Missing, PreconditionNeeded

Row = TypeVar("Row", bound=Model)
IF_MATCH: dict[str, Any] = {
    "parameters": [
        {
            "name": "If-Match",
            "in": "header",
            "required": True,
            "description": "ETag of what is changed, as it was read.",
            "schema": {"type": "string", "pattern": r'^(W/)?"r\d{1,9}"$'},
        }
    ]
}
"""Describes an operation that calls `asked_revision`: `openapi_extra=IF_MATCH`."""
_TAG = re.compile(r'(?:W/)?"r(\d{1,9})"')


def tag(response: HttpResponse, row: Any) -> None:
    """Set the ETag of a row's revision."""
    response["ETag"] = f'"r{row.revision}"'


def asked_revision(request: HttpRequest) -> int:
    """Return the revision that If-Match names; raises PreconditionNeeded without one, Changed for another form."""
    header = request.headers.get("If-Match", "")
    if not header:
        raise PreconditionNeeded(
            "the request does not say which revision it changes", remedy="Send the ETag as If-Match."
        )
    found = _TAG.fullmatch(header.strip())
    if found is None:
        raise Changed("If-Match names no revision of this", remedy="Send the ETag that you were given.")
    return int(found[1])


def found(rows: QuerySet[Row], **key: Any) -> Row:
    """Return one row that needs no further permission than its door; raises Missing when it is not there."""
    row = rows.filter(**key).first()
    if row is None:
        raise Missing(f"there is no such {rows.model._meta.verbose_name}", remedy="Check the address.")
    return row


def locked(rows: QuerySet[Row], revision: int | None, **key: Any) -> Row:
    """Lock one row until the transaction ends, and compare its revision where one is given.

    Raises Missing when there is no such row, Changed when somebody changed it meanwhile.
    """
    row = rows.select_for_update(of=("self",)).filter(**key).first()
    if row is None:
        raise Missing(f"there is no such {rows.model._meta.verbose_name}", remedy="Check the address.")
    if revision is not None:
        same_revision(row, revision)
    return row


def same_revision(row: Any, seen: int) -> None:
    """Raise Changed when a row, locked by the caller, is at another revision than the actor saw."""
    if row.revision != seen:
        raise Changed(
            f"{row} was changed meanwhile: you saw revision {seen}, it is at {row.revision}",
            remedy="Load it again, look at what changed, and make your change anew.",
        )
