"""Evidence over the API."""

from __future__ import annotations

from typing import Annotated, Any

from ninja import Path, Query, Router

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.evidence import samples
from roadworthy.server.evidence.files import opened
from roadworthy.server.evidence.models import EvidenceRecord
from roadworthy.server.evidence.preview import Preview
from roadworthy.server.evidence.previewing import preview_of, record_shown
from roadworthy.server.evidence.reading import note_reading
from roadworthy.server.evidence.schemas import EvidenceOut, PreviewOut, RecordWhole, SampleOut, SamplesOut, SliceOut
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.problems import problems

router = Router(tags=["Evidence"])
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="Digest of the record.")]
Name = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")]


@router.get("/evidence", response=Page[EvidenceOut], url_name="evidence", summary="List evidence")
def list_evidence(
    request: Request,
    paging: Query[Paging],
    system: Annotated[str, Query(max_length=64, pattern=r"^[^\x00]*$", description="Only of this system.")] = "",
    kind: Annotated[str, Query(max_length=16, pattern=r"^[^\x00]*$", description="Only of this kind.")] = "",
) -> dict[str, Any]:
    """List the records that you may see, newest first."""
    rows = request.actor.visible(EvidenceRecord.objects.select_related("system"), Permission.EVIDENCE_READ)
    rows = rows.filter(system__slug=system) if system else rows
    return paged((rows.filter(kind=kind) if kind else rows).defer("envelope"), paging)


@router.get(
    "/evidence/{digest}",
    response={200: RecordWhole, **problems(404)},
    url_name="record",
    summary="Show a record with its envelope",
)
def show_record(request: Request, digest: Digest) -> EvidenceRecord:
    """Show one record with its signed envelope, which anybody can verify."""
    return _record(request, digest)


@router.get(
    "/evidence/{digest}/samples",
    response={200: SamplesOut, **problems(404)},
    url_name="record_samples",
    summary="List the samples of a measurement",
)
def list_samples(
    request: Request,
    digest: Digest,
    after: Annotated[int, Query(ge=-1, le=2**40, description="`next` of the page before.")] = -1,
    status: Annotated[str, Query(max_length=16, pattern=r"^[^\x00]*$")] = "",
    slice: Annotated[str, Query(max_length=100, pattern=r"^[^\x00]*$", description="Name of a slice.")] = "",
    value: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="Its value.")] = "",
) -> dict[str, Any]:
    """List samples, 50 at a time; every read is recorded."""
    row = _record(request, digest)
    note_reading(request.actor, row.system, row.subject, "samples")
    wanted = samples.Wanted(status=status, slices={slice: value} if slice else None)
    with opened(_results(row)) as table:
        page = samples.sample_page(table, wanted, after)
    return {"items": [SampleOut(**item) for item in page.rows], "next": page.next}


@router.get(
    "/evidence/{digest}/preview",
    response={200: PreviewOut, **problems(404)},
    url_name="record_preview",
    summary="Preview the document of a record",
)
def preview_record(request: Request, digest: Digest) -> Preview:
    """Return what the page shows of the document that a record names; every read is recorded."""
    row, blob = record_shown(request.actor, digest)
    return preview_of(blob, blob.name or row.title)


@router.get(
    "/evidence/{digest}/slices",
    response={200: list[SliceOut], **problems(404)},
    url_name="record_slices",
    summary="Add up a measurement by a slice",
)
def list_slices(request: Request, digest: Digest, by: Name = "") -> list[dict[str, Any]]:
    """Return n, errors and mean scores by the values of a slice, or of the whole."""
    row = _record(request, digest)
    with opened(_results(row)) as table:
        scores, found = samples.by_slice(table, by or None)
    return [
        {
            "value": one.value,
            "n": one.n,
            "units": one.units,
            "errored": one.errored,
            "means": dict(zip(scores, one.means, strict=True)),
        }
        for one in found
    ]


def _record(request: Request, digest: str) -> EvidenceRecord:
    rows = EvidenceRecord.objects.select_related("system__product_line")
    return request.actor.find(rows, Permission.EVIDENCE_READ, digest=digest)


def _results(row: EvidenceRecord) -> str:
    if not row.results:
        raise Missing("this record holds no samples", remedy="Ask for a measurement.")
    return row.results
