"""Export the trail: streamed, with the signed head and the keys, to be checked without the server."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from roadworthy.evidence.audit_chain import START
from roadworthy.evidence.audit_export import FORMAT, Preamble, export_lines
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Missing
from roadworthy.server.access.subject import Subject
from roadworthy.server.audit.events import EXPORTED
from roadworthy.server.audit.models import Entry, Tip
from roadworthy.server.audit.services import record
from roadworthy.server.audit.verification import entries
from roadworthy.server.secrets import trusted_keys


def export(actor: Actor, after: int = 0) -> Iterator[bytes]:
    """Return the lines of an export of all entries after one; the export itself is the last of them.

    Raises Missing when there is no such entry.
    """
    actor.need(Permission.AUDIT_READ)
    previous = START
    if after:
        known = Entry.objects.filter(number=after).values_list("digest", flat=True).first()
        if known is None:
            raise Missing(f"there is no entry {after}", remedy="Export from the beginning.")
        previous = known
    with transaction.atomic():
        last = record(actor, EXPORTED, Subject("audit", "trail", "the audit trail"), after_entry=after)
        head = Tip.objects.get(pk=1).head
    keys = sorted(trusted_keys())
    preamble = Preamble(format=FORMAT, after=after, previous=previous, keys=keys, at=timezone.now().isoformat())
    return export_lines(entries(after, last.number), head, preamble)
