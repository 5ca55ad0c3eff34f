"""The outbox: an event that webhooks ask for becomes a delivery, in the transaction of the event itself."""

from __future__ import annotations

import uuid

import msgspec
from django.utils import timezone

from roadworthy.core.clock import format_time
from roadworthy.server.access.events import EVENTS, Event
from roadworthy.server.audit.services import plain
from roadworthy.server.configuration import configuration
from roadworthy.server.webhooks.models import Delivery, Endpoint
from roadworthy.server.webhooks.tasks import deliver


def hear(event: Event) -> None:
    """Put an event into the outbox of every endpoint that asks for it."""
    if EVENTS[event.name].webhook:
        for endpoint in Endpoint.objects.filter(active=True):
            if not endpoint.events or event.name in endpoint.events:
                post(endpoint, event)


def post(endpoint: Endpoint, event: Event) -> Delivery:
    """Put one event into the outbox of one endpoint, and queue its delivery."""
    row = Delivery.objects.create(
        endpoint=endpoint,
        message=f"msg_{uuid.uuid4().hex}",
        event=event.name,
        payload=payload(event).decode(),
        next_at=timezone.now(),
    )
    deliver.enqueue(row.pk)
    return row


def payload(event: Event) -> bytes:
    """Write what is sent: type, timestamp, and data (who did what to which thing, and why)."""
    about = event.subject
    detail = {name: value for name, value in plain(event.detail).items() if name != "people"}
    return msgspec.json.encode(
        {
            "type": event.name,
            "timestamp": format_time(timezone.now()),
            "data": {
                "kind": about.kind,
                "id": about.id,
                "title": about.title,
                "system": about.system,
                "url": f"{configuration().base_url}{about.url}" if about.url else "",
                "actor": event.actor.name,
                "detail": detail,
            },
        }
    )
