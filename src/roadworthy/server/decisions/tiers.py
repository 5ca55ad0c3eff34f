"""A tier that a person set, on releases: signed with their key for each, and the release judged again with it.

The engine counts such a statement for the very release that it was signed for. A stricter tier than the rules give is
signed anew for each later release until its day, so that none slips past it. A lower one was approved for one release
(the first to come, where there was none): it ends when another takes its place.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from roadworthy.core.errors import RoadworthyError
from roadworthy.decide.authority_rule import Action
from roadworthy.decide.tier_override import PREFIX
from roadworthy.server.access.actor import Actor
from roadworthy.server.accounts.signing import signer_of
from roadworthy.server.audit.services import record
from roadworthy.server.decisions.authority import rules_on
from roadworthy.server.decisions.judging import judge_again
from roadworthy.server.decisions.locks import lock_release
from roadworthy.server.decisions.models import TierStatement
from roadworthy.server.decisions.owners import owners_of
from roadworthy.server.decisions.records import Statement, keep_statement
from roadworthy.server.decisions.reopening import go_stale
from roadworthy.server.decisions.roster import roster_on
from roadworthy.server.evidence.models import EvidenceRecord
from roadworthy.server.releases.models import Release, ReleaseState
from roadworthy.server.systems.models import System, TierOverride
from roadworthy.server.systems.override import back_to_rules, open_override
from roadworthy.server.systems.tier_authority import Limits, lowers

_OVER = (ReleaseState.WITHDRAWN, ReleaseState.SUPERSEDED)


def tier_limits(system: System, tier: str, named: tuple[str, ...]) -> Limits:
    """Return who may set the tier of a system by the rules of authority; without a rule, nobody."""
    rules = rules_on(system, Action.TIER, tier) if tier else ()
    roles = frozenset(named).intersection(*(rule.roles for rule in rules)) if rules else frozenset()
    release = Release.objects.filter(system=system, current=True).select_related("system").first()
    roster, moment = roster_on(system, roles), timezone.now()
    people = {int(key) for role in roles for key in roster.holders(role, moment, None)}
    return Limits(roles, owners_of(release) if release else frozenset(), frozenset(people))


def follow_tier(actor: Actor, system: System, ended: TierOverride | None, why: str) -> None:
    """Sign the tier that was set for the newest release, and judge again what rests on it, or rested on what ended.

    The system is locked. A release that cannot be judged goes stale: its verdict is of another tier.
    """
    concerned = Q(current=True)
    if ended is not None:
        concerned |= Q(tier_statements__override=ended)
    found = Release.objects.filter(concerned, system=system).exclude(state__in=_OVER)
    for pk in sorted(set(found.values_list("pk", flat=True))):
        release = lock_release(pk, system.pk)
        signed = _sign(release, open_override(system))
        _judge(actor, release, why)
        if signed is not None:
            _tell(actor, release, signed)


def carry_tier(actor: Actor, release: Release) -> None:
    """Bring a set tier to a locked release that was pushed since: sign it again, or end it."""
    override = open_override(release.system)
    if override is None or not release.current:
        return
    before = override.statements.exclude(release=release)
    if lowers(override.tier, override.rules_tier) and before.exclude(_alike(release)).exists():
        back_to_rules(
            actor, release.system, override, f"It was approved for another release than {release.name}."[:300]
        )
        return
    if not _may_sign(override):
        why = f"{override.user.name} set the tier {override.tier}, and may no longer sign that for a new release."
        for tell in go_stale(release, why[:300]):
            tell(actor)
        return
    signed = _sign(release, override)
    if signed is not None:
        _tell(actor, release, signed)


def _alike(release: Release) -> Q:
    """Return the condition on statements that the engine counts for a release, too: same name, same parts."""
    return Q(release__name=release.name, release__fingerprint=release.fingerprint)


def _may_sign(override: TierOverride) -> bool:
    roster = roster_on(override.system, [override.role])
    return override.user.is_active and roster.holds(str(override.user_id), override.role, timezone.now(), None)


def _sign(release: Release, override: TierOverride | None) -> EvidenceRecord | None:
    """Sign a set tier for the newest release in the name of who set it, unless that was done; return the record."""
    if override is None or not release.current or override.statements.filter(_alike(release)).exists():
        return None
    said = Statement(f"{PREFIX}{override.tier}", override.reason, override.role, override.until)
    row = keep_statement(release, override.user, signer_of(override.user), said)
    TierStatement.objects.create(override=override, release=release, record=row)
    return row


def _judge(actor: Actor, release: Release, why: str) -> None:
    try:
        with transaction.atomic():
            judge_again(actor, release, why)
    except RoadworthyError as error:
        held = lock_release(release.pk, release.system_id)
        for tell in go_stale(held, f"{why} It could not be judged again: {error.problem}"[:300]):
            tell(actor)


def _tell(actor: Actor, release: Release, row: EvidenceRecord) -> None:
    after = {"requirement": row.requirement, "record": row.digest, "signer": row.signer}
    record(actor, "statement.signed", release.subject, after=after, row=row)
