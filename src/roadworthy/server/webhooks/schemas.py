"""Webhooks as the API shows them."""

from __future__ import annotations

from datetime import datetime

from ninja import Field, Schema


class WebhookIn(Schema):
    """What a webhook is to be."""

    title: str = Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")
    url: str = Field(min_length=1, max_length=500, pattern=r"^[^\x00\s]*$", description="https address that is called.")
    events: list[str] = Field([], max_length=200, description="Names of events; none: all that are sent.")


class WebhookChange(WebhookIn):
    """What a webhook is to be from now on."""

    active: bool = True


class WebhookOut(Schema):
    """A webhook."""

    id: int
    title: str
    url: str
    events: list[str]
    active: bool
    created_at: datetime
    revision: int


class WebhookMade(WebhookOut):
    """A webhook with its secret, which is shown this once."""

    secret: str = Field(description="whsec_..., with which signatures are verified.")


class DeliveryOut(Schema):
    """One event for one webhook."""

    id: int
    message: str
    event: str
    state: str
    tries: int
    next_at: datetime
    answer: str
    created_at: datetime
    done_at: datetime | None
