"""Notices: what concerns somebody is put into their inbox, once, and into their daily mail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.utils import timezone

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.events import EVENTS, Event
from roadworthy.server.accounts.models import User
from roadworthy.server.configuration import configuration
from roadworthy.server.jobs.mail import mail_settings
from roadworthy.server.jobs.models import Notice

PEOPLE = "people"
"""Key of an event's detail that lists the ids of the people concerned."""


def notify(people: Iterable[int], event: str, title: str, *, key: str, url: str = "", detail: str = "") -> None:
    """Put a notice into the inboxes of people; one of the same `key` is given once."""
    Notice.objects.bulk_create(
        [
            Notice(user_id=pk, event=event, title=title[:300], detail=detail, url=url[:300], key=key[:150])
            for pk in sorted(set(people))
        ],
        ignore_conflicts=True,
    )


def hear(event: Event) -> None:
    """Turn an event that names people into notices; whoever did it is not told of it."""
    concerned = {pk for pk in event.detail.get(PEOPLE, ()) if pk != event.actor.user_id}
    if concerned:
        title = f"{EVENTS[event.name].title}: {event.subject.title}"
        key = f"{event.name}:{event.subject.kind}:{event.subject.id}:{event.actor.request}"
        notify(concerned, event.name, title, key=key, url=event.subject.url, detail=str(event.detail.get("reason", "")))


def unread(actor: Actor) -> int:
    """Count what waits for a person, up to a hundred."""
    return Notice.objects.filter(user_id=actor.user_id or 0, read_at=None).order_by().values("pk")[:100].count()


@transaction.atomic
def mark_read(actor: Actor, notices: Iterable[int] | None = None) -> int:
    """Mark one's own notices as read, all of them without `notices`; return how many."""
    rows = Notice.objects.filter(user_id=actor.person, read_at=None)
    if notices is not None:
        rows = rows.filter(pk__in=list(notices))
    return rows.update(read_at=timezone.now())


def send_digests(moment: datetime) -> str:
    """Mail each person what is unread and was never mailed; does nothing where no mail is configured."""
    if not configuration().email_url.get_secret_value():
        return "no mail is configured"
    waiting = Notice.objects.filter(mailed_at=None, read_at=None, user__is_active=True)
    sent = 0
    for pk in list(waiting.order_by().values_list("user_id", flat=True).distinct()):
        sent += _send_one(User.objects.get(pk=pk))
    return f"{sent} people mailed"


def _send_one(user: User) -> int:
    with transaction.atomic():
        rows = list(Notice.objects.select_for_update().filter(user=user, mailed_at=None, read_at=None)[:200])
        if not rows:
            return 0
        base = configuration().base_url
        lines = [f"- {row.title}\n  {base}{row.url}" for row in rows]
        Notice.objects.filter(pk__in=[row.pk for row in rows]).update(mailed_at=timezone.now())
        subject = f"Roadworthy: {len(rows)} {'notice' if len(rows) == 1 else 'notices'}"
        message = EmailMessage(subject, "\n".join(lines), configuration().email_from, [user.email])
        message.connection = get_connection(**mail_settings(configuration().email_url.get_secret_value()))
        message.send()
    return 1


def forget_old(moment: datetime) -> str:
    """Remove notices that were read long ago."""
    edge = moment - timedelta(days=configuration().retention_days)
    gone, _ = Notice.objects.filter(read_at__lt=edge).delete()
    return f"{gone} read notices removed"
