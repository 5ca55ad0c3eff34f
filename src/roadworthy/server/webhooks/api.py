"""Webhooks over the API."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Path, Query, Router, Status

from roadworthy.server.access.request import Request
from roadworthy.server.webhooks import services
from roadworthy.server.webhooks.models import Delivery, Endpoint
from roadworthy.server.webhooks.schemas import DeliveryOut, WebhookChange, WebhookIn, WebhookMade, WebhookOut
from roadworthy.server.wire.paging import Page, Paging, paged
from roadworthy.server.wire.revision import asked_revision, tag

router = Router(tags=["Webhooks"])
Pk = Annotated[int, Path(gt=0, lt=2**63)]


@router.get("/webhooks", response=Page[WebhookOut], url_name="webhooks", summary="List webhooks")
def list_webhooks(request: Request, paging: Query[Paging]) -> dict[str, Any]:
    """List webhooks, newest first."""
    return paged(Endpoint.objects.all(), paging)


@router.post("/webhooks", response={201: WebhookMade}, url_name="webhooks", summary="Add a webhook")
def make_webhook(request: Request, response: HttpResponse, given: WebhookIn) -> Any:
    """Add a webhook; its secret is in this answer and in no other."""
    row, secret = services.make_endpoint(request.actor, given.title, given.url, given.events)
    tag(response, row)
    return Status(201, _made(row, secret))


@router.get("/webhooks/{pk}", response=WebhookOut, url_name="webhook", summary="Show a webhook")
def show_webhook(request: Request, response: HttpResponse, pk: Pk) -> Endpoint:
    """Show one webhook."""
    row = services.find_endpoint(pk)
    tag(response, row)
    return row


@router.put("/webhooks/{pk}", response=WebhookOut, url_name="webhook", summary="Change a webhook")
def change_webhook(request: Request, response: HttpResponse, pk: Pk, given: WebhookChange) -> Endpoint:
    """Change a webhook; If-Match names the revision that was read."""
    row = services.change_endpoint(request.actor, pk, asked_revision(request), **given.dict())
    tag(response, row)
    return row


@router.delete("/webhooks/{pk}", response={204: None}, url_name="webhook", summary="Remove a webhook")
def remove_webhook(request: Request, pk: Pk) -> Any:
    """Remove a webhook with its deliveries; If-Match names the revision that was read."""
    services.remove_endpoint(request.actor, pk, asked_revision(request))
    return Status(204, None)


@router.post(
    "/webhooks/{pk}/secret", response=WebhookMade, url_name="webhook_secret", summary="Renew the secret of a webhook"
)
def renew_secret(request: Request, response: HttpResponse, pk: Pk) -> dict[str, Any]:
    """Give a webhook a new secret; it is in this answer and in no other."""
    row, secret = services.renew_secret(request.actor, pk, asked_revision(request))
    tag(response, row)
    return _made(row, secret)


@router.get(
    "/webhooks/{pk}/deliveries",
    response=Page[DeliveryOut],
    url_name="webhook_deliveries",
    summary="List the deliveries of a webhook",
)
def list_deliveries(request: Request, pk: Pk, paging: Query[Paging]) -> dict[str, Any]:
    """List what was sent to a webhook, newest first, and what came of it."""
    services.find_endpoint(pk)
    return paged(Delivery.objects.filter(endpoint_id=pk), paging)


def _made(row: Endpoint, secret: str) -> dict[str, Any]:
    return {**WebhookOut.from_orm(row).dict(), "secret": secret}
