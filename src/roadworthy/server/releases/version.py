"""The version of a system that a bundle declares."""

from __future__ import annotations

from roadworthy.decide.dossier import Dossier
from roadworthy.server.access.actor import Actor
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.systems.declaration import sealed
from roadworthy.server.systems.models import System, SystemVersion
from roadworthy.server.systems.services import BUNDLE, next_number, save_version
from roadworthy.server.systems.tiering import tier_now


def version_of(actor: Actor, dossier: Dossier, *, newest: bool) -> SystemVersion:
    """Return the version that a bundle declares, saved if it is not there; an old one does not become the newest."""
    parts = dict(dossier.fingerprint)
    if newest:
        return save_version(actor, dossier.system, source=BUNDLE, parts=parts)
    text, digest = sealed(dossier.system)
    system = System.objects.get(slug=dossier.system.system)
    for version in system.versions.filter(digest=digest).select_related("system"):
        if version.parts == parts:
            return version
    tier, why = tier_now(dossier.system, in_force())
    return SystemVersion.objects.create(
        system=system,
        number=next_number(system),
        release=dossier.system.release[:200],
        declaration=text,
        digest=digest,
        parts=parts,
        source=BUNDLE,
        note="Pushed after a newer one.",
        tier=tier,
        tiering=why,
        created_by_id=actor.user_id,
    )
