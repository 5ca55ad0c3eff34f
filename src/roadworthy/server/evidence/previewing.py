"""Read a document in order to show it: who may, does, and it is recorded."""

from __future__ import annotations

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Missing
from roadworthy.server.evidence.files import opened
from roadworthy.server.evidence.models import Blob, Document, EvidenceRecord
from roadworthy.server.evidence.preview import Preview, PreviewKind, preview
from roadworthy.server.evidence.reading import note_reading


def document_shown(actor: Actor, system: str, digest: str) -> Document:
    """Return a document that was uploaded for a system, and record that it is read."""
    rows = Document.objects.select_related("system__product_line", "blob")
    row = actor.find(rows, Permission.EVIDENCE_SENSITIVE, system__slug=system, blob_id=digest)
    note_reading(actor, row.system, row.subject, "document")
    return row


def record_shown(actor: Actor, digest: str) -> tuple[EvidenceRecord, Blob]:
    """Return a record and the document that it names, and record that it is read. Raises Missing where none is kept."""
    rows = EvidenceRecord.objects.select_related("system__product_line").defer("envelope")
    row = actor.find(rows, Permission.EVIDENCE_READ, digest=digest)
    blob = Blob.objects.filter(pk=row.document).first() if row.document else None
    if blob is None:
        raise Missing("the document itself is not kept here", remedy="Ask who signed the record for it.")
    note_reading(actor, row.system, row.subject, "document")
    return row, blob


def preview_of(blob: Blob, name: str) -> Preview:
    """Return what can be shown of a file."""
    with opened(blob.sha256) as path:
        return preview(path, name)


def text_of(blob: Blob) -> str | None:
    """Return the beginning of a file as text, for rules that read it and show nothing of it; None for what has none."""
    found = preview_of(blob, blob.name)
    return found.text if found.kind in {PreviewKind.TEXT, PreviewKind.MARKDOWN, PreviewKind.JSON} else None
