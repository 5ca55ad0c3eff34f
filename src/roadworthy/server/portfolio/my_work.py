"""My work: what is assigned to somebody, waits on them, or ends soon, each with when it is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.decisions.models import ExceptionRequest, ExceptionState
from roadworthy.server.decisions.waiting import exceptions_waiting_on, requests_waiting_on
from roadworthy.server.findings.models import UNSOLVED, Finding, FindingState
from roadworthy.server.jobs.models import Notice
from roadworthy.server.releases.models import Release
from roadworthy.server.systems.models import Intake, Question, QuestionState

SHOWN = 20
"""Items of a kind."""
SOON = timedelta(days=21)
"""What ends within this time is shown."""


@dataclass(frozen=True)
class Item:
    """Something to do."""

    title: str
    url: str
    about: str = ""
    due: datetime | None = None
    mark: str = ""
    """Severity or tier, drawn as a chip."""


@dataclass(frozen=True)
class Work:
    """Items of a kind."""

    kind: str
    title: str
    items: list[Item]
    more: str = ""
    """Address of the rest, where there is more."""


def my_work(actor: Actor) -> list[Work]:
    """Return what somebody has to do, kinds without anything left out; a bounded number of queries."""
    kinds = [
        Work("decisions", "Decisions that wait on you", _decisions(actor)),
        Work("findings", "Findings assigned to you", _findings(actor), "/findings/board?mine=1"),
        Work("questions", "Questions to answer", _questions(actor)),
        Work("intakes", "Intakes you have begun", _intakes(actor)),
        Work("ending", "Ends soon", _ending(actor)),
        Work("notices", "News", _notices(actor), "/inbox/"),
    ]
    return [one for one in kinds if one.items]


def _decisions(actor: Actor) -> list[Item]:
    found: list[Item] = []
    if actor.may(Permission.DECISION_SIGN):
        rows = requests_waiting_on(actor).select_related("release__system").order_by("due", "pk")[:SHOWN]
        found += [Item(str(row.release), row.subject.url, "Sign the release", row.due, row.tier) for row in rows]
    if actor.may(Permission.EXCEPTION_DECIDE):
        asked = exceptions_waiting_on(actor).select_related("system").order_by("requested_at", "pk")[:SHOWN]
        found += [
            Item(row.requirement, row.subject.url, f"Decide the exception for {row.system}", None, row.tier)
            for row in asked
        ]
    return found


def _findings(actor: Actor) -> list[Item]:
    rows = Finding.objects.filter(owner=actor.user_id, state__in=UNSOLVED).select_related("system").defer("detail")
    seen = actor.visible(rows, Permission.FINDING_READ).order_by("due", "pk")[:SHOWN]
    return [Item(row.title, row.subject.url, row.system.title, row.due, row.severity) for row in seen]


def _questions(actor: Actor) -> list[Item]:
    rows = Question.objects.filter(
        assigned_to=actor.user_id, state__in=[QuestionState.OPEN, QuestionState.TRIAGED]
    ).select_related("system")
    return [Item(row.title, row.subject.url, row.topic, row.due) for row in rows.order_by("due", "pk")[:SHOWN]]


def _intakes(actor: Actor) -> list[Item]:
    rows = Intake.objects.filter(owner=actor.user_id, submitted_at=None).order_by("-updated_at")[:SHOWN]
    return [Item(str(row), f"/intakes/{row.pk}/", "Go on where you were") for row in rows]


def _ending(actor: Actor) -> list[Item]:
    """Return exceptions, accepted risks and verdicts of one's systems that end soon."""
    now, edge = timezone.now(), timezone.now() + SOON
    mine = {"system__owner": actor.user_id}
    exceptions = ExceptionRequest.objects.filter(**mine, state=ExceptionState.APPROVED, until__gt=now, until__lte=edge)
    accepted = Finding.objects.filter(**mine, state=FindingState.ACCEPTED, accepted_until__lte=edge)
    verdicts = Release.objects.filter(**mine, current=True, stale="", valid_until__gt=now, valid_until__lte=edge)
    found = [
        *_items(exceptions, "until", "Exception ends", lambda row: f"{row.requirement} of {row.system}"),
        *_items(accepted, "accepted_until", "Accepted risk ends", lambda row: row.title),
        *_items(verdicts, "valid_until", "Evidence of the verdict ends", str),
    ]
    return sorted(found, key=lambda item: item.due or now)[:SHOWN]


def _items(rows: Any, due: str, about: str, title: Any) -> Iterable[Item]:
    for row in rows.select_related("system").order_by(due)[:SHOWN]:
        yield Item(title(row), row.subject.url, about, getattr(row, due))


def _notices(actor: Actor) -> list[Item]:
    rows = Notice.objects.filter(user=actor.user_id, read_at=None).order_by("-at")[:8]
    return [Item(row.title, row.url or "/inbox/", row.detail) for row in rows]
