"""Jobs that come back: due once, queued once however many schedulers run, tried again when they fail."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from roadworthy.core.clock import format_time
from roadworthy.server.jobs import board, lease
from roadworthy.server.jobs.board import Job
from roadworthy.server.jobs.models import Lease, Schedule
from roadworthy.server.jobs.scheduler import tick
from roadworthy.server.jobs.tasks import run_job
from roadworthy.server.jobs.worker import free_abandoned

HOUR = timedelta(hours=1)


@pytest.fixture
def only_job(monkeypatch):
    """Put one job on an otherwise empty board; return what it did."""
    done = []
    monkeypatch.setattr(board, "_BOARD", {"sweep": Job("sweep", "Sweep", HOUR, lambda at: done.append(at) or "swept")})
    return done


@pytest.mark.django_db
def test_a_job_is_queued_when_due_and_not_before(only_job):
    start = timezone.now()
    assert tick("one", start) == ["sweep"]
    assert tick("one", start + HOUR / 2) == []
    assert tick("one", start + HOUR) == ["sweep"]
    assert DBTaskResult.objects.count() == 2


@pytest.mark.django_db
def test_a_second_scheduler_does_nothing_while_the_first_lives_and_takes_over_when_it_is_gone(only_job):
    start = timezone.now()
    assert tick("one", start) == ["sweep"]
    assert tick("two", start + timedelta(seconds=10)) == []
    assert Lease.objects.get(name="scheduler").holder == "one"
    assert tick("two", start + HOUR) == ["sweep"]


@pytest.mark.django_db
def test_what_a_job_says_is_kept(only_job):
    tick("one")
    assert run_job.call("sweep", format_time(timezone.now())) == "swept"
    assert len(only_job) == 1
    assert Schedule.objects.get(name="sweep").last_outcome == "swept"


@pytest.mark.django_db
def test_a_job_that_fails_is_tried_again_later_and_not_for_ever(monkeypatch):
    def fail(at):
        raise ConnectionError

    monkeypatch.setattr(board, "_BOARD", {"mail": Job("mail", "Mail", HOUR, fail)})
    due = format_time(timezone.now())
    for attempt in range(1, 6):
        assert run_job.call("mail", due, attempt) == f"failed, attempt {attempt}: ConnectionError"
    waiting = list(DBTaskResult.objects.order_by("run_after"))
    assert [row.args_kwargs["args"][2] for row in waiting] == [2, 3, 4, 5]
    assert all(row.run_after > timezone.now() for row in waiting)


@pytest.mark.django_db
def test_a_job_that_runs_already_is_not_run_beside_itself(only_job):
    lease.take("job:sweep", "somebody else", timezone.now(), HOUR)
    assert run_job.call("sweep", format_time(timezone.now())) == "it runs already"
    assert only_job == []


@pytest.mark.django_db
def test_a_task_whose_worker_died_is_put_back_and_given_up_after_three():
    run_job.enqueue("sweep", format_time(timezone.now()))
    long_ago = timezone.now() - HOUR
    for workers, status in ([["a"], "READY"], [["a", "b"], "READY"], [["a", "b", "c"], "FAILED"]):
        DBTaskResult.objects.update(status="RUNNING", started_at=long_ago, worker_ids=workers)
        assert free_abandoned(timezone.now()) == 1
        assert DBTaskResult.objects.get().status == status


@pytest.mark.django_db
def test_a_task_whose_worker_lives_is_left_alone():
    run_job.enqueue("sweep", format_time(timezone.now()))
    DBTaskResult.objects.update(status="RUNNING", started_at=timezone.now() - HOUR, worker_ids=["a"])
    lease.take("worker:a", "a", timezone.now(), HOUR)
    assert free_abandoned(timezone.now()) == 0


@pytest.mark.django_db(transaction=True)
def test_schedulers_at_the_same_moment_queue_a_job_once_each_time(only_job):
    rounds = 200 if connection.vendor == "postgresql" else 5
    start = timezone.now()
    for number in range(rounds):
        moment = start + number * HOUR
        gate = Barrier(2)
        found: list[list[str]] = []

        def go(name: str, gate=gate, moment=moment, found=found) -> None:
            gate.wait()
            try:
                found.append(tick(name, moment))
            finally:
                connection.close()

        threads = [Thread(target=go, args=(name,)) for name in ("one", "two")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(found) == [[], ["sweep"]]
        Lease.objects.all().delete()
    assert DBTaskResult.objects.count() == rounds
