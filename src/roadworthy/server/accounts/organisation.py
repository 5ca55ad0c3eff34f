"""What can be done with the parts of the organisation: the tree of units, and product lines."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import ProtectedError

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict
from roadworthy.server.accounts.models import Grant, ProductLine, Unit
from roadworthy.server.accounts.texts import name, slug
from roadworthy.server.audit.services import record
from roadworthy.server.wire.revision import locked


@dataclass(frozen=True)
class Branch:
    """A unit in the tree, with how deep it stands."""

    unit: Unit
    depth: int
    product_lines: list[ProductLine]

    @property
    def steps(self) -> range:
        """Return one step for each unit above it."""
        return range(self.depth)


def tree() -> list[Branch]:
    """Return all units, each after the one above it; two queries."""
    children: dict[int | None, list[Unit]] = {}
    for unit in Unit.objects.order_by("title"):
        children.setdefault(unit.parent_id, []).append(unit)
    lines: dict[int | None, list[ProductLine]] = {}
    for line in ProductLine.objects.order_by("title"):
        lines.setdefault(line.unit_id, []).append(line)
    found: list[Branch] = []
    waiting = [(unit, 0) for unit in reversed(children.get(None, []))]
    while waiting:
        unit, depth = waiting.pop()
        found.append(Branch(unit, depth, lines.get(unit.pk, [])))
        waiting.extend((child, depth + 1) for child in reversed(children.get(unit.pk, [])))
    return found


@transaction.atomic
def make_unit(actor: Actor, key: str, title: str, parent: str = "") -> Unit:
    """Add a unit. Raises InputError for an id that is taken or an unknown unit above it."""
    actor.need(Permission.ACCOUNT_MANAGE)
    if Unit.objects.filter(slug=slug(key)).exists():
        raise InputError(f"a unit {key!r} is there already", remedy="Choose another id.")
    unit = Unit.objects.create(slug=key, title=name(title, "the title of a unit"), parent=_unit(parent))
    record(actor, "unit.made", unit.subject, after=_said(unit), row=unit)
    return unit


@transaction.atomic
def change_unit(actor: Actor, key: str, revision: int | None, title: str, parent: str = "") -> Unit:
    """Change a unit, or move it with all below it. Raises InputError when it would stand below itself."""
    actor.need(Permission.ACCOUNT_MANAGE)
    list(Unit.objects.select_for_update().order_by("pk"))  # two moves at once could make a ring
    unit = locked(Unit.objects.all(), revision, slug=key)
    before = _said(unit)
    above = _unit(parent)
    if above is not None and unit in _up(above):
        raise InputError("a unit does not stand below itself", remedy="Choose a unit of another branch.")
    unit.title, unit.parent = name(title, "the title of a unit"), above
    after = _said(unit)
    if before != after:
        unit.revision += 1
        unit.save()
        record(actor, "unit.changed", unit.subject, before=before, after=after, row=unit)
    return unit


@transaction.atomic
def delete_unit(actor: Actor, key: str, revision: int | None) -> None:
    """Delete a unit that nothing belongs to. Raises Conflict when something does."""
    actor.need(Permission.ACCOUNT_MANAGE)
    unit = locked(Unit.objects.all(), revision, slug=key)
    if Grant.objects.filter(unit=unit).exists():
        raise Conflict("roles are granted in this unit", remedy="Take them back first.")
    subject, before = unit.subject, _said(unit)
    try:
        unit.delete()
    except ProtectedError as error:
        raise Conflict("units or product lines belong to it", remedy="Move or delete them first.") from error
    record(actor, "unit.deleted", subject, before=before)


@transaction.atomic
def make_product_line(actor: Actor, key: str, title: str, unit: str = "") -> ProductLine:
    """Add a product line. Raises InputError for an id that is taken or an unknown unit."""
    actor.need(Permission.ACCOUNT_MANAGE)
    if ProductLine.objects.filter(slug=slug(key)).exists():
        raise InputError(f"a product line {key!r} is there already", remedy="Choose another id.")
    line = ProductLine.objects.create(slug=key, title=name(title, "the title of a product line"), unit=_unit(unit))
    record(actor, "product_line.made", line.subject, after=_line_said(line), row=line)
    return line


@transaction.atomic
def change_product_line(actor: Actor, key: str, revision: int | None, title: str, unit: str = "") -> ProductLine:
    """Change a product line, or move it to another unit."""
    actor.need(Permission.ACCOUNT_MANAGE)
    line = locked(ProductLine.objects.select_related("unit"), revision, slug=key)
    before = _line_said(line)
    line.title, line.unit = name(title, "the title of a product line"), _unit(unit)
    after = _line_said(line)
    if before != after:
        line.revision += 1
        line.save()
        record(actor, "product_line.changed", line.subject, before=before, after=after, row=line)
    return line


@transaction.atomic
def delete_product_line(actor: Actor, key: str, revision: int | None) -> None:
    """Delete a product line that nothing belongs to. Raises Conflict when something does."""
    actor.need(Permission.ACCOUNT_MANAGE)
    line = locked(ProductLine.objects.all(), revision, slug=key)
    if Grant.objects.filter(product_line=line).exists():
        raise Conflict("roles are granted in this product line", remedy="Take them back first.")
    subject, before = line.subject, _line_said(line)
    try:
        line.delete()
    except ProtectedError as error:
        raise Conflict("systems belong to this product line", remedy="Move them first.") from error
    record(actor, "product_line.deleted", subject, before=before)


def _up(unit: Unit) -> list[Unit]:
    """Return a unit and all above it."""
    found = [unit]
    while found[-1].parent is not None:
        found.append(found[-1].parent)
    return found


def _unit(key: str) -> Unit | None:
    if not key:
        return None
    unit = Unit.objects.filter(slug=key).first()
    if unit is None:
        raise InputError(f"there is no unit {key[:64]!r}", remedy="Choose one from the tree of units.")
    return unit


def _said(unit: Unit) -> dict[str, str]:
    return {"title": unit.title, "parent": unit.parent.slug if unit.parent else ""}


def _line_said(line: ProductLine) -> dict[str, str]:
    return {"title": line.title, "unit": line.unit.slug if line.unit else ""}
