"""The audit trail as the API shows it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any

from ninja import Field, Schema
from pydantic import StringConstraints

from roadworthy.server.audit.models import Entry, Outcome
from roadworthy.server.wire.days import Day

Exact = Annotated[str, StringConstraints(max_length=254)]


class EntryOut(Schema):
    """One entry of the trail."""

    number: int
    at: datetime
    actor: str = Field(description="user:17, token:4 or server:job.")
    actor_name: str
    door: str = Field(description="Through what the actor came: page, api, scim, job, command.")
    action: str
    outcome: str
    kind: str
    subject: str
    title: str
    system: str
    detail: dict[str, Any] = Field(description="Before, after, reason and what else was said.")
    request: str = Field(description="Id of the request.")
    previous: str = Field(description="Digest of the entry before.")
    digest: str

    @staticmethod
    def resolve_detail(row: Entry) -> dict[str, Any]:
        """Return the detail, read."""
        return dict(json.loads(row.detail))


class HeadOut(Schema):
    """The signed end of the trail. Keep it elsewhere: it shows later whether the trail was cut off or rewritten."""

    number: int
    digest: str
    key: str = Field(description="Ed25519 public key, hex.")
    signature: str


class EntriesQuery(Schema):
    """What is looked for; what is empty does not narrow."""

    action: Exact = ""
    actor: Exact = Field("", description="user:17, token:4, server:job, or a mail address.")
    kind: Exact = ""
    subject: Exact = ""
    system: Exact = ""
    outcome: Outcome | None = None
    since: Day | None = None
    until: Day | None = Field(None, description="The last day, included.")
