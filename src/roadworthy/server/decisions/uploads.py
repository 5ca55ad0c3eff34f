"""A document that somebody uploads to sign for it: kept by content, like all files of the record."""

from __future__ import annotations

from django.core.files.uploadedfile import UploadedFile

from roadworthy.evidence.predicate import DocumentRef
from roadworthy.server.evidence.files import name_files, store
from roadworthy.server.evidence.incoming import arriving
from roadworthy.server.evidence.models import Blob

MOST = 32 * 1024 * 1024
"""Largest document, in bytes."""


def keep_document(given: UploadedFile[bytes]) -> DocumentRef:
    """Keep an uploaded document and return how a statement refers to it. Raises TooLarge."""
    name = (given.name or "document").replace("\0", "")[:200]
    with arriving(given, most=MOST) as arrived:
        row = Blob(sha256=arrived.sha256, size=arrived.size, media_type="application/octet-stream", name=name)
        store().keep(arrived.path, arrived.sha256)
    name_files([row])
    return DocumentRef(name=name, sha256=row.sha256)
