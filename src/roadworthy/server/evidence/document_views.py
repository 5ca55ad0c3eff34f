"""Documents of a system: a tab with a form, and downloads."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from roadworthy.core.errors import InputError
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.evidence.documents import MOST, upload
from roadworthy.server.evidence.models import Document
from roadworthy.server.evidence.previewing import document_shown
from roadworthy.server.evidence.sending import send_file
from roadworthy.server.shell.tabs import Tab, add_tab
from roadworthy.server.systems.models import System

SHOWN = 200
"""Documents that the tab lists; the API lists all."""


def add_document_tab() -> None:
    """Add the tab to the page of a system."""
    add_tab("system", Tab("documents", "Documents", Permission.EVIDENCE_READ, draw_documents, 90))


def draw_documents(request: Request, system: System) -> str:
    """Draw the documents of a system and the form for another one."""
    rows = Document.objects.filter(system=system).select_related("blob", "uploaded_by")
    content = {
        "system": system,
        "documents": rows.order_by("-pk")[:SHOWN],
        "may_upload": _reaches(request, Permission.EVIDENCE_UPLOAD, system),
        "may_read": _reaches(request, Permission.EVIDENCE_SENSITIVE, system),
        "most": MOST // 1024**2,
    }
    return render_to_string("evidence/documents_tab.html", content, request)


def upload_document(request: Request, system: str) -> HttpResponse:
    """Take a document from the form."""
    given = request.FILES.get("document")
    if given is None:
        raise InputError("no file was chosen", remedy="Choose a file, then upload it.")
    found = upload(request.actor, system, given, name=given.name or "", size=given.size)
    said = _("Kept under the SHA-256 %(digest)s.") if found.created else _("It was there before: %(digest)s.")
    messages.success(request, said % {"digest": found.document.blob_id})
    return redirect(found.document.subject.url)


def download_document(request: Request, system: str, digest: str) -> HttpResponseBase:
    """Hand out a document as a file, and record who read it."""
    row = document_shown(request.actor, system, digest)
    return send_file(row.blob, row.name)


def _reaches(request: Request, permission: Permission, system: System) -> bool:
    return request.actor.scope(permission).reaches(system.pk, system.product_line_id, system.unit_id)
