"""What makes a verdict stale and reopens decisions: newer releases and versions, ended evidence, standards, vendors."""

from __future__ import annotations

import json
import logging
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from roadworthy.core.errors import RoadworthyError
from roadworthy.server.access.actor import Actor, server_actor
from roadworthy.server.access.events import Event
from roadworthy.server.access.permissions import Permission
from roadworthy.server.audit.services import record
from roadworthy.server.decisions.following import Tell, reopen_all, withdraw_all
from roadworthy.server.decisions.governance import refresh_governance
from roadworthy.server.decisions.judging import EXPIRED, judge_again
from roadworthy.server.decisions.locks import lock_release, lock_system
from roadworthy.server.decisions.models import VendorChange
from roadworthy.server.decisions.requests import need_words
from roadworthy.server.releases.models import Release
from roadworthy.server.standards.models import StandardState, StandardVersion
from roadworthy.server.systems.models import SystemVersion

log = logging.getLogger("roadworthy.decisions")


def superseded(event: Event) -> None:
    """Hear that a newer release took the place of another one, whose system is locked.

    What was not shipped goes stale, and its approval reopens. What runs in an environment keeps its approval, so that
    it can be deployed again or rolled back to, until something that it rests on ends.
    """
    release: Release = event.row
    why = f"Release {event.detail['after']['by']} took its place."
    tells = withdraw_all(release, why)
    if release.shipped_at is None:
        tells += go_stale(release, why)
    for tell in tells:
        tell(event.actor)


def withdrawn(event: Event) -> None:
    """Hear that a release, whose system is locked, was withdrawn: nothing that was decided about it counts any more."""
    release: Release = event.row
    why = "The release was withdrawn."
    for tell in [*withdraw_all(release, why), *reopen_all(release, why)]:
        tell(event.actor)
    refresh_governance(release.system)


def version_saved(event: Event) -> None:
    """Hear that a declaration was changed, other than by a bundle: the newest release was judged by another one."""
    version: SystemVersion = event.row
    if version.source == "bundle" or not version.assessment_owed:
        return
    release = _current(version.system_id)
    if release is None or release.version.digest == version.digest:
        return
    changed = "; ".join(change["what"] for change in version.changes[:3])
    for tell in go_stale(release, f"The declaration was changed to version {version.number}: {changed}"[:290]):
        tell(event.actor)


def go_stale(release: Release, why: str) -> list[Tell]:
    """Say that the verdict on a locked release no longer counts, and reopen what rests on it; return what to record."""
    if release.stale and release.stale != EXPIRED:
        return []
    release.stale = why[:300]
    release.revision += 1
    release.save(update_fields=["stale", "revision"])
    tells = reopen_all(release, why)
    refresh_governance(release.system)
    people = [pk for pk in {release.system.owner_id, release.pushed_by_id} if pk is not None]

    def tell(actor: Actor) -> None:
        record(actor, "release.gone_stale", release.subject, row=release, people=people, reason=why)

    return [tell, *tells]


@transaction.atomic
def vendor_changed(actor: Actor, vendor: str, note: str, model: str = "") -> VendorChange:
    """Report that a vendor changed what it supplies: releases of systems that use it go stale until pushed anew.

    `vendor` is a vendor or a provider of models as declarations name it; `model` narrows it to one model.
    """
    actor.need(Permission.TIER_SET)
    name, only = need_words(vendor, "vendor")[:200], model.strip()[:200]
    report = VendorChange.objects.create(
        vendor=name, model=only, note=need_words(note, "note"), reported_by_id=actor.user_id
    )
    found = _using(actor, name, only)
    for system in sorted(found):
        lock_system(system)
    tells: list[Tell] = []
    why = f"{name} changed what it supplies{f' ({only})' if only else ''}: {report.note}"
    for system, release in sorted(found.items()):
        gone = go_stale(lock_release(release, system), why[:290])
        report.releases += bool(gone)
        tells += gone
    report.save(update_fields=["releases"])
    for tell in tells:
        tell(actor)
    after = {"vendor": name, "model": only, "releases": report.releases}
    record(actor, "vendor.changed", report.subject, after=after, row=report, reason=report.note)
    return report


def _using(actor: Actor, vendor: str, model: str) -> dict[int, int]:
    """Return the newest release of each system that declares the vendor: system -> release."""
    rows = Release.objects.filter(current=True, version__declaration__icontains=vendor)
    seen = actor.visible(rows, Permission.TIER_SET).values_list("system_id", "pk", "version__declaration")
    return {system: pk for system, pk, text in seen.iterator() if _declares(json.loads(text), vendor, model)}


def _declares(declaration: dict[str, object], vendor: str, model: str) -> bool:
    models = _rows(declaration, "models")
    vendors = _rows(declaration, "vendors")
    named = [
        one
        for one in models
        if vendor.casefold() in {str(one.get(key, "")).casefold() for key in ("provider", "vendor")}
    ]
    if model:
        return any(model.casefold() == str(one.get("name", "")).casefold() for one in named)
    return bool(named) or any(vendor.casefold() == str(one.get("id", "")).casefold() for one in vendors)


def _rows(declaration: dict[str, object], key: str) -> list[dict[str, object]]:
    found = declaration.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _current(system: int) -> Release | None:
    pk = Release.objects.filter(system=system, current=True).values_list("pk", flat=True).first()
    return lock_release(pk, system) if pk is not None else None


def judge_ended(now: datetime, most: int) -> int:
    """Judge anew releases of which something has ended by `now`; return how many."""
    rows = Release.objects.filter(
        Q(current=True) | Q(requests__decided_at__isnull=False), valid_until__lte=now, stale=""
    )
    found = list(rows.distinct().order_by("valid_until").values_list("pk", "system_id")[:most])
    return sum(_judge_ended(pk, system, now) for pk, system in found)


def _judge_ended(pk: int, system: int, now: datetime) -> bool:
    try:
        with transaction.atomic():
            release = lock_release(pk, system)
            if release.valid_until is None or release.valid_until > now or release.stale:
                return False
            judge_again(server_actor(), release, EXPIRED, as_of=now)
            return True
    except RoadworthyError:
        log.exception("release %d could not be judged again; it goes stale", pk)
    _stale(pk, system, EXPIRED)
    return True


@transaction.atomic
def _stale(pk: int, system: int, why: str) -> None:
    for tell in go_stale(lock_release(pk, system), why):
        tell(server_actor())


def end_standards(now: datetime, most: int) -> int:
    """Let releases go stale that were judged by a standard that is accepted no longer; return how many."""
    gone = _refused_standards(now)
    rows = Release.objects.filter(Q(current=True) | Q(requests__decided_at__isnull=False), standard__in=gone, stale="")
    found = list(rows.distinct().order_by("pk").values_list("pk", "system_id", "standard")[:most])
    for pk, system, standard in found:
        _stale(pk, system, f"It was judged by {gone[standard]}, which is accepted no longer.")
    return len(found)


def _refused_standards(now: datetime) -> dict[int, str]:
    rows = StandardVersion.objects.exclude(in_force=True).filter(
        Q(accepted=False) | Q(accepted_until__lte=now) | ~Q(state=StandardState.PUBLISHED)
    )
    return {pk: f"{name} {version}" for pk, name, version in rows.values_list("pk", "standard", "version")}
