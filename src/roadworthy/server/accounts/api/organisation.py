"""Units and product lines over the API."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Path, Query, Router
from ninja.responses import Status
from pydantic import StringConstraints

from roadworthy.server.access.request import Request
from roadworthy.server.accounts import organisation
from roadworthy.server.accounts.models import ProductLine, Unit
from roadworthy.server.accounts.schemas import (
    ProductLineChange,
    ProductLineIn,
    ProductLineOut,
    UnitChange,
    UnitIn,
    UnitOut,
)
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.revision import IF_MATCH, asked_revision, found, tag

router = Router(tags=["Organisation"])
Id = Annotated[str, StringConstraints(min_length=1, max_length=64)]


@router.get("/units", response=Page[UnitOut], url_name="units", operation_id="list_units", summary="List units")
def list_units(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """List the units of the organisation, newest first."""
    return paged(Unit.objects.select_related("parent"), paging)


@router.post("/units", response={201: UnitOut}, url_name="units", operation_id="make_unit", summary="Add a unit")
def make_unit(request: Request, response: HttpResponse, given: UnitIn) -> Status[Any]:
    """Add a unit, at the top or below another."""
    row = organisation.make_unit(request.actor, given.id, given.title, given.parent)
    tag(response, row)
    return Status(201, row)


@router.get("/units/{unit}", response=UnitOut, url_name="unit", operation_id="show_unit", summary="Show a unit")
def show_unit(request: Request, response: HttpResponse, unit: Path[Id]) -> Unit:
    """Show one unit."""
    row = found(Unit.objects.select_related("parent"), slug=unit)
    tag(response, row)
    return row


@router.put(
    "/units/{unit}",
    response=UnitOut,
    url_name="unit",
    operation_id="change_unit",
    summary="Change a unit",
    openapi_extra=IF_MATCH,
)
def change_unit(request: Request, response: HttpResponse, unit: Path[Id], given: UnitChange) -> Unit:
    """Rename a unit, or move it with all below it."""
    row = organisation.change_unit(request.actor, unit, asked_revision(request), given.title, given.parent)
    tag(response, row)
    return row


@router.delete(
    "/units/{unit}",
    response={204: None},
    url_name="unit",
    operation_id="delete_unit",
    summary="Delete a unit",
    openapi_extra=IF_MATCH,
)
def delete_unit(request: Request, unit: Path[Id]) -> Status[None]:
    """Delete a unit that nothing belongs to."""
    organisation.delete_unit(request.actor, unit, asked_revision(request))
    return Status(204, None)


@router.get(
    "/product-lines",
    response=Page[ProductLineOut],
    url_name="product_lines",
    operation_id="list_product_lines",
    summary="List product lines",
)
def list_product_lines(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """List the product lines, newest first."""
    return paged(ProductLine.objects.select_related("unit"), paging)


@router.post(
    "/product-lines",
    response={201: ProductLineOut},
    url_name="product_lines",
    operation_id="make_product_line",
    summary="Add a product line",
)
def make_product_line(request: Request, response: HttpResponse, given: ProductLineIn) -> Status[Any]:
    """Add a product line."""
    row = organisation.make_product_line(request.actor, given.id, given.title, given.unit)
    tag(response, row)
    return Status(201, row)


@router.get(
    "/product-lines/{product_line}",
    response=ProductLineOut,
    url_name="product_line",
    operation_id="show_product_line",
    summary="Show a product line",
)
def show_product_line(request: Request, response: HttpResponse, product_line: Path[Id]) -> ProductLine:
    """Show one product line."""
    row = found(ProductLine.objects.select_related("unit"), slug=product_line)
    tag(response, row)
    return row


@router.put(
    "/product-lines/{product_line}",
    response=ProductLineOut,
    url_name="product_line",
    operation_id="change_product_line",
    summary="Change a product line",
    openapi_extra=IF_MATCH,
)
def change_product_line(
    request: Request, response: HttpResponse, product_line: Path[Id], given: ProductLineChange
) -> ProductLine:
    """Rename a product line, or move it to another unit."""
    row = organisation.change_product_line(
        request.actor, product_line, asked_revision(request), given.title, given.unit
    )
    tag(response, row)
    return row


@router.delete(
    "/product-lines/{product_line}",
    response={204: None},
    url_name="product_line",
    operation_id="delete_product_line",
    summary="Delete a product line",
    openapi_extra=IF_MATCH,
)
def delete_product_line(request: Request, product_line: Path[Id]) -> Status[None]:
    """Delete a product line that nothing belongs to."""
    organisation.delete_product_line(request.actor, product_line, asked_revision(request))
    return Status(204, None)
