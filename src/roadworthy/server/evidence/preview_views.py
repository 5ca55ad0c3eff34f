"""Pages that show a document without downloading it. Every read is recorded as a download is."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.request import Request
from roadworthy.server.evidence.models import Blob, Document, EvidenceRecord
from roadworthy.server.evidence.previewing import document_shown, preview_of, record_shown
from roadworthy.server.evidence.sending import show_picture
from roadworthy.server.systems.models import System

USED = 50
"""Records that are listed as naming a document."""


@dataclass(frozen=True)
class Shown:
    """A document as its page needs it."""

    blob: Blob
    name: str
    system: System
    download: str
    picture: str
    above: tuple[str, str]
    """Title and address of the page that it belongs to."""


def preview_document(request: Request, system: str, digest: str) -> HttpResponse:
    """Show a document that was uploaded for a system."""
    row = document_shown(request.actor, system, digest)
    return _page(request, _of_document(row))


def picture_of_document(request: Request, system: str, digest: str) -> StreamingHttpResponse:
    """Answer with an image that was uploaded for a system."""
    return _picture(_of_document(document_shown(request.actor, system, digest)))


def preview_record(request: Request, digest: str) -> HttpResponse:
    """Show the document of a record."""
    return _page(request, _of_record(*record_shown(request.actor, digest)))


def picture_of_record(request: Request, digest: str) -> StreamingHttpResponse:
    """Answer with the image that a record names."""
    return _picture(_of_record(*record_shown(request.actor, digest)))


def _of_document(row: Document) -> Shown:
    key = {"system": row.system.slug, "digest": row.blob_id}
    download, picture = (reverse(f"documents:{name}", kwargs=key) for name in ("download", "picture"))
    return Shown(row.blob, row.name, row.system, download, picture, (row.system.title, row.subject.url))


def _of_record(row: EvidenceRecord, blob: Blob) -> Shown:
    download, picture = (reverse(f"evidence:{name}", args=[row.digest]) for name in ("document", "picture"))
    return Shown(blob, blob.name or row.title, row.system, download, picture, (row.title, row.subject.url))


def _page(request: Request, shown: Shown) -> HttpResponse:
    named = EvidenceRecord.objects.filter(system=shown.system, document=shown.blob.pk).defer("envelope")
    used = request.actor.visible(named, Permission.EVIDENCE_READ)[:USED]
    content = {"shown": shown, "preview": preview_of(shown.blob, shown.name), "used": used}
    return render(request, "evidence/preview.html", content)


def _picture(shown: Shown) -> StreamingHttpResponse:
    found = preview_of(shown.blob, shown.name).picture
    if found is None:
        raise Missing("this document is no image that is shown", remedy="Download it.")
    return show_picture(shown.blob, found.media_type)
