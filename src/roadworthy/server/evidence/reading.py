"""Reading what is sensitive: samples, transcripts, documents, bundles. Who may, does; and every read is recorded."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.subject import Subject
from roadworthy.server.audit.models import Entry
from roadworthy.server.audit.services import record

READ = "evidence.read"
ONE_READ = timedelta(minutes=10)
"""Turning pages within this time is one read."""


@transaction.atomic
def note_reading(actor: Actor, system: Any, subject: Subject, what: str) -> None:
    """Record that the actor reads something sensitive of a system; raises Refused where they may not."""
    actor.need_on(Permission.EVIDENCE_SENSITIVE, system)
    since = timezone.now() - ONE_READ
    known = Entry.objects.filter(actor=actor.id, action=READ, kind=subject.kind, subject=subject.id, at__gt=since)
    if not known.exists():
        record(actor, READ, subject, what=what)
