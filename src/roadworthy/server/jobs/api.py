"""Notices and jobs over the API."""

from __future__ import annotations

from typing import Any

from ninja import Query, Router

from roadworthy.server.access.request import Request
from roadworthy.server.jobs.board import board
from roadworthy.server.jobs.models import Notice, Schedule
from roadworthy.server.jobs.notices import mark_read
from roadworthy.server.jobs.schemas import JobOut, MarkIn, MarkOut, NoticeOut
from roadworthy.server.wire.paging import Page, Paging, paged

router = Router(tags=["Inbox and jobs"])
LARGEST = 2**63 - 1


@router.get("/notices", response=Page[NoticeOut], url_name="notices", summary="List your notices")
def list_notices(request: Request, paging: Query[Paging], unread: bool = False) -> dict[str, Any]:
    """List what your inbox holds, newest first."""
    rows = Notice.objects.filter(user_id=request.actor.person)
    return paged(rows.filter(read_at=None) if unread else rows, paging)


@router.post("/notices", response=MarkOut, url_name="notices", summary="Mark notices as read")
def mark_notices(request: Request, given: MarkIn) -> dict[str, int]:
    """Mark notices of yours as read; others are left as they are."""
    chosen = None if given.notices is None else [pk for pk in given.notices if 0 < pk <= LARGEST]
    return {"marked": mark_read(request.actor, chosen)}


@router.get("/jobs", response=list[JobOut], url_name="jobs", summary="List the jobs that come back")
def list_jobs(request: Request) -> list[dict[str, Any]]:
    """List the jobs that the server does by itself, when each ran last and what came of it."""
    rows = {row.name: row for row in Schedule.objects.all()}
    return [
        {
            "name": job.name,
            "title": job.title,
            "every_seconds": int(job.every.total_seconds()),
            "next_at": getattr(rows.get(job.name), "next_at", None),
            "last_at": getattr(rows.get(job.name), "last_at", None),
            "last_outcome": getattr(rows.get(job.name), "last_outcome", ""),
        }
        for job in board().values()
    ]
