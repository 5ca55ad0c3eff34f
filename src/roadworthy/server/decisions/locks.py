"""The order in which rows are locked: system, release, request or exception, and the end of the audit trail last.

Everybody who changes these takes them in this order, so that nobody waits for somebody who waits for them.
"""

from __future__ import annotations

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Missing
from roadworthy.server.decisions.models import DecisionRequest, ExceptionRequest
from roadworthy.server.releases.models import Release
from roadworthy.server.systems.models import System


def seen_release(actor: Actor, pk: int) -> Release:
    """Return a release that the actor may see, locked with its system. Raises Missing."""
    found = actor.find(Release.objects.all(), Permission.RELEASE_READ, pk=pk)
    return lock_release(found.pk, found.system_id)


def seen_request(actor: Actor, pk: int) -> DecisionRequest:
    """Return a request that the actor may see, locked with its release and system. Raises Missing."""
    rows = DecisionRequest.objects.select_related("release")
    found = actor.find(rows, Permission.RELEASE_READ, pk=pk)
    return lock_request(found.pk, found.release_id, found.release.system_id)


def seen_exception(actor: Actor, pk: int) -> ExceptionRequest:
    """Return an exception that the actor may see, locked with its system. Raises Missing."""
    found = actor.find(ExceptionRequest.objects.all(), Permission.RELEASE_READ, pk=pk)
    return lock_exception(found.pk, found.system_id)


def lock_system(pk: int) -> System:
    """Lock a system; nobody else decides about any of its releases meanwhile."""
    rows = System.objects.select_for_update(of=("self",), no_key=True)
    system: System = rows.select_related("product_line").get(pk=pk)
    return system


def lock_release(pk: int, system: int) -> Release:
    """Lock a system and one of its releases."""
    owner = lock_system(system)
    rows = Release.objects.select_for_update(of=("self",), no_key=True).select_related("standard")
    release = rows.defer("standard__content", "standard__layer").get(pk=pk)
    release.system = owner
    return release


def lock_request(pk: int, release: int, system: int) -> DecisionRequest:
    """Lock a request, its release and its system."""
    held = lock_release(release, system)
    request = DecisionRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=pk)
    request.release = held
    return request


def lock_exception(pk: int, system: int) -> ExceptionRequest:
    """Lock an exception and its system."""
    owner = lock_system(system)
    rows = ExceptionRequest.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Missing("there is no exception here that you may see", remedy="Check the address.")
    found.system = owner
    return found
