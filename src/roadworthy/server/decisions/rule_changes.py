"""Change who may sign what. A change reopens nothing that was decided; open requests are held against the new rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from roadworthy.core.errors import InputError
from roadworthy.decide.authority_rule import Action
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Missing
from roadworthy.server.accounts.models import Role, Unit
from roadworthy.server.audit.services import record
from roadworthy.server.decisions.models import AuthorityRule
from roadworthy.server.decisions.requests import ENVIRONMENT
from roadworthy.server.wire.revision import same_revision
from roadworthy.standard.model import Tier

TIERS = tuple(str(tier) for tier in Tier if tier is not Tier.PROHIBITED)
"""Tiers that rules may name; nobody approves what is prohibited."""
ALONE = (Action.EXCEPTION, Action.TIER)
"""Decided by one person, since the sealed statement bears one signature."""
MOST_PEOPLE = 20


@dataclass(frozen=True)
class RuleTerms:
    """A rule as somebody wants it."""

    action: str
    roles: Sequence[str]
    tiers: Sequence[str] = ()
    environments: Sequence[str] = ()
    quorum: int = 1
    unit: str = ""
    """Id of an organisation unit; empty: everywhere."""


@transaction.atomic
def add_rule(actor: Actor, terms: RuleTerms) -> AuthorityRule:
    """Add a rule; every rule that applies must be satisfied, so that one more rule asks for more."""
    actor.need(Permission.AUTHORITY_MANAGE)
    row = _fill(AuthorityRule(), terms)
    row.save()
    record(actor, "authority.added", row.subject, after=seen(row), row=row)
    return row


@transaction.atomic
def change_rule(actor: Actor, pk: int, terms: RuleTerms, *, revision: int) -> AuthorityRule:
    """Change a rule. Raises Changed when somebody changed it meanwhile."""
    actor.need(Permission.AUTHORITY_MANAGE)
    row = _locked(pk, revision)
    before = seen(row)
    _fill(row, terms)
    row.revision += 1
    row.save()
    record(actor, "authority.changed", row.subject, before=before, after=seen(row), row=row)
    return row


@transaction.atomic
def remove_rule(actor: Actor, pk: int, *, revision: int) -> None:
    """Remove a rule; where none is left for an action and tier, nobody may approve it."""
    actor.need(Permission.AUTHORITY_MANAGE)
    row = _locked(pk, revision)
    before, subject = seen(row), row.subject
    row.delete()
    record(actor, "authority.removed", subject, before=before)


def seen(row: AuthorityRule) -> dict[str, object]:
    """Return what the trail shows of a rule."""
    return {
        "action": row.action,
        "roles": list(row.roles),
        "tiers": list(row.tiers),
        "environments": list(row.environments),
        "quorum": row.quorum,
        "unit": row.unit.slug if row.unit else "",
    }


def _locked(pk: int, revision: int) -> AuthorityRule:
    row = AuthorityRule.objects.select_for_update(of=("self",)).select_related("unit").filter(pk=pk).first()
    if row is None:
        raise Missing("there is no such rule of authority", remedy="Check the address.")
    same_revision(row, revision)
    return row


def _fill(row: AuthorityRule, terms: RuleTerms) -> AuthorityRule:
    row.action = _action(terms.action)
    row.roles = _roles(terms.roles)
    row.tiers = _known(terms.tiers, TIERS, "tier")
    row.environments = sorted({one for one in terms.environments if one})
    if bad := [one for one in row.environments if not ENVIRONMENT.fullmatch(one)]:
        raise InputError(f"{bad[0][:40]!r} is no environment", remedy="Write, for example, prod.")
    if not 1 <= terms.quorum <= MOST_PEOPLE:
        raise InputError(f"a quorum is between 1 and {MOST_PEOPLE} people", remedy="Nothing is approved by nobody.")
    if terms.quorum > 1 and row.action in ALONE:
        raise InputError(
            f"for {row.action} one person decides, since the sealed statement bears one signature",
            remedy="Write a quorum of 1.",
        )
    row.quorum = terms.quorum
    row.unit = _unit(terms.unit)
    return row


def _action(given: str) -> str:
    if given not in set(Action):
        raise InputError(f"{given[:16]!r} is no action", remedy=f"Write one of: {', '.join(Action)}.")
    return given


def _roles(given: Sequence[str]) -> list[str]:
    wanted = sorted({one for one in given if one})
    known = set(Role.objects.filter(slug__in=wanted, signs=True).values_list("slug", flat=True))
    if not wanted or (unknown := [one for one in wanted if one not in known]):
        raise InputError(
            f"{unknown[0][:64]!r} is no role that signs" if wanted else "a rule names at least one role",
            remedy="Choose among the roles that sign.",
        )
    return wanted


def _known(given: Sequence[str], known: Sequence[str], what: str) -> list[str]:
    if bad := [one for one in given if one not in known]:
        raise InputError(f"{bad[0][:16]!r} is no {what}", remedy=f"Write one of: {', '.join(known)}.")
    return [one for one in known if one in set(given)]


def _unit(slug: str) -> Unit | None:
    if not slug:
        return None
    unit = Unit.objects.filter(slug=slug).first()
    if unit is None:
        raise InputError(f"there is no unit {slug[:64]!r}", remedy="Choose one of the organisation's units.")
    return unit
