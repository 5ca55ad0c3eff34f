"""Documents of systems over the API."""

from __future__ import annotations

from typing import Annotated, Any

from django.http.response import HttpResponseBase
from ninja import File, Path, Query, Router, Status
from ninja.files import UploadedFile

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.evidence.documents import upload
from roadworthy.server.evidence.models import Document
from roadworthy.server.evidence.preview import Preview
from roadworthy.server.evidence.previewing import document_shown, preview_of
from roadworthy.server.evidence.schemas import DocumentOut, PreviewOut
from roadworthy.server.evidence.sending import send_file
from roadworthy.server.systems.models import System
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.problems import problems

router = Router(tags=["Evidence"])
SystemId = Annotated[str, Path(max_length=64, description="Id of the system.")]
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="SHA-256 of the document.")]


@router.get(
    "/systems/{system}/documents",
    response={200: Page[DocumentOut], **problems(404)},
    url_name="documents",
    operation_id="list_documents",
    summary="List the documents of a system",
)
def list_documents(request: Request, system: SystemId, paging: Query[Paging]) -> dict[str, Any]:
    """List the documents that were uploaded for a system, newest first."""
    row = request.actor.find(System.objects.all(), Permission.EVIDENCE_READ, slug=system)
    return paged(Document.objects.filter(system=row).select_related("system", "blob"), paging)


@router.post(
    "/systems/{system}/documents",
    response={200: DocumentOut, 201: DocumentOut, **problems(404, 413)},
    url_name="documents",
    operation_id="upload_document",
    summary="Upload a document",
)
def upload_document(request: Request, system: SystemId, document: Annotated[UploadedFile, File()]) -> Any:
    """Keep a document. 201 when it is new, 200 when the same content was there; its digest is what statements name."""
    found = upload(request.actor, system, document, name=document.name or "", size=document.size)
    return Status(201 if found.created else 200, found.document)


@router.get(
    "/systems/{system}/documents/{digest}",
    response={200: None, **problems(404)},
    url_name="document",
    operation_id="download_document",
    summary="Download a document",
)
def download_document(request: Request, system: SystemId, digest: Digest) -> HttpResponseBase:
    """Return a document as it was uploaded; every read is recorded."""
    row = document_shown(request.actor, system, digest)
    return send_file(row.blob, row.name)


@router.get(
    "/systems/{system}/documents/{digest}/preview",
    response={200: PreviewOut, **problems(404)},
    url_name="document_preview",
    operation_id="preview_document",
    summary="Preview a document",
)
def preview_document(request: Request, system: SystemId, digest: Digest) -> Preview:
    """Return what the page shows of a document: its beginning as text or as rows; every read is recorded."""
    row = document_shown(request.actor, system, digest)
    return preview_of(row.blob, row.name)
