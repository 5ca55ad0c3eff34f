"""Reading what is sensitive: samples, transcripts, documents, bundles. Who may, does; and every read is recorded."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.subject import Subject
from roadworthy.server.audit.services import record

READ = "evidence.read"


@transaction.atomic
def note_reading(actor: Actor, system: Any, subject: Subject, what: str) -> None:
    """Record that the actor reads something sensitive of a system; raises Refused where they may not."""
    actor.need_on(Permission.EVIDENCE_SENSITIVE, system)
    record(actor, READ, subject, what=what)
