"""Pages of evidence: records, their figures, their samples, two runs side by side, files."""

from __future__ import annotations

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render

from roadworthy.core.errors import InputError, RoadworthyError
from roadworthy.evidence.record import open_record
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.evidence import runs, samples
from roadworthy.server.evidence.facts import facts_of, figures_of
from roadworthy.server.evidence.files import opened, store
from roadworthy.server.evidence.listings import EVIDENCE
from roadworthy.server.evidence.models import Blob, EvidenceRecord
from roadworthy.server.evidence.reading import note_reading


def list_evidence(request: Request) -> HttpResponse:
    """Show the records that the person may see."""
    rows = EvidenceRecord.objects.select_related("system").defer("envelope")
    page = EVIDENCE.page(request, request.actor.visible(rows, Permission.EVIDENCE_READ))
    return render(request, "evidence/list.html", {"page": page})


def show_record(request: Request, digest: str) -> HttpResponse:
    """Show one record: what it says, who signed it, what rests on it."""
    row = _record(request, digest)
    opened_record = open_record(row.envelope.encode(), TrustedKeys.none())
    content = {
        "record": row,
        "facts": facts_of(opened_record.predicate),
        "figures": figures_of(opened_record.predicate),
        "signers": opened_record.signers,
        "may_read": _reaches(request, row),
        "document": Blob.objects.filter(pk=row.document).first() if row.document else None,
    }
    return render(request, "evidence/record.html", content)


def show_samples(request: Request, digest: str) -> HttpResponse:
    """Show the samples of a measurement, by slice and page by page."""
    row = _record(request, digest)
    if not row.results:
        raise Missing("this record holds no samples", remedy="Open a measurement.")
    note_reading(request.actor, row.system, row.subject, "samples")
    asked, problem = request.GET, ""
    with opened(row.results) as table:
        whole = samples.shape(table)
        chosen = {name: asked[f"slice.{name}"] for name in whole.slices if asked.get(f"slice.{name}")}
        wanted = samples.Wanted(
            status=asked.get("status", ""),
            slices=chosen,
            score=asked.get("score", ""),
            low=_share(asked.get("low", "")),
            high=_share(asked.get("high", "")),
            words=asked.get("q", "").strip(),
        )
        try:
            page = samples.sample_page(table, wanted, _row_number(asked.get("after", "")))
            scores, groups = samples.by_slice(table, asked.get("by") or None)
        except InputError as error:
            problem = f"{error.problem[:1].upper()}{error.problem[1:]}. {error.remedy or ''}"
            page = samples.sample_page(table, samples.Wanted())
            scores, groups = samples.by_slice(table)
    content = {
        "record": row,
        "shape": whole,
        "page": page,
        "scores": scores,
        "groups": groups,
        "by": asked.get("by", ""),
        "wanted": wanted,
        "chosen": chosen,
        "statuses": samples.STATUSES,
        "problem": problem,
        "next": _with(request, after=page.next),
    }
    return render(request, "evidence/samples.html", content, status=422 if problem else 200)


def compare(request: Request, digest: str) -> HttpResponse:
    """Compare a measurement with another of the same system, sample by sample."""
    row = _record(request, digest)
    others = EvidenceRecord.objects.filter(system=row.system, suite=row.suite).exclude(pk=row.pk).exclude(results="")
    others = others.defer("envelope").order_by("-made_at")[:50]
    content: dict[str, object] = {"record": row, "others": others, "with": request.GET.get("with", "")}
    if wanted := request.GET.get("with"):
        other = _record(request, wanted)
        note_reading(request.actor, row.system, row.subject, "comparison")
        note_reading(request.actor, other.system, other.subject, "comparison")
        content["other"] = other
        try:
            content["found"], content["rows"] = runs.compared(other, row)
        except RoadworthyError as error:
            content["problem"] = f"{error.problem[:1].upper()}{error.problem[1:]}. {error.remedy or ''}"
    return render(request, "evidence/compare.html", content)


def download_document(request: Request, digest: str) -> HttpResponse | StreamingHttpResponse:
    """Hand out the document of a record: as a file, never as a page of ours."""
    row = _record(request, digest)
    blob = Blob.objects.filter(pk=row.document).first() if row.document else None
    if blob is None:
        raise Missing("the document itself is not kept here", remedy="Ask who signed the record for it.")
    note_reading(request.actor, row.system, row.subject, "document")
    return as_file(blob, blob.name or f"{blob.sha256[:12]}.bin")


def as_file(blob: Blob, name: str) -> StreamingHttpResponse:
    """Answer with a file that no browser opens within our pages."""
    response = StreamingHttpResponse(store().read(blob.sha256), content_type="application/octet-stream")
    response["Content-Length"] = str(blob.size)
    safe = "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in name)[:150]
    response["Content-Disposition"] = f'attachment; filename="{safe.encode("ascii", "replace").decode()}"'
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _record(request: Request, digest: str) -> EvidenceRecord:
    rows = EvidenceRecord.objects.select_related("system__product_line")
    return request.actor.find(rows, Permission.EVIDENCE_READ, digest=digest)


def _reaches(request: Request, row: EvidenceRecord) -> bool:
    system = row.system
    scope = request.actor.scope(Permission.EVIDENCE_SENSITIVE)
    return scope.reaches(system.pk, system.product_line_id, system.unit_id)


def _share(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0.0 <= value <= 1.0 else None


def _row_number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 12 else -1


def _with(request: Request, **changes: object) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query[name] = str(value)
    return f"?{query.urlencode()}"
