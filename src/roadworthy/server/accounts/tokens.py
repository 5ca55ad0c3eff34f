"""API tokens: made once, shown once, kept as a digest."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts.models import ApiToken
from roadworthy.server.accounts.places import place_of
from roadworthy.server.accounts.texts import name as shown_name
from roadworthy.server.audit.services import record
from roadworthy.server.wire.revision import locked

LEAD = "rw_"
LONGEST = timedelta(days=366)
_SELDOM = timedelta(minutes=5)


def digest_of(secret: str) -> str:
    """Return what is kept of a token or a link."""
    return hashlib.sha256(secret.encode()).hexdigest()


def token_of(header: str) -> ApiToken | None:
    """Return the valid token that `Authorization: Bearer ...` names; None when there is none."""
    kind, _, secret = header.partition(" ")
    if kind.lower() != "bearer" or not secret.startswith(LEAD):
        return None
    token = ApiToken.objects.select_related("user").filter(digest=digest_of(secret.strip())).first()
    moment = timezone.now()
    if token is None or token.revoked_at or token.expires_at <= moment or not token.user.is_active:
        return None
    if token.used_at is None or moment - token.used_at > _SELDOM:
        ApiToken.objects.filter(pk=token.pk).update(used_at=moment)
    return token


@transaction.atomic
def make_token(
    actor: Actor, name: str, permissions: Collection[Permission], expires_at: datetime, system: int | None = None
) -> tuple[ApiToken, str]:
    """Make a token of the actor, and return it with its secret, which is not kept.

    Raises InputError for no permission, one that the actor lacks, an end in the past or more than a year away.
    """
    if actor.user_id is None or actor.token_id is not None:
        raise InputError("a token makes no tokens", remedy="Sign in as a person.")
    lacking = sorted(permission for permission in permissions if not actor.may(permission))
    if lacking or not permissions:
        raise InputError(
            f"you do not hold {', '.join(lacking)} yourself" if lacking else "a token needs at least one permission",
            remedy="Choose among the permissions that you hold.",
        )
    if system is not None and not _sees(actor, system):
        raise InputError("there is no such system", remedy="Give the id of a system as its page shows it.")
    moment = timezone.now()
    if not moment < expires_at <= moment + LONGEST:
        raise InputError("a token ends within a year from now", remedy="Choose a later or nearer day.")
    secret = LEAD + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user_id=actor.user_id,
        name=shown_name(name, "the name of a token", 100),
        digest=digest_of(secret),
        hint=secret[:8],
        permissions=sorted(map(str, permissions)),
        system_id=system,
        expires_at=expires_at,
    )
    after = {"permissions": token.permissions, "expires": expires_at, "system": system}
    record(actor, "token.made", token.subject, after=after, row=token)
    return token, secret


@transaction.atomic
def revoke_token(actor: Actor, key: int) -> ApiToken:
    """End a token now: one's own, or any for who manages accounts; a token may end itself."""
    rows = ApiToken.objects.all()
    if not actor.may(Permission.ACCOUNT_MANAGE):
        rows = rows.filter(pk=actor.token_id) if actor.token_id is not None else rows.filter(user=actor.user_id)
    token = locked(rows, None, pk=key)
    if token.revoked_at is None:
        token.revoked_at = timezone.now()
        token.save(update_fields=["revoked_at"])
        record(actor, "token.revoked", token.subject, row=token)
    return token


def _sees(actor: Actor, system: int) -> bool:
    place = place_of(system)
    return place is not None and actor.scope(Permission.SYSTEM_READ).reaches(*place)
