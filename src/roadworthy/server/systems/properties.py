"""What people set on a system beside its declaration: product line, lifecycle, owner, state of governance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Missing, Refused
from roadworthy.server.accounts.models import ProductLine, User
from roadworthy.server.audit.services import record
from roadworthy.server.systems.models import Governance, Lifecycle, System
from roadworthy.server.wire.revision import same_revision

AT_ONCE = 500
"""Systems that one bulk action changes."""
SETTABLE = ("product_line", "lifecycle", "owner")


@transaction.atomic
def set_properties(actor: Actor, slug: str, revision: int | None, **values: str) -> System:
    """Set the product line (slug), the lifecycle or the owner (key of a person); empty takes a link away.

    Raises Missing, Refused, Changed, and InputError for a value that is none. Retiring has its own service.
    """
    row = locked(actor, slug, Permission.SYSTEM_WRITE)
    if revision is not None:
        same_revision(row, revision)
    before = {name: str(getattr(row, name) or "") for name in values}
    for name, value in values.items():
        _SETTERS[name](actor, row, value)
    after = {name: str(getattr(row, name) or "") for name in values}
    if before == after:
        return row
    row.revision += 1
    row.save()
    record(actor, "system.edited", row.subject, before=before, after=after, row=row)
    return row


@transaction.atomic
def set_on_many(actor: Actor, slugs: Sequence[str], name: str, value: str) -> int:
    """Set one property of several systems, all or none; returns how many there are."""
    if name not in SETTABLE:
        raise InputError(f"{name!r} cannot be set on several systems", remedy=f"Choose of: {', '.join(SETTABLE)}.")
    chosen = sorted(set(slugs))
    if not chosen or len(chosen) > AT_ONCE:
        raise InputError(f"{len(chosen)} systems are chosen", remedy=f"Choose between 1 and {AT_ONCE} in the list.")
    for slug in chosen:
        set_properties(actor, slug, None, **{name: value})
    return len(chosen)


@transaction.atomic
def retire(actor: Actor, slug: str, revision: int, reason: str) -> System:
    """Retire a system: it stays in the record, with its versions and releases."""
    row = locked(actor, slug, Permission.SYSTEM_WRITE)
    same_revision(row, revision)
    if not reason.strip():
        raise InputError("retiring a system needs a reason", remedy="Say why it is retired and what takes its place.")
    if row.lifecycle == Lifecycle.RETIRED:
        raise Conflict(f"{row} is retired already", remedy="Nothing is left to do.")
    before, row.lifecycle = row.lifecycle, Lifecycle.RETIRED
    row.revision += 1
    row.save()
    told: dict[str, Any] = {"before": {"lifecycle": before}, "after": {"lifecycle": row.lifecycle}}
    record(actor, "system.retired", row.subject, **told, reason=reason.strip()[:2000], row=row)
    return row


@transaction.atomic
def move_governance(actor: Actor, system: System, state: Governance, why: str) -> None:
    """Move a system to another state of governance; called by the apps above when their own rules say so."""
    row = System.objects.select_for_update().get(pk=system.pk)
    if row.governance == state:
        return
    before, row.governance = row.governance, state
    row.revision += 1
    row.save(update_fields=["governance", "revision", "updated_at"])
    told: dict[str, Any] = {"before": {"governance": before}, "after": {"governance": str(state)}}
    record(actor, "system.governance_moved", row.subject, **told, reason=why, row=row)


def locked(actor: Actor, slug: str, permission: Permission) -> System:
    """Return a system, locked, on which the actor has the permission; Missing when they may not even see it."""
    row = System.objects.select_for_update().filter(slug=slug).first()
    if row is None or not actor.scope(Permission.SYSTEM_READ).reaches(row.pk, row.product_line_id, row.unit_id):
        raise Missing("there is no system here that you may see", remedy="Check the address.")
    actor.need_on(permission, row)
    return row


def _set_line(actor: Actor, row: System, value: str) -> None:
    line = ProductLine.objects.filter(slug=value).first() if value else None
    if value and line is None:
        raise InputError(f"there is no product line {value!r}", remedy="Choose one of the list.")
    reached = actor.scope(Permission.SYSTEM_WRITE)
    if not reached.reaches(row.pk, line.pk if line else None, line.unit_id if line else None):
        raise Refused(
            f"{actor.name} may not move {row} there", remedy="Ask somebody whose role reaches both product lines."
        )
    row.product_line = line


def _set_lifecycle(actor: Actor, row: System, value: str) -> None:
    del actor
    if value not in Lifecycle.values or value == Lifecycle.RETIRED:
        allowed = ", ".join(state for state in Lifecycle.values if state != Lifecycle.RETIRED)
        raise InputError(f"{value!r} is no lifecycle to set here", remedy=f"Choose of: {allowed}. Retiring is apart.")
    row.lifecycle = value


def _set_owner(actor: Actor, row: System, value: str) -> None:
    del actor
    person = User.objects.filter(pk=value, is_active=True).first() if value.isdigit() and len(value) < 19 else None
    if value and person is None:
        raise InputError("there is no such active person", remedy="Choose one of the list.")
    row.owner = person


_SETTERS: dict[str, Any] = {"product_line": _set_line, "lifecycle": _set_lifecycle, "owner": _set_owner}
