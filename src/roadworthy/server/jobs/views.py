"""The inbox, and the board of jobs."""

from __future__ import annotations

from functools import reduce
from operator import or_

from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html

from roadworthy.server.access.request import Request
from roadworthy.server.jobs.board import board
from roadworthy.server.jobs.models import Notice, Schedule
from roadworthy.server.jobs.notices import mark_read
from roadworthy.server.shell.components.chip import state_chip
from roadworthy.server.shell.components.moment import when
from roadworthy.server.shell.listing import Choice, Column, Filter, Listing


def _in_state(values: list[str]) -> Q:
    chosen = [Q(read_at=None)] if "new" in values else []
    chosen += [Q(read_at__isnull=False)] if "read" in values else []
    return reduce(or_, chosen, Q())


def _state(row: Notice) -> str:
    return "read" if row.read_at else "new"


def _written(text: str) -> str:
    """Draw what a person wrote, so that a long word does not widen the page."""
    return format_html('<span class="written">{}</span>', text) if text else ""


INBOX = Listing(
    name="inbox",
    columns=[
        Column("at", "When", lambda row: when(row.at), sort="at", plain=lambda row: row.at),
        Column("title", "Notice", lambda row: row.title, main=True),
        Column("detail", "Why", lambda row: _written(row.detail), plain=lambda row: row.detail),
        Column("state", "State", lambda row: state_chip(_state(row)), plain=_state),
    ],
    filters=[
        Filter("state", "State", [Choice("new", "New"), Choice("read", "Read")], _in_state),
    ],
    search=["title__icontains"],
    sort="-at",
    url=lambda row: row.url or "/inbox/",
    empty="Nothing waits for you. What is assigned to you, or needs your signature, will be told here.",
)


def inbox(request: Request) -> HttpResponse:
    """Show the notices of the person."""
    rows = Notice.objects.filter(user_id=request.actor.person)
    unread = rows.filter(read_at=None)[:100].count()
    return render(request, "jobs/inbox.html", {"page": INBOX.page(request, rows), "unread": unread})


def read(request: Request) -> HttpResponse:
    """Mark notices as read: those named `notice`, or all."""
    named = request.POST.getlist("notice")
    if not all(pk.isdecimal() and len(pk) < 19 for pk in named):
        raise BadRequest("a notice is named by its number")
    mark_read(request.actor, [int(pk) for pk in named] if named else None)
    return redirect("jobs:inbox")


def jobs(request: Request) -> HttpResponse:
    """Show the jobs that come back, when each ran last and what came of it."""
    rows = {row.name: row for row in Schedule.objects.all()}
    known = [(job, rows.get(job.name)) for job in sorted(board().values(), key=lambda job: job.title)]
    return render(request, "jobs/jobs.html", {"jobs": known})
