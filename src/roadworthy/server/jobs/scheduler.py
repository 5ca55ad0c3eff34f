"""The scheduler: puts jobs that are due into the queue. However many run, one at a time does it."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from roadworthy.core.clock import format_time
from roadworthy.server.jobs import lease
from roadworthy.server.jobs.board import Job, board
from roadworthy.server.jobs.models import Schedule
from roadworthy.server.jobs.tasks import run_job

log = logging.getLogger("roadworthy.jobs")
LEASE = "scheduler"
LASTS = timedelta(seconds=30)


def tick(holder: str, moment: datetime | None = None) -> list[str]:
    """Queue every job that is due, and return their names; nothing while another scheduler holds the lease."""
    at = moment or timezone.now()
    if not lease.take(LEASE, holder, at, LASTS):
        return []
    known = set(Schedule.objects.values_list("name", flat=True))
    missing = [Schedule(name=name, next_at=at) for name in board() if name not in known]
    Schedule.objects.bulk_create(missing, ignore_conflicts=True)
    due = Schedule.objects.filter(next_at__lte=at, name__in=list(board())).values_list("name", flat=True)
    return [name for name in list(due) if _queue(board()[name], at)]


@transaction.atomic
def _queue(job: Job, at: datetime) -> bool:
    """Queue a job and move its schedule on, both or neither; False when another was faster."""
    row = Schedule.objects.select_for_update().filter(name=job.name, next_at__lte=at).first()
    if row is None:
        return False
    row.next_at = at + job.every
    row.save(update_fields=["next_at"])
    run_job.enqueue(job.name, format_time(at))
    log.info("queued the job %s", job.name)
    return True
