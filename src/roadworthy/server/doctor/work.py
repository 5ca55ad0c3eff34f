"""Checks of the work that goes on by itself: workers, schedules, tasks, deliveries."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from roadworthy.server.doctor.check import Answer, failed, ok, warning
from roadworthy.server.jobs.board import board
from roadworthy.server.jobs.models import Lease, Schedule
from roadworthy.server.webhooks.models import Delivery, DeliveryState

LATE = timedelta(minutes=5)
RECENT = timedelta(days=1)
_START = "Start 'roadworthy work', or 'roadworthy serve' without --no-worker."


def worker() -> Answer:
    """Check that a worker shows signs of life."""
    count = Lease.objects.filter(name__startswith="worker:", until__gt=timezone.now()).count()
    if not count:
        return failed("no worker shows a sign of life: nothing expires, nobody is told, nothing is delivered", _START)
    return ok(f"{count} {'worker lives' if count == 1 else 'workers live'}")


def schedules() -> Answer:
    """Check that no job is overdue, and that the last run of each went well."""
    rows = list(Schedule.objects.filter(name__in=list(board())))
    late = [row.name for row in rows if row.next_at < timezone.now() - LATE]
    if late:
        return failed(f"overdue: {', '.join(sorted(late))}", _START)
    bad = [f"{row.name} ({row.last_outcome})" for row in rows if row.last_outcome.startswith("failed")]
    if bad:
        return warning(
            f"the last run failed: {', '.join(sorted(bad))}", "The log of the worker says why; it tries again."
        )
    return ok(f"{len(rows)} jobs are on time") if rows else warning("no job was ever scheduled", _START)


def tasks() -> Answer:
    """Check for tasks that failed or wait too long."""
    moment = timezone.now()
    waiting = DBTaskResult.objects.ready().filter(enqueued_at__lt=moment - LATE * 3).count()
    if waiting:
        return failed(f"{waiting} tasks have waited for more than {LATE.seconds * 3 // 60} minutes", _START)
    count = DBTaskResult.objects.filter(status=TaskResultStatus.FAILED, finished_at__gt=moment - RECENT).count()
    if count:
        return warning(f"{count} tasks failed within a day", "The log of the worker says why.")
    return ok("no task failed within a day, none waits for long")


def deliveries() -> Answer:
    """Check for deliveries to webhooks that were given up."""
    given_up = Delivery.objects.filter(state=DeliveryState.FAILED, done_at__gt=timezone.now() - RECENT)
    hooks = sorted(set(given_up.values_list("endpoint__title", flat=True)))
    if hooks:
        return warning(
            f"{given_up.count()} deliveries were given up within a day: {', '.join(hooks)}",
            "Look at the answers on the page of the webhook.",
        )
    return ok("no delivery was given up within a day")
