"""Where a grant or a token holds: systems by their key, without importing the app above."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from roadworthy.core.errors import InputError
from roadworthy.server.accounts.models import Unit


def systems() -> QuerySet[Any]:
    """Return the rows of systems."""
    return apps.get_model("systems", "System")._default_manager.all()


def place_of(system: int) -> tuple[int, int | None, int | None] | None:
    """Return a system's key, product line and unit; None when there is no such system."""
    return systems().filter(pk=system).values_list("pk", "product_line_id", "product_line__unit_id").first()


def units_above(unit: int | None) -> list[int]:
    """Return a unit and those that it lies in, lowest first."""
    if unit is None:
        return []
    parents = dict(Unit.objects.values_list("pk", "parent_id"))
    found: list[int] = []
    above: int | None = unit
    while above is not None and above not in found:
        found.append(above)
        above = parents.get(above)
    return found


def titles_of(keys: Iterable[int | None]) -> dict[int, str]:
    """Return the titles of systems by key, in one query."""
    wanted = {key for key in keys if key is not None}
    return dict(systems().filter(pk__in=wanted).values_list("pk", "title")) if wanted else {}


def name_systems(rows: Iterable[Any]) -> list[Any]:
    """Set `system_slug` of each row that has a `system_id`, in one query."""
    found = list(rows)
    wanted = {row.system_id for row in found if row.system_id is not None}
    slugs = dict(systems().filter(pk__in=wanted).values_list("pk", "slug")) if wanted else {}
    for row in found:
        row.system_slug = slugs.get(row.system_id)
    return found


def system_key(slug: str) -> int:
    """Return the key of a system by its id; raises InputError when there is none."""
    key = systems().filter(slug=slug).values_list("pk", flat=True).first()
    if key is None:
        raise InputError(f"there is no system {slug!r}", remedy="Give the id of a system as its page shows it.")
    return int(key)
