"""Findings over the API."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router
from ninja.responses import Status

from roadworthy.server.access.request import Request
from roadworthy.server.findings import closing, comments, services
from roadworthy.server.findings.listing import seen
from roadworthy.server.findings.models import UNSOLVED, Comment, Finding
from roadworthy.server.findings.schemas import (
    AcceptanceIn,
    ClosureIn,
    CommentIn,
    CommentOut,
    FindingChange,
    FindingDetail,
    FindingIn,
    FindingOut,
    OptionalId,
)
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.revision import IF_MATCH, asked_revision, tag

router = Router(tags=["Findings"])
Key = Annotated[int, Path(ge=1, le=2**53)]


@router.get(
    "/findings",
    response=Page[FindingOut],
    url_name="findings",
    operation_id="list_findings",
    summary="List findings",
)
def list_findings(
    request: Request,
    paging: Query[Paging],
    system: OptionalId = "",
    requirement: OptionalId = "",
    state: Literal["", "open", "in progress", "closed", "accepted"] = "",
    severity: Literal["", "critical", "high", "medium", "low"] = "",
    overdue: bool = False,
) -> dict[str, Any]:
    """List the findings that you may see, newest first."""
    given = {"system__slug": system, "requirement": requirement, "state": state, "severity": severity}
    rows = seen(request.actor).defer(None).select_related("closed_by_evidence")
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    if overdue:
        rows = rows.filter(state__in=UNSOLVED, due__lte=timezone.now())
    return paged(rows, paging)


@router.post(
    "/findings",
    response={201: FindingDetail},
    url_name="findings",
    operation_id="file_finding",
    summary="File a finding",
)
def file_finding(request: Request, response: HttpResponse, given: FindingIn) -> Status[Any]:
    """File a finding of a person or a red team."""
    row = services.file_finding(request.actor, services.Filed(**given.dict()))
    tag(response, row)
    return Status(201, row)


@router.get(
    "/findings/{finding}",
    response=FindingDetail,
    url_name="finding",
    operation_id="show_finding",
    summary="Show a finding",
)
def show_finding(request: Request, response: HttpResponse, finding: Key) -> Finding:
    """Show one finding with its rounds."""
    row = services.find(request.actor, finding)
    tag(response, row)
    return row


@router.patch(
    "/findings/{finding}",
    response=FindingDetail,
    url_name="finding",
    operation_id="change_finding",
    summary="Change a finding",
    openapi_extra=IF_MATCH,
)
def change_finding(request: Request, response: HttpResponse, finding: Key, given: FindingChange) -> Finding:
    """Change what a finding says, who owns it, and whether somebody works on it; all of it or nothing."""
    row = _changed(request, finding, asked_revision(request), given.dict(exclude_unset=True))
    tag(response, row)
    return row


@router.get(
    "/findings/{finding}/comments",
    response=Page[CommentOut],
    url_name="finding_comments",
    operation_id="list_comments",
    summary="List the comments on a finding",
)
def list_comments(request: Request, finding: Key, paging: Query[Paging]) -> dict[str, Any]:
    """List what people said about a finding, the newest first."""
    return paged(comments.comments_of(request.actor, finding), paging)


@router.post(
    "/findings/{finding}/comments",
    response={201: CommentOut},
    url_name="finding_comments",
    operation_id="comment_on_finding",
    summary="Comment on a finding",
)
def comment_on_finding(request: Request, finding: Key, given: CommentIn) -> Status[Any]:
    """Say something about a finding; its owner and whoever is mentioned are told."""
    return Status(201, comments.comment(request.actor, finding, given.text))


@router.post(
    "/findings/{finding}/comments/{comment}/retraction",
    response=CommentOut,
    url_name="finding_comment_retraction",
    operation_id="retract_comment",
    summary="Retract a comment",
)
def retract_comment(request: Request, finding: Key, comment: Key) -> Comment:
    """Mark a comment of your own as retracted; its text stays."""
    return comments.retract(request.actor, finding, comment)


@router.post(
    "/findings/{finding}/closure",
    response=FindingDetail,
    url_name="finding_closure",
    operation_id="close_finding",
    summary="Close a finding",
    openapi_extra=IF_MATCH,
)
def close_finding(request: Request, response: HttpResponse, finding: Key, given: ClosureIn) -> Finding:
    """Close a finding by naming the release or the record of evidence that shows it mended."""
    revision = asked_revision(request)
    row = closing.close(request.actor, finding, revision, given.reason, release=given.release, evidence=given.evidence)
    tag(response, row)
    return row


@router.post(
    "/findings/{finding}/acceptance",
    response=FindingDetail,
    url_name="finding_acceptance",
    operation_id="accept_finding",
    summary="Accept the risk of a finding",
    openapi_extra=IF_MATCH,
)
def accept_finding(request: Request, response: HttpResponse, finding: Key, given: AcceptanceIn) -> Finding:
    """Accept the risk of a finding until a moment, in a role that the standard names. A token holds no role."""
    row = closing.accept(request.actor, finding, asked_revision(request), given.reason, given.until)
    tag(response, row)
    return row


@transaction.atomic
def _changed(request: Request, pk: int, revision: int, given: dict[str, Any]) -> Finding:
    actor = request.actor
    row = services.locked(actor, pk, revision)
    said = {name: given[name] for name in ("title", "detail", "severity") if given.get(name) is not None}
    if said:
        now = {"title": row.title, "detail": row.detail, "severity": row.severity}
        row = services.edit_finding(actor, pk, row.revision, **{**now, **said})
    if "owner" in given and given["owner"] != row.owner_id:
        row = services.assign(actor, pk, row.revision, given["owner"])
    if given.get("state") not in {None, row.state}:
        move = services.start if given["state"] == "in progress" else services.stop
        row = move(actor, pk, row.revision)
    return row
