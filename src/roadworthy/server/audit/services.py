"""Record what happens: one entry, chained and signed, in the transaction of the change itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from roadworthy.core.digests import canonical_json
from roadworthy.evidence.audit_chain import Head, digest_of, signed_head
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.events import Event, publish
from roadworthy.server.access.subject import Subject
from roadworthy.server.audit.heads import keep_heads
from roadworthy.server.audit.models import Entry, Outcome, Tip
from roadworthy.server.secrets import server_signer


def record(
    actor: Actor,
    action: str,
    subject: Subject,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    row: Any = None,
    **detail: Any,
) -> Entry:
    """Record that `actor` did `action`, and tell those who listen; part of the caller's transaction.

    `before` and `after` hold what changed. Call it last: it holds the end of the chain until the transaction ends.
    Raises TransactionManagementError outside of one: a change and its entry stand or fall together.
    """
    said = {**({"before": dict(before)} if before else {}), **({"after": dict(after)} if after else {}), **detail}
    entry = _append(actor, action, subject, Outcome.DONE, said)
    publish(Event(action, subject, actor, said, row))
    return entry


def record_refusal(actor: Actor, action: str, subject: Subject, reason: str, **detail: Any) -> Entry:
    """Record that something was refused, in a transaction of its own: what was tried stays known."""
    with transaction.atomic(durable=False):
        return _append(actor, action, subject, Outcome.REFUSED, {"reason": reason, **detail})


def _append(actor: Actor, action: str, subject: Subject, outcome: Outcome, detail: Mapping[str, Any]) -> Entry:
    tip = _locked_tip()
    entry = Entry(
        number=tip.number + 1,
        at=timezone.now(),
        actor=actor.id,
        actor_name=actor.name[:300],
        door=str(actor.door),
        action=action,
        outcome=outcome,
        kind=subject.kind,
        subject=subject.id[:128],
        title=subject.title[:300],
        system=subject.system,
        detail=canonical_json(plain(detail)).decode(),
        request=actor.request,
        previous=tip.digest,
    )
    entry.digest = digest_of(entry.chained)
    entry.save(force_insert=True)
    head = signed_head(entry.number, entry.digest, server_signer())
    Tip.objects.filter(pk=1).update(number=head.number, digest=head.digest, key=head.key, signature=head.signature)
    transaction.on_commit(partial(keep_heads, [tip.head, head] if tip.number else [head]), robust=True)
    return entry


def _locked_tip() -> Tip:
    tip = Tip.objects.select_for_update().filter(pk=1).first()
    if tip is None:
        Tip.objects.bulk_create([Tip(pk=1)], ignore_conflicts=True)
        tip = Tip.objects.select_for_update().get(pk=1)
    return tip


def plain(value: Any) -> Any:
    """Return a value as JSON takes it: times, dates, numbers beyond JSON and other things as text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    return str(value)


def tip_head() -> Head | None:
    """Return the signed end of the chain; None while there is no entry."""
    tip = Tip.objects.filter(pk=1).first()
    return tip.head if tip and tip.number else None
