"""A new standard in force: every system gets the tier that it gives, in the background when there are many."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django_tasks import task

from roadworthy.server.access.actor import Actor, server_actor
from roadworthy.server.access.events import Event
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.systems.declaration import declared
from roadworthy.server.systems.models import Lifecycle, System
from roadworthy.server.systems.override import (
    end_override,
    follow,
    open_override,
    tell_of_tier,
    tell_override_ended,
)
from roadworthy.server.systems.tiering import tier_now

AT_ONCE = 100
"""Systems that are tiered within the transaction that puts the standard in force; more are left to a task."""


def on_standard_in_force(event: Event) -> None:
    """Tier every system anew."""
    keys = list(_rows().values_list("pk", flat=True)[: AT_ONCE + 1])
    if len(keys) <= AT_ONCE:
        _retier(event.actor, keys)
    else:
        transaction.on_commit(lambda: retier_all.enqueue())


@task()
def retier_all() -> None:
    """Tier every system under the standard in force, each in a transaction of its own; safe to run again."""
    last = 0
    while keys := list(_rows().filter(pk__gt=last).values_list("pk", flat=True)[:AT_ONCE]):
        for key in keys:
            with transaction.atomic():
                _retier(server_actor(), [key])
        last = keys[-1]


def _rows() -> QuerySet[System]:
    return System.objects.exclude(lifecycle=Lifecycle.RETIRED).exclude(version=None).order_by("pk")


def _retier(actor: Actor, keys: Iterable[int]) -> None:
    loaded = in_force()
    for key in keys:
        row = System.objects.select_for_update().get(pk=key)
        if row.version is None:
            continue
        tier, _ = tier_now(declared(row.version), loaded)
        override = open_override(row)
        if override and override.rules_tier == tier:
            continue
        if override:
            end_override(override, f"The rules of {loaded.name} give another tier than before.")
        before, row.tier, row.tier_set = row.tier, tier, False
        if before == tier and not override:
            continue
        row.revision += 1
        row.save()
        if override:
            follow(actor, row, override, override.ended_why)
            tell_override_ended(actor, row, override)
        if before != tier:
            tell_of_tier(actor, row, before)
