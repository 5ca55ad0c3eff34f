"""Send a delivery, signed as Standard Webhooks has it, and try again later when it is not taken.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from http import HTTPStatus

import aiohttp
from django.db import transaction
from django.utils import timezone
from standardwebhooks import Webhook

from roadworthy.core.version import VERSION
from roadworthy.server.access.actor import server_actor
from roadworthy.server.audit.services import record
from roadworthy.server.webhooks.addresses import PublicResolver, check_address
from roadworthy.server.webhooks.models import Delivery, DeliveryState, Endpoint
from roadworthy.server.webhooks.services import secret_of, subject

WAITS = [timedelta(seconds=s) for s in (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)]
"""How long after each failure it is tried again, as the specification proposes; after the last it is given up."""
CLAIM = timedelta(minutes=5)
"""While one worker tries, another leaves it alone."""
SECONDS = 15


def attempt(pk: int) -> tuple[datetime | None, str]:
    """Try a delivery; return when to try again, or None, and what came of it."""
    row = _claim(pk)
    if row is None:
        return None, "done already, or tried by another"
    status, answer = asyncio.run(_send(row))
    return _settle(row, status, answer)


@transaction.atomic
def _claim(pk: int) -> Delivery | None:
    moment = timezone.now()
    row = Delivery.objects.select_for_update().select_related("endpoint").filter(pk=pk).first()
    if row is None or row.state != DeliveryState.WAITING or row.next_at > moment:
        return None
    row.tries += 1
    row.next_at = moment + CLAIM
    row.save(update_fields=["tries", "next_at"])
    return row


async def _send(row: Delivery) -> tuple[int, str]:
    """Return the status that was answered, 0 without an answer, and what to keep of it."""
    body = row.payload.encode()
    try:
        check_address(row.endpoint.url)
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        connector = aiohttp.TCPConnector(resolver=PublicResolver())
        async with (
            aiohttp.ClientSession(timeout=timeout, connector=connector, trust_env=False) as session,
            session.post(row.endpoint.url, data=body, headers=_headers(row, body), allow_redirects=False) as answer,
        ):
            text = (await answer.content.read(200)).decode("utf-8", "replace").replace("\0", "")
            return answer.status, f"{answer.status} {text}".strip()
    except Exception as error:
        cause = error.__cause__ or error
        return 0, f"{type(cause).__name__}: {cause}"


def _headers(row: Delivery, body: bytes) -> dict[str, str]:
    moment = timezone.now()
    signature = Webhook(secret_of(row.endpoint)).sign(row.message, moment, body.decode())
    return {
        "Content-Type": "application/json",
        "User-Agent": f"Roadworthy/{VERSION}",
        "webhook-id": row.message,
        "webhook-timestamp": str(int(moment.timestamp())),
        "webhook-signature": signature,
    }


@transaction.atomic
def _settle(row: Delivery, status: int, answer: str) -> tuple[datetime | None, str]:
    moment = timezone.now()
    row.answer = answer[:300]
    again: datetime | None = None
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        row.state, row.done_at = DeliveryState.DELIVERED, moment
    elif status == HTTPStatus.GONE or row.tries > len(WAITS):
        row.state, row.done_at = DeliveryState.FAILED, moment
        _stop(row.endpoint, answer)
    else:
        again = row.next_at = moment + WAITS[row.tries - 1]
    row.save()
    return again, f"{row.state}: {row.answer}"


def _stop(endpoint: Endpoint, answer: str) -> None:
    """Stop an endpoint that is gone, or took nothing for days; who made it is told."""
    if Endpoint.objects.filter(pk=endpoint.pk, active=True).update(active=False):
        people = [endpoint.created_by_id] if endpoint.created_by_id else []
        record(server_actor(), "webhook.stopped", subject(endpoint), reason=answer[:300], people=people, row=endpoint)
