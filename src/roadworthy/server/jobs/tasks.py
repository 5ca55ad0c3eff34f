"""The task that runs a job, and tries it again later when it fails."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone
from django_tasks import task

from roadworthy.core.clock import parse_time
from roadworthy.server.jobs import lease
from roadworthy.server.jobs.board import board
from roadworthy.server.jobs.models import Schedule

log = logging.getLogger("roadworthy.jobs")
TRIES = 5
LASTS = timedelta(minutes=15)


@task()
def run_job(name: str, due: str, attempt: int = 1) -> str:
    """Run the job `name` that was due; one run of it at a time. A failure is tried again, later each time."""
    job = board().get(name)
    if job is None:
        return "there is no such job any more"
    holder = f"{name} {due} {attempt}"
    if not lease.take(f"job:{name}", holder, timezone.now(), LASTS):
        return "it runs already"
    try:
        outcome = job.run(parse_time(due))
    except Exception as error:
        log.exception("the job %s failed, attempt %d", name, attempt)
        outcome = f"failed, attempt {attempt}: {type(error).__name__}"
        if attempt < TRIES:
            later = timezone.now() + timedelta(seconds=30 * 2**attempt)
            run_job.using(run_after=later).enqueue(name, due, attempt + 1)
    finally:
        lease.give_back(f"job:{name}", holder)
    Schedule.objects.filter(name=name).update(last_at=timezone.now(), last_outcome=outcome[:300])
    return outcome
