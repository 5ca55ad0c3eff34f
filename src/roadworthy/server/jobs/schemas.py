"""Notices and jobs as the API shows them."""

from __future__ import annotations

from datetime import datetime

from ninja import Field, Schema


class NoticeOut(Schema):
    """A notice in one's inbox."""

    id: int
    event: str
    title: str
    detail: str
    url: str
    at: datetime
    read_at: datetime | None


class MarkIn(Schema):
    """Which notices to mark as read."""

    notices: list[int] | None = Field(None, description="Ids; without them, all.", max_length=500)


class MarkOut(Schema):
    """How many notices were marked."""

    marked: int


class JobOut(Schema):
    """A job that comes back."""

    name: str
    title: str
    every_seconds: int
    next_at: datetime | None
    last_at: datetime | None
    last_outcome: str
