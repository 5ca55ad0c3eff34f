"""Keys that may seal bundles: entered and revoked by those who say who may sign what."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.evidence.keys import parse_public_key
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Missing
from roadworthy.server.audit.services import record
from roadworthy.server.releases.models import TrustedKey
from roadworthy.server.systems.models import System


def keys_seen(actor: Actor) -> QuerySet[TrustedKey]:
    """Return the keys of all systems, and of those that the actor may see."""
    systems = actor.visible(System.objects.all(), Permission.SYSTEM_READ)
    rows = TrustedKey.objects.filter(Q(system__isnull=True) | Q(system__in=systems))
    return rows.select_related("system", "added_by")


@transaction.atomic
def trust_key(actor: Actor, *, key: str, name: str, system: str = "") -> TrustedKey:
    """Enter a public key (64 hex digits, or PEM) for all systems or for one.

    Raises InputError when it cannot be read, Conflict when it is or was entered: a revoked key never comes back.
    """
    actor.need(Permission.AUTHORITY_MANAGE)
    key_id = parse_public_key(key.encode("utf-8", "replace"))
    shown = name.replace("\0", "").strip()[:200]
    if not shown:
        raise InputError("the key has no name", remedy="Say whose it is, for example 'Build pipeline of Search'.")
    row = actor.find(System.objects.all(), Permission.SYSTEM_READ, slug=system) if system else None
    try:
        with transaction.atomic():
            made = TrustedKey.objects.create(key_id=key_id, name=shown, system=row, added_by_id=actor.user_id)
    except IntegrityError as error:
        raise Conflict(
            f"the key {key_id[:12]} is or was entered already",
            remedy="Revoke it to narrow or widen it, and make a new one; a revoked key does not come back.",
        ) from error
    after = {"key": key_id, "name": shown, "system": system or "every system"}
    record(actor, "key.trusted", made.subject, after=after, row=made)
    return made


@transaction.atomic
def revoke_key(actor: Actor, pk: int) -> TrustedKey:
    """Revoke a key: what it sealed stays as it is, nothing new is received from it."""
    actor.need(Permission.AUTHORITY_MANAGE)
    row = TrustedKey.objects.select_for_update(of=("self",)).select_related("system").filter(pk=pk).first()
    if row is None:
        raise Missing("there is no such key", remedy="Look at the list of keys.")
    if row.revoked_at is None:
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        record(actor, "key.revoked", row.subject, after={"key": row.key_id}, row=row)
    return row
