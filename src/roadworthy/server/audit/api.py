"""The audit trail over the API."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Path, Query, Router

from roadworthy.evidence.audit_chain import Head
from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.audit.models import Entry
from roadworthy.server.audit.schemas import EntriesQuery, EntryOut, HeadOut
from roadworthy.server.audit.search import Wanted, matching
from roadworthy.server.audit.services import tip_head
from roadworthy.server.audit.views import export_answer
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.revision import found

router = Router(tags=["Audit"])
Number = Annotated[int, Path(ge=1, le=2**53)]


@router.get(
    "/audit/entries",
    response=Page[EntryOut],
    url_name="audit_entries",
    operation_id="list_audit_entries",
    summary="List audit entries",
)
def list_entries(request: Request, paging: Query[Paging], wanted: Query[EntriesQuery]) -> dict[str, Any]:
    """List what happened and what was refused, newest first."""
    return paged(matching(Wanted(**wanted.model_dump(exclude_none=True))), paging)


@router.get(
    "/audit/entries/{number}",
    response=EntryOut,
    url_name="audit_entry",
    operation_id="show_audit_entry",
    summary="Show an audit entry",
)
def show_entry(request: Request, number: Number) -> Entry:
    """Show one entry."""
    return found(Entry.objects.all(), number=number)


@router.get(
    "/audit/head",
    response=HeadOut,
    url_name="audit_head",
    operation_id="show_audit_head",
    summary="Show the signed head of the trail",
)
def show_head(request: Request) -> Head:
    """Show the signed end of the trail; whoever keeps it elsewhere can show later that nothing was cut off."""
    head = tip_head()
    if head is None:
        raise Missing("nothing is recorded yet", remedy="Ask again when something has happened.")
    return head


@router.get(
    "/audit/export",
    url_name="audit_export",
    operation_id="export_audit_trail",
    summary="Export the audit trail",
    openapi_extra={
        "responses": {
            200: {
                "description": "One JSON value on each line; `roadworthy verify-audit` checks it offline.",
                "content": {"application/jsonl": {"schema": {"type": "string"}}},
            }
        }
    },
)
def export_trail(
    request: Request, after: Annotated[int, Query(ge=0, le=2**53, description="Begin after this entry.")] = 0
) -> HttpResponse:
    """Export every entry with the signed head and the server's keys."""
    return export_answer(request, after)  # type: ignore[return-value]
