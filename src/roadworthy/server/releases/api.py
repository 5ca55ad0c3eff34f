"""Releases over the API: push a bundle, read what came of it."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from ninja import Header, Path, Query, Router, Status

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.evidence.models import EvidenceRecord
from roadworthy.server.evidence.reading import note_reading
from roadworthy.server.evidence.schemas import EvidenceOut
from roadworthy.server.evidence.sending import send_file
from roadworthy.server.releases.body import announced_digest, announced_size
from roadworthy.server.releases.document_critique import criticise_documents
from roadworthy.server.releases.models import Release, ReleaseState
from roadworthy.server.releases.receive import receive
from roadworthy.server.releases.remarks import RemarkOut
from roadworthy.server.releases.schemas import ReleaseOut, ShipIn, WithdrawIn
from roadworthy.server.releases.shipping import ship, withdraw
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.problems import problems
from roadworthy.server.wire.revision import IF_MATCH, asked_revision, tag

router = Router(tags=["Releases"])
Id = Annotated[int, Path(ge=1, le=2**63 - 1, description="Number of the release.")]
_BODY = {
    "requestBody": {
        "required": True,
        "description": "The bundle that 'roadworthy gate' wrote.",
        "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
    }
}


def releases() -> Any:
    """Return releases with what is shown of each; without what only their page shows."""
    return Release.objects.select_related("system__product_line", "standard").defer(
        "standard__content", "standard__layer"
    )


@router.post(
    "/bundles",
    response={200: ReleaseOut, 201: ReleaseOut, **problems(411, 413, 422)},
    url_name="bundles",
    operation_id="push_bundle",
    openapi_extra=_BODY,
    summary="Push a bundle",
)
def push_bundle(
    request: Request,
    response: HttpResponse,
    content_digest: Annotated[
        str, Header(alias="Content-Digest", max_length=2000, description="RFC 9530: sha-256=:...:")
    ] = "",
    x_content_sha256: Annotated[
        str, Header(alias="X-Content-SHA256", max_length=64, description="64 hex digits.")
    ] = "",
) -> Any:
    """Receive a bundle as the body of the request. It is replayed here before it is believed.

    201 when it is new, 200 when the same bundle was pushed before.
    """
    digest = announced_digest(content_digest, x_content_sha256)
    found = receive(request.actor, request, declared_digest=digest, declared_size=announced_size(request))
    tag(response, found.release)
    response["Location"] = found.release.subject.url
    return Status(201 if found.created else 200, found.release)


@router.get(
    "/releases",
    response={200: Page[ReleaseOut], **problems(422)},
    url_name="releases",
    operation_id="list_releases",
    summary="List releases",
)
def list_releases(
    request: Request,
    paging: Query[Paging],
    system: Annotated[str, Query(max_length=64, description="Id of a system.")] = "",
    state: ReleaseState | None = None,
    verdict: Annotated[str, Query(max_length=24, description="ship, ship with conditions, or hold.")] = "",
    current: bool | None = None,
) -> dict[str, Any]:
    """List the releases that you may see, newest first."""
    asked = {"system__slug": system, "state": state, "verdict": verdict, "current": current}
    rows = request.actor.visible(releases(), Permission.RELEASE_READ)
    return paged(rows.filter(**{name: value for name, value in asked.items() if value not in ("", None)}), paging)


@router.get(
    "/releases/{release}",
    response={200: ReleaseOut, **problems(404, 422)},
    url_name="release",
    operation_id="show_release",
    summary="Show a release",
)
def show_release(request: Request, response: HttpResponse, release: Id) -> Release:
    """Show one release; its ETag is what a change of it must name."""
    row = _found(request, release)
    tag(response, row)
    return row


@router.get(
    "/releases/{release}/verdict",
    response={200: dict[str, Any], **problems(404, 422)},
    url_name="release_verdict",
    operation_id="show_verdict",
    summary="Show the verdict in full",
)
def show_verdict(request: Request, release: Id) -> HttpResponseBase:
    """Return the verdict in force as canonical JSON: every outcome, with its evidence and its intervals."""
    row = _found(request, release)
    return send_file(row.verdict_blob, media_type="application/json")


@router.get(
    "/releases/{release}/bundle",
    response={200: None, **problems(404, 422)},
    url_name="release_bundle",
    operation_id="download_bundle",
    summary="Download the bundle",
)
def download_bundle(request: Request, release: Id) -> HttpResponseBase:
    """Return the newest bundle of a release, for 'roadworthy verify'; the read is recorded."""
    row = request.actor.find(releases(), Permission.EVIDENCE_SENSITIVE, pk=release)
    note_reading(request.actor, row.system, row.subject, "bundle")
    return send_file(row.resealed or row.bundle)


@router.get(
    "/releases/{release}/evidence",
    response={200: Page[EvidenceOut], **problems(404, 422)},
    url_name="release_evidence",
    operation_id="list_release_evidence",
    summary="List what a release rests on",
)
def list_release_evidence(
    request: Request,
    paging: Query[Paging],
    release: Id,
    requirement: Annotated[str, Query(max_length=64, description="Only what this requirement rests on.")] = "",
) -> dict[str, Any]:
    """List the records that the outcomes of a release rest on, each once."""
    row = _found(request, release)
    links = row.rests_on.filter(requirement=requirement) if requirement else row.rests_on.all()
    rows = EvidenceRecord.objects.filter(pk__in=links.values("record")).select_related("system").defer("envelope")
    return paged(rows, paging)


@router.get(
    "/releases/{release}/critique",
    response={200: list[RemarkOut], **problems(404)},
    url_name="release_critique",
    operation_id="criticise_release_documents",
    summary="Criticise the documents of a release",
)
def criticise_release(request: Request, release: Id) -> Any:
    """Say what the documents of a release lack, the gravest first, each with what would settle it."""
    return criticise_documents(_found(request, release))


@router.post(
    "/releases/{release}/shipping",
    response={200: ReleaseOut, **problems(404, 409, 412, 422, 428)},
    url_name="release_shipping",
    operation_id="ship_release",
    openapi_extra=IF_MATCH,
    summary="Record that a release was shipped",
)
def ship_release(request: Request, response: HttpResponse, release: Id, given: ShipIn) -> Release:
    """Record that a release was shipped to environments. 409 unless it is cleared for each of them now."""
    revision = asked_revision(request)
    row = ship(request.actor, release, environments=given.environments, note=given.note, revision=revision)
    tag(response, row)
    return row


@router.post(
    "/releases/{release}/withdrawal",
    response={200: ReleaseOut, **problems(404, 409, 412, 422, 428)},
    url_name="release_withdrawal",
    operation_id="withdraw_release",
    openapi_extra=IF_MATCH,
    summary="Record that a release was withdrawn",
)
def withdraw_release(request: Request, response: HttpResponse, release: Id, given: WithdrawIn) -> Release:
    """Record that a release was withdrawn, with the reason."""
    row = withdraw(request.actor, release, reason=given.reason, revision=asked_revision(request))
    tag(response, row)
    return row


def _found(request: Request, pk: int) -> Release:
    row: Release = request.actor.find(releases(), Permission.RELEASE_READ, pk=pk)
    return row
