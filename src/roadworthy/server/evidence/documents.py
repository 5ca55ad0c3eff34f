"""Upload a document for a system: kept by content, named by its digest in what people sign."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Refused, TooLarge
from roadworthy.server.audit.services import record
from roadworthy.server.evidence.files import name_files, store
from roadworthy.server.evidence.incoming import Stream, arriving, limit
from roadworthy.server.evidence.models import Blob, Document
from roadworthy.server.evidence.sending import file_name
from roadworthy.server.systems.models import System

MOST = 32 * 1024 * 1024
"""Largest document, in bytes."""
OPAQUE = "application/octet-stream"
"""The media type of every upload: what the sender calls it is not believed."""


class UploadRefused(Refused):
    """A document that is not received."""

    kind = "upload-refused"

    def __init__(self, problem: str, *, remedy: str, status: int, system: str) -> None:
        super().__init__(problem, remedy=remedy, action="document.upload_refused", system=system)
        self.status = status


@dataclass(frozen=True)
class Uploaded:
    """A document, and whether it is new for its system."""

    document: Document
    created: bool


def upload(actor: Actor, system: str, stream: Stream, *, name: str, size: int | None = None) -> Uploaded:
    """Keep a document for a system; the same content again is the same document.

    Raises UploadRefused, which is recorded, for more than MOST bytes, for nothing, and for what is cut off.
    """
    row = actor.find(System.objects.select_related("product_line"), Permission.SYSTEM_READ, slug=system)
    actor.need_on(Permission.EVIDENCE_UPLOAD, row)
    shown = file_name(name, "document")
    try:
        with arriving(stream, size=size, most=min(MOST, limit())) as arrived:
            blob = Blob(sha256=arrived.sha256, size=arrived.size, media_type=OPAQUE, name=shown)
            store().keep(arrived.path, arrived.sha256)
    except (InputError, TooLarge) as error:
        status = int(getattr(error, "status", 422))
        remedy = "Send a shorter document." if status == TooLarge.status else "Send it again."
        raise UploadRefused(error.problem, remedy=remedy, status=status, system=row.slug) from error
    return _record(actor, row, blob, shown)


@transaction.atomic
def _record(actor: Actor, system: System, blob: Blob, name: str) -> Uploaded:
    name_files([blob])
    try:
        with transaction.atomic():
            made = Document.objects.create(system=system, blob=blob, name=name, uploaded_by_id=actor.user_id)
    except IntegrityError:
        known = Document.objects.select_related("system", "blob").get(system=system, blob=blob)
        return Uploaded(known, False)
    record(actor, "document.uploaded", made.subject, after={"sha256": blob.sha256, "size": blob.size}, row=made)
    return Uploaded(made, True)
