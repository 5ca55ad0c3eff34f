"""Who approves a change of the standard: one person for each role that the one in force names, never an author."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from roadworthy.core.digests import sha256_json
from roadworthy.decide.approval import Standing, standing
from roadworthy.decide.authority_rule import Action, AuthorityRule
from roadworthy.decide.roster import Delegation as Lent
from roadworthy.decide.roster import Grant as Held
from roadworthy.decide.roster import Roster
from roadworthy.decide.signature import Choice, Signature
from roadworthy.server.accounts.models import Delegation, Grant, User
from roadworthy.server.standards.in_force import loaded
from roadworthy.server.standards.models import StandardApproval, StandardVersion
from roadworthy.standard.load import LoadedStandard


def rules(base: LoadedStandard) -> tuple[AuthorityRule, ...]:
    """Return one seat for each role; none at all means that nobody may change the standard."""
    return tuple(AuthorityRule(Action.STANDARD, (role,)) for role in base.standard.authority.change_roles)


def shown_digest(row: StandardVersion) -> str:
    """Return the SHA-256 of what is approved: content, base, note, the day it begins, the grace of the one before."""
    return sha256_json(
        {
            "content": row.digest,
            "base": row.base.digest if row.base else "",
            "note": row.note,
            "in_force_from": row.in_force_from.isoformat() if row.in_force_from else "",
            "grace_days": row.grace_days,
        }
    )


def standing_of(row: StandardVersion, extra: Iterable[Signature] = (), at: datetime | None = None) -> Standing:
    """Say where the approval of a proposed version stands; `extra` are signatures that are not stored yet."""
    base = row.base
    roles = loaded(base).standard.authority.change_roles if base else []
    signatures = [_signature(one) for one in row.approvals.all()]
    return standing(
        rules(loaded(base)) if base else (),
        [*signatures, *extra],
        roster=_roster(roles),
        requester=person_key(row.created_by_id),
        owners=[person_key(author) for author in row.authors],
        shown_digest=shown_digest(row),
        at=at or timezone.now(),
    )


def person_key(user_id: int | None) -> str:
    """Return the name by which people are told apart here; two people may bear one name."""
    return f"user:{user_id}"


def names_of(keys: Collection[str]) -> dict[str, str]:
    """Return the names of people by key, in one query."""
    wanted = {int(key.removeprefix("user:")) for key in keys if key.removeprefix("user:").isdigit()}
    found = User.objects.filter(pk__in=wanted).values_list("pk", "name") if wanted else []
    return {person_key(pk): name for pk, name in found}


def signed(user_id: int, role: str, choice: str, digest: str, at: datetime, giver: int | None) -> Signature:
    """Return a signature of a person, in their own right or for who lent them the role."""
    return Signature(
        person_key(user_id), role, Choice(choice), digest, at, person_key(giver) if giver is not None else None
    )


def _signature(row: StandardApproval) -> Signature:
    return signed(row.user_id, row.role, row.choice, row.digest, row.at, row.on_behalf_of_id)


def _roster(roles: Collection[str]) -> Roster:
    """Return who holds the roles for the whole organisation now, and who has lent them to whom."""
    everywhere = Q(unit=None, product_line=None, system_id=None)
    held = Grant.objects.filter(everywhere, role__slug__in=roles)
    direct = held.filter(user__is_active=True).values_list("user_id", "role__slug", "created_at")
    grouped = held.filter(group__members__is_active=True).values_list("group__members", "role__slug", "created_at")
    lent = Delegation.objects.filter(role__slug__in=roles).select_related("role")
    return Roster(
        tuple(Held(person_key(user), role, since) for user, role, since in [*direct, *grouped]),
        tuple(
            Lent(person_key(one.giver_id), person_key(one.receiver_id), one.role.slug, one.starts, _end(one))
            for one in lent
        ),
    )


def _end(lent: Delegation) -> datetime:
    return min(lent.ends, lent.revoked_at) if lent.revoked_at else lent.ends
