"""Find entries of the trail: by exact values that have an index, and by day; pages by number, never by offset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.utils import timezone

from roadworthy.server.audit.models import Entry

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """What is looked for; what is empty does not narrow."""

    action: str = ""
    actor: str = ""
    """user:17, token:4, server:job, or a mail address."""
    kind: str = ""
    subject: str = ""
    system: str = ""
    outcome: str = ""
    since: date | None = None
    until: date | None = None
    """The last day, included."""


@dataclass(frozen=True)
class Found:
    """A page of entries, newest first."""

    entries: list[Entry]
    older: int
    """Number that the next page lies before; 0 on the last."""
    newer: int
    """Number that the page before lies after; 0 on the first."""


def matching(wanted: Wanted) -> QuerySet[Entry]:
    """Return the entries that are looked for."""
    exact = {
        "action": wanted.action,
        "kind": wanted.kind,
        "subject": wanted.subject,
        "system": wanted.system,
        "outcome": wanted.outcome,
    }
    rows = Entry.objects.filter(**{name: value for name, value in exact.items() if value})
    if wanted.actor:
        rows = rows.filter(actor=_actor(wanted.actor))
    if wanted.since:
        rows = rows.filter(number__gte=_first_from(_midnight(wanted.since)))
    if wanted.until:
        rows = rows.filter(number__lt=_first_from(_midnight(wanted.until + timedelta(days=1))))
    return rows


def find(wanted: Wanted, *, before: int = 0, after: int = 0) -> Found:
    """Return one page: the newest, those before a number, or those after one."""
    rows = matching(wanted)
    if after:
        up = list(rows.filter(number__gt=after).order_by("number")[: PAGE + 1])
        more, found = len(up) > PAGE, up[PAGE - 1 :: -1] if len(up) > PAGE else up[::-1]
        return Found(found, found[-1].number if found else 0, found[0].number if more else 0)
    if before:
        rows = rows.filter(number__lt=before)
    down = list(rows.order_by("-number")[: PAGE + 1])
    found = down[:PAGE]
    older = found[-1].number if len(down) > PAGE else 0
    return Found(found, older, found[0].number if before and found else 0)


def _actor(text: str) -> str:
    if "@" not in text:
        return text
    key = get_user_model()._default_manager.filter(email__iexact=text).values_list("pk", flat=True).first()
    return f"user:{key}"


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _first_from(moment: datetime) -> int:
    """Return the number of the first entry at or after a moment; beyond the last when there is none."""
    number = Entry.objects.filter(at__gte=moment).order_by("at").values_list("number", flat=True).first()
    if number is not None:
        return int(number)
    last = Entry.objects.order_by("-number").values_list("number", flat=True).first()
    return int(last or 0) + 1
