"""Pages of units and product lines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.request import Request
from roadworthy.server.accounts import organisation
from roadworthy.server.accounts.forms import ProductLineChangeForm, ProductLineForm, UnitChangeForm, UnitForm
from roadworthy.server.accounts.models import ProductLine, Unit
from roadworthy.server.accounts.views.form_page import Wording, act, form_page, revision_of
from roadworthy.server.wire.revision import found

UNITS = (("/units/", "Organisation"),)


def tree(request: Request) -> HttpResponse:
    """Show the tree of units with their product lines."""
    content = {
        "branches": organisation.tree(),
        "free": ProductLine.objects.filter(unit=None),
        "manages": request.actor.may(Permission.ACCOUNT_MANAGE),
    }
    return render(request, "accounts/units.html", content)


def new_unit(request: Request) -> HttpResponse:
    """Add a unit."""
    wording = Wording("New unit", "Add the unit", "The unit is added.", crumbs=UNITS)

    def do(given: dict[str, Any]) -> Unit:
        return organisation.make_unit(request.actor, given["id"], given["title"], given["parent"])

    return form_page(request, UnitForm(request.POST or None), do, wording, _tree)


def change_unit(request: Request, key: str) -> HttpResponse:
    """Rename or move a unit."""
    unit = found(Unit.objects.select_related("parent"), slug=key)
    form = UnitChangeForm(
        request.POST or None, initial={"title": unit.title, "parent": unit.parent.slug if unit.parent else ""}
    )
    form.revision = unit.revision  # type: ignore[attr-defined]

    def do(given: dict[str, Any]) -> Unit:
        return organisation.change_unit(request.actor, key, revision_of(request), given["title"], given["parent"])

    return form_page(request, form, do, Wording(f"Change {unit}", "Save", "Saved.", crumbs=UNITS), _tree)


def delete_unit(request: Request, key: str) -> HttpResponse:
    """Delete a unit that nothing belongs to."""
    return _delete(request, lambda: organisation.delete_unit(request.actor, key, revision_of(request)))


def new_product_line(request: Request) -> HttpResponse:
    """Add a product line."""
    wording = Wording("New product line", "Add the product line", "The product line is added.", crumbs=UNITS)

    def do(given: dict[str, Any]) -> ProductLine:
        return organisation.make_product_line(request.actor, given["id"], given["title"], given["unit"])

    return form_page(request, ProductLineForm(request.POST or None), do, wording, _tree)


def change_product_line(request: Request, key: str) -> HttpResponse:
    """Rename or move a product line."""
    line = found(ProductLine.objects.select_related("unit"), slug=key)
    form = ProductLineChangeForm(
        request.POST or None, initial={"title": line.title, "unit": line.unit.slug if line.unit else ""}
    )
    form.revision = line.revision  # type: ignore[attr-defined]

    def do(given: dict[str, Any]) -> ProductLine:
        revision = revision_of(request)
        return organisation.change_product_line(request.actor, key, revision, given["title"], given["unit"])

    return form_page(request, form, do, Wording(f"Change {line}", "Save", "Saved.", crumbs=UNITS), _tree)


def delete_product_line(request: Request, key: str) -> HttpResponse:
    """Delete a product line that nothing belongs to."""
    return _delete(request, lambda: organisation.delete_product_line(request.actor, key, revision_of(request)))


def _delete(request: Request, do: Callable[[], None]) -> HttpResponse:
    return act(request, do, "Deleted.", _tree(None))


def _tree(row: Any) -> str:
    return reverse("people:units")
