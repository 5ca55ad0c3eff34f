"""Record that a release was shipped, or withdrawn. What is not cleared at that moment is not recorded as shipped."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Refused
from roadworthy.server.audit.services import record
from roadworthy.server.releases.clearing import obstacles
from roadworthy.server.releases.models import Release, ReleaseState
from roadworthy.server.systems.models import System
from roadworthy.server.wire.revision import same_revision

SHIP_REFUSED = "release.ship_refused"
_ENVIRONMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class ShipRefused(Refused):
    """A release that is not cleared (409)."""

    status = 409
    kind = "not-cleared"


@transaction.atomic
def ship(actor: Actor, pk: int, *, environments: Sequence[str], note: str = "", revision: int | None = None) -> Release:
    """Record that a release was shipped to environments; it becomes what later ones are compared with.

    Raises ShipRefused, which is recorded, unless it is cleared for each of them now; Changed for another revision.
    """
    release = _locked(actor, pk, revision)
    places = _places(environments)
    for place in places:
        against = obstacles(release, place)
        if against:
            raise ShipRefused(
                f"{release} is not cleared for {place}: {against[0].reason}",
                remedy=against[0].remedy,
                action=SHIP_REFUSED,
                system=release.system.slug,
            )
    before = {"state": release.state, "environments": list(release.environments)}
    release.state, release.shipped_at = ReleaseState.SHIPPED, timezone.now()
    release.environments = sorted({*release.environments, *places})
    release.revision += 1
    release.save(update_fields=["state", "shipped_at", "environments", "revision"])
    after = {"state": release.state, "environments": release.environments}
    record(actor, "release.shipped", release.subject, before=before, after=after, row=release, note=_words(note))
    return release


@transaction.atomic
def withdraw(actor: Actor, pk: int, *, reason: str, revision: int | None = None) -> Release:
    """Record that a release was withdrawn; it no longer ships, and later ones are not compared with it."""
    release = _locked(actor, pk, revision)
    if not reason.strip():
        raise InputError("a withdrawal needs a reason", remedy="Say why, for those who look at it later.")
    if release.state == ReleaseState.WITHDRAWN:
        raise Conflict(f"{release} is withdrawn already", remedy="Nothing is left to do.")
    before = {"state": release.state, "environments": list(release.environments)}
    release.state, release.environments = ReleaseState.WITHDRAWN, []
    release.stale = "It was withdrawn."
    release.revision += 1
    release.save(update_fields=["state", "environments", "stale", "revision"])
    after = {"state": release.state}
    record(actor, "release.withdrawn", release.subject, before=before, after=after, row=release, reason=_words(reason))
    return release


def _locked(actor: Actor, pk: int, revision: int | None) -> Release:
    """Return a release, locked after its system, as every change of a release does it."""
    rows = Release.objects.select_related("system__product_line")
    found = actor.find(rows, Permission.RELEASE_READ, pk=pk)
    actor.need_on(Permission.RELEASE_SHIP, found.system)
    System.objects.select_for_update().get(pk=found.system_id)
    release = rows.select_for_update(of=("self",)).get(pk=pk)
    if revision is not None:
        same_revision(release, revision)
    return release


def _places(environments: Sequence[str]) -> list[str]:
    places = sorted({place.strip() for place in environments if place.strip()})
    wrong = [place for place in places if not _ENVIRONMENT.fullmatch(place)]
    if wrong or not places:
        raise InputError(
            f"{wrong[0][:64]!r} is no id of an environment" if wrong else "no environment is named",
            remedy="Name where it runs, for example prod: letters, digits, dot, dash and underscore.",
        )
    return places


def _words(text: str) -> str:
    return text.replace("\0", "").strip()[:2000]
