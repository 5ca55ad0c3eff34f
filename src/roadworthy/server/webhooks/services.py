"""What can be done with webhooks. The secret is shown when it is made, and sealed from then on."""

from __future__ import annotations

import secrets
from base64 import b64encode
from collections.abc import Collection
from urllib.parse import urlsplit

from django.db import transaction

from roadworthy.core.errors import InputError
from roadworthy.core.names import did_you_mean
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.events import EVENTS
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.subject import Subject
from roadworthy.server.audit.services import record
from roadworthy.server.sealing import seal, unseal
from roadworthy.server.webhooks.addresses import check_address
from roadworthy.server.webhooks.models import Endpoint
from roadworthy.server.wire.revision import found, locked

PREFIX = "whsec_"


def sendable() -> list[str]:
    """Return the names of the events that webhooks can ask for."""
    return sorted(name for name, kind in EVENTS.items() if kind.webhook)


@transaction.atomic
def make_endpoint(actor: Actor, title: str, url: str, events: Collection[str]) -> tuple[Endpoint, str]:
    """Add an endpoint and return it with its secret. Raises InputError for a bad address or an unknown event."""
    actor.need(Permission.WEBHOOK_MANAGE)
    _check(title, url, events)
    secret = _new_secret()
    row = Endpoint.objects.create(title=title, url=url, events=sorted(events), secret="", created_by_id=actor.user_id)
    _keep_secret(row, secret)
    record(actor, "webhook.made", subject(row), after=_facts(row), row=row)
    return row, secret


@transaction.atomic
def change_endpoint(
    actor: Actor, pk: int, revision: int, *, title: str, url: str, events: Collection[str], active: bool
) -> Endpoint:
    """Change an endpoint. Raises Changed when somebody was faster."""
    actor.need(Permission.WEBHOOK_MANAGE)
    row = locked(Endpoint.objects.all(), revision, pk=pk)
    _check(title, url, events)
    before = _facts(row)
    row.title, row.url, row.events, row.active = title, url, sorted(events), active
    row.revision += 1
    row.save()
    record(actor, "webhook.changed", subject(row), before=before, after=_facts(row), row=row)
    return row


@transaction.atomic
def renew_secret(actor: Actor, pk: int, revision: int) -> tuple[Endpoint, str]:
    """Give an endpoint a new secret; what is sent from now on is signed with it."""
    actor.need(Permission.WEBHOOK_MANAGE)
    row = locked(Endpoint.objects.all(), revision, pk=pk)
    secret = _new_secret()
    row.revision += 1
    _keep_secret(row, secret)
    record(actor, "webhook.secret_renewed", subject(row), row=row)
    return row, secret


@transaction.atomic
def remove_endpoint(actor: Actor, pk: int, revision: int) -> None:
    """Remove an endpoint with its deliveries; the trail keeps that it was there."""
    actor.need(Permission.WEBHOOK_MANAGE)
    row = locked(Endpoint.objects.all(), revision, pk=pk)
    before, about = _facts(row), subject(row)
    row.delete()
    record(actor, "webhook.removed", about, before=before)


def find_endpoint(pk: int) -> Endpoint:
    """Return an endpoint; raises Missing."""
    return found(Endpoint.objects.all(), pk=pk)


def secret_of(row: Endpoint) -> str:
    """Return the secret that signs what is sent to an endpoint."""
    return unseal(row.secret, _purpose(row))


def subject(row: Endpoint) -> Subject:
    """Return how events name an endpoint."""
    return Subject("webhook", str(row.pk), row.title, url=f"/webhooks/{row.pk}/")


def _check(title: str, url: str, events: Collection[str]) -> None:
    if not title.strip():
        raise InputError("a webhook needs a title", remedy="Say who listens.")
    if urlsplit(url).username:
        raise InputError("an address with a name or password in it would be shown to many", remedy="Leave them out.")
    check_address(url)
    known = sendable()
    for name in events:
        if name not in known:
            raise InputError(f"there is no event {name!r} that is sent", remedy=did_you_mean(name, known))


def _facts(row: Endpoint) -> dict[str, object]:
    return {"title": row.title, "url": row.url, "events": row.events, "active": row.active}


def _new_secret() -> str:
    return PREFIX + b64encode(secrets.token_bytes(32)).decode()


def _keep_secret(row: Endpoint, secret: str) -> None:
    row.secret = seal(secret, _purpose(row))
    row.save()


def _purpose(row: Endpoint) -> str:
    return f"webhook {row.pk} secret"
