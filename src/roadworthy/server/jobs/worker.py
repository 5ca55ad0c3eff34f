"""The worker: runs queued tasks, keeps the lease that shows it lives, schedules, and frees what dead workers held."""

from __future__ import annotations

import logging
import os
import socket
import threading
import uuid
from datetime import datetime, timedelta

from django.db import close_old_connections, connection, transaction
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

from roadworthy.server.jobs import lease
from roadworthy.server.jobs.scheduler import tick

log = logging.getLogger("roadworthy.jobs")
LASTS = timedelta(seconds=60)
BEAT = 10.0
"""Seconds between two signs of life."""
TRIES = 3
"""Workers that may die over one task before it counts as failed."""


def worker_name() -> str:
    """Return a name that no other worker has."""
    return f"{socket.gethostname()[:24]}-{os.getpid()}-{uuid.uuid4().hex[:8]}"


def run_worker(name: str) -> None:
    """Run tasks until told to stop."""
    stop = threading.Event()
    beat = threading.Thread(target=_beat, args=(name, stop), name="roadworthy-beat", daemon=True)
    beat.start()
    worker = Worker(
        queue_names=["*"],
        interval=1.0,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=name,
        excluded_queue_names=[],
    )
    worker.configure_signals()
    try:
        worker.run()
    finally:
        stop.set()
        connection.close()  # a signal may have come in the middle of a transaction
        lease.give_back(f"worker:{name}", name)
        lease.give_back("scheduler", name)


def _beat(name: str, stop: threading.Event) -> None:
    while True:
        close_old_connections()
        try:
            lease.take(f"worker:{name}", name, timezone.now(), LASTS)
            free_abandoned(timezone.now())
            tick(name)
        except Exception:
            log.exception("a beat of the worker failed; it goes on")
        if stop.wait(BEAT):
            return


@transaction.atomic
def free_abandoned(moment: datetime) -> int:
    """Put back tasks whose worker shows no sign of life; return how many. One that felled several has failed."""
    grace = moment - LASTS
    found = DBTaskResult.objects.select_for_update(skip_locked=True).filter(
        status=TaskResultStatus.RUNNING, started_at__lt=grace
    )
    freed = 0
    for row in found:
        if row.worker_ids and lease.is_held(f"worker:{row.worker_ids[-1]}", moment):
            continue
        if len(row.worker_ids) >= TRIES:
            row.set_failed(RuntimeError(f"{len(row.worker_ids)} workers ended while they ran it"))
        else:
            DBTaskResult.objects.filter(pk=row.pk).update(status=TaskResultStatus.READY, started_at=None)
        freed += 1
    return freed
