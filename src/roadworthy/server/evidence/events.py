"""Events of evidence."""

from __future__ import annotations

from roadworthy.server.access.events import EventKind, declare

declare(
    {
        "evidence.read": EventKind("Sensitive evidence was read", webhook=False),
        "document.uploaded": EventKind("A document was uploaded"),
        "document.upload_refused": EventKind("An upload was refused", webhook=False),
    }
)
