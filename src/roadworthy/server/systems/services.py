"""Save versions of declarations. One transaction: it checks, stores, computes the tier and the change, records."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max

from roadworthy.declare.change import Difference, assessment_owed, compare_systems
from roadworthy.declare.system import System as Declaration
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict
from roadworthy.server.audit.services import record
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.systems.declaration import declared, sealed
from roadworthy.server.systems.links import line_after_change, line_of_new, owner_of
from roadworthy.server.systems.models import Lifecycle, System, SystemVersion, TierOverride
from roadworthy.server.systems.override import (
    end_override,
    follow,
    follow_later,
    open_override,
    tell_of_tier,
    tell_override_ended,
)
from roadworthy.server.systems.tiering import tier_now
from roadworthy.server.wire.revision import same_revision

BUNDLE = "bundle"
"""Source of versions that came with a pushed bundle; the permission to push is enough for them."""


@transaction.atomic
def save_version(
    actor: Actor,
    declaration: Declaration,
    *,
    source: str,
    parts: Mapping[str, str] | None = None,
    note: str = "",
    revision: int | None = None,
    new: bool = False,
) -> SystemVersion:
    """Save a declaration as the newest version of its system, which is registered at first use.

    Returns the version there is when nothing differs. `parts` holds the digest of each part under test where it is
    known; `revision` is the one of the system that the actor saw, where they saw one; with `new`, an id that is taken
    is a Conflict. Raises Refused, Changed, and InputError for what no tier rule covers or what cannot be stored.
    """
    text, digest = sealed(declaration)
    row, created = _locked(actor, declaration, source)
    if new and not created:
        raise Conflict(f"the id {row.slug!r} belongs to another system", remedy="Choose another id.")
    if revision is not None and not created:
        same_revision(row, revision)
    last = row.version
    if last and last.digest == digest and (parts is None or last.parts == dict(parts)):
        return last
    changes = _changes(row, last, declaration, parts)
    tier, why = tier_now(declaration, in_force())
    version = SystemVersion.objects.create(
        system=row,
        number=next_number(row),
        release=declaration.release[:200],
        declaration=text,
        digest=digest,
        parts=dict(parts or {}),
        source=source,
        note=note[:500],
        tier=tier,
        tiering=why,
        changes=[{"kind": str(one.kind), "what": one.what} for one in changes],
        assessment_owed=last is None or assessment_owed(changes),
        created_by_id=actor.user_id,
    )
    _describe(actor, row, last, declaration)
    row.version = version
    before, ended = row.tier, _settle_tier(row, version)
    row.revision += not created
    row.save()
    if created:
        record(actor, "system.registered", row.subject, after={"title": row.title, "tier": row.tier}, row=row)
    if ended:
        _follow(actor, row, ended, source)
        tell_override_ended(actor, row, ended)
    if last and before != row.tier:
        tell_of_tier(actor, row, before)
    record(actor, "system.version_saved", row.subject, before=_seen(last), after=_seen(version), row=version)
    return version


def next_number(row: System) -> int:
    """Return the number of the next version; a release pushed late may have brought one after the newest."""
    return (row.versions.aggregate(last=Max("number"))["last"] or 0) + 1


def _locked(actor: Actor, declaration: Declaration, source: str) -> tuple[System, bool]:
    """Return the system of a declaration, locked, and whether it was registered just now."""
    row = _find(declaration.system)
    if row is None:
        line = line_of_new(actor, declaration)
        try:
            with transaction.atomic():
                return _register(declaration, line), True
        except IntegrityError:  # somebody registered it at the same moment
            row = _find(declaration.system)
            if row is None:
                raise
    pushes = source == BUNDLE and actor.scope(Permission.RELEASE_PUSH).reaches(row.pk, row.product_line_id, row.unit_id)
    if not pushes:
        actor.need_on(Permission.SYSTEM_WRITE, row)
    return row, False


def _find(slug: str) -> System | None:
    """Return a system, locked. What it refers to is read afterwards: a join would show it as it was before the wait."""
    return System.objects.select_for_update().filter(slug=slug).first()


def _register(declaration: Declaration, line: Any) -> System:
    lifecycle = Lifecycle.PLANNED
    return System.objects.create(slug=declaration.system, product_line=line, tier="", lifecycle=lifecycle)


def _changes(
    row: System, last: SystemVersion | None, declaration: Declaration, parts: Mapping[str, str] | None
) -> list[Difference]:
    if last is None:
        return []
    known = row.versions.exclude(parts={}).order_by("-number").values_list("parts", flat=True).first()
    if not known or not parts:
        return compare_systems(declared(last), declaration)
    return compare_systems(declared(last), declaration, known, dict(parts))


def _describe(actor: Actor, row: System, last: SystemVersion | None, declaration: Declaration) -> None:
    """Bring into the row what lists show of the declaration; links that the declaration did not touch stay."""
    before = declared(last) if last else None
    row.title = (declaration.title or declaration.system)[:300]
    row.kind, row.domain, row.purpose = str(declaration.kind), str(declaration.domain), declaration.purpose
    row.team = declaration.owner.team[:200]
    row.contact = declaration.owner.contact[:300]
    row.accountable = (declaration.owner.accountable or "")[:300]
    row.launch, row.reach = declaration.launch, declaration.users.monthly
    row.regions = ", ".join(declaration.regions)[:300]
    if before and before.product_line != declaration.product_line:
        row.product_line = line_after_change(actor, row, declaration.product_line)
    if row.owner is None or before is None or before.owner != declaration.owner:
        row.owner = owner_of(declaration) or row.owner


def _settle_tier(row: System, version: SystemVersion) -> TierOverride | None:
    """Set the tier of the row: by the rules, unless a person set another one and nothing that matters has changed.

    Returns the set tier that ended by this.
    """
    override = open_override(row)
    ended = None
    if override and (version.assessment_owed or version.tier != override.rules_tier):
        end_override(override, "The declaration changed in a way that owes a fresh assessment.")
        override, ended = None, override
    row.tier, row.tier_set = (override.tier, True) if override else (version.tier, False)
    return ended


def _follow(actor: Actor, row: System, ended: TierOverride, source: str) -> None:
    """Have releases judged without a set tier that ended; after the push where a new release takes their place."""
    if source == BUNDLE:
        transaction.on_commit(partial(follow_later, row.pk, ended), robust=True)
    else:
        follow(actor, row, ended, ended.ended_why)


def _seen(version: SystemVersion | None) -> dict[str, Any] | None:
    if version is None:
        return None
    return {
        "version": version.number,
        "release": version.release,
        "digest": version.digest,
        "tier": version.tier,
        "changes": [change["what"] for change in version.changes][:50],
        "assessment_owed": version.assessment_owed,
    }
