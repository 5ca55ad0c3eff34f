"""The doctor names what was broken, and nothing else."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult
from examined_server import amiss, record_one

from roadworthy.server import sealing
from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts.models import Grant, User
from roadworthy.server.doctor import database
from roadworthy.server.doctor.check import Answer, Check, Level, ok
from roadworthy.server.doctor.examination import EVERYTHING, LITTLE, examine, worst
from roadworthy.server.doctor.table import CHECKS
from roadworthy.server.evidence.models import Blob
from roadworthy.server.jobs.models import Lease, Schedule
from roadworthy.server.standards.models import StandardVersion


def test_a_sound_installation_has_nothing_wrong(sound):
    assert amiss() == {}
    assert worst(examine(EVERYTHING)) is Level.OK


def test_every_check_has_a_name_of_its_own_and_rests_on_one_before_it():
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    assert all(check.rests_on in names[:place] for place, check in enumerate(CHECKS) if check.rests_on)


def test_an_altered_file_of_evidence_is_named(sound):
    [blob] = Blob.objects.all()
    path = sound / "evidence" / blob.sha256[:2] / blob.sha256
    path.chmod(0o600)
    path.write_bytes(b"what was sh0wn")
    found = amiss()
    assert set(found) == {"evidence-whole"}
    assert f"shown.txt ({blob.sha256[:12]})" in found["evidence-whole"].detail
    path.unlink()
    assert set(amiss()) == {"evidence", "evidence-whole"}


def test_a_directory_that_others_may_enter_and_keys_they_may_read_are_named(sound):
    sound.chmod(0o755)
    (sound / "server-key.pem").chmod(0o644)
    found = amiss()
    assert set(found) == {"keys"}
    assert f"chmod go-rwx {sound} {sound / 'server-key.pem'}" in found["keys"].remedy


def test_sealing_keys_that_are_gone_or_are_others_are_named(sound):
    (sound / "sealing-keys").unlink()
    assert amiss()["sealed"].level is Level.FAILED
    assert not (sound / "sealing-keys").exists()
    (sound / "sealing-keys").write_text("A" * 43 + "=\n")
    (sound / "sealing-keys").chmod(0o600)
    sealing._keys.cache_clear()
    assert "no key" in amiss()["sealed"].detail


def test_a_disk_that_is_nearly_full_is_named(sound, monkeypatch):
    import shutil
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 10, 1024**3))
    assert amiss()["directory"].level is Level.WARNING
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 10, 1024**2))
    assert amiss()["directory"].level is Level.FAILED


def test_work_that_stands_still_is_named(sound):
    moment = timezone.now()
    Lease.objects.update(until=moment - timedelta(minutes=1))
    Schedule.objects.filter(name="digests").update(next_at=moment - timedelta(hours=1))
    found = amiss()
    assert set(found) == {"worker", "schedules"}
    assert found["schedules"].detail == "overdue: digests"


def test_work_that_failed_is_named(sound):
    from roadworthy.server.jobs.tasks import run_job

    Schedule.objects.filter(name="digests").update(last_outcome="failed, attempt 5: OSError")
    task = run_job.enqueue("digests", "2026-01-01T00:00:00Z")
    DBTaskResult.objects.filter(pk=task.id).update(status=TaskResultStatus.FAILED, finished_at=timezone.now())
    waiting = run_job.enqueue("digests", "2026-01-01T00:00:00Z")
    found = amiss()
    assert {name: answer.level for name, answer in found.items()} == {"schedules": "warning", "tasks": "warning"}
    DBTaskResult.objects.filter(pk=waiting.id).update(enqueued_at=timezone.now() - timedelta(hours=1))
    assert amiss()["tasks"].level is Level.FAILED


def test_deliveries_that_were_given_up_are_named(sound):
    from roadworthy.server.webhooks.models import Delivery, DeliveryState, Endpoint

    hook = Endpoint.objects.create(url="https://example.com", title="Chat", secret="")
    given_up = {"state": DeliveryState.FAILED, "next_at": timezone.now(), "done_at": timezone.now()}
    Delivery.objects.create(endpoint=hook, message="m", event="e", payload="{}", **given_up)
    assert amiss()["deliveries"].detail == "1 deliveries were given up within a day: Chat"


def test_nobody_and_one_alone_who_administer_are_named(sound):
    Grant.objects.filter(user=User.objects.latest("pk")).delete()
    assert amiss()["administrator"].level is Level.WARNING
    Grant.objects.all().delete()
    assert amiss()["administrator"].level is Level.FAILED


def test_a_standard_that_is_gone_or_altered_is_named(sound, monkeypatch):
    from roadworthy.core.errors import EvidenceError
    from roadworthy.server.doctor import record as checks

    StandardVersion.objects.update(in_force=False)
    assert "no standard is in force" in amiss()["standard"].detail

    def altered() -> None:
        raise EvidenceError("the stored standard was altered", remedy="Restore the database from a backup.")

    monkeypatch.setattr(checks, "in_force", altered)
    assert amiss()["standard"] == Answer(
        Level.FAILED, "the stored standard was altered", "Restore the database from a backup."
    )


def test_missing_migrations_are_named_and_what_rests_on_them_is_not_asked(sound, monkeypatch):
    monkeypatch.setattr(database, "missing_migrations", lambda: ["releases.0002_more"])
    found = amiss()
    assert found["migrations"].detail == "1 migrations are missing, first releases.0002_more"
    assert {answer.level for name, answer in found.items() if name != "migrations"} == {Level.NOT_ASKED}


def test_a_database_that_does_not_answer_is_named(sound, monkeypatch):
    from roadworthy.core.errors import InputError

    def refuse() -> str:
        raise InputError("the database does not answer: connection refused", remedy="Check DATABASE_URL.")

    monkeypatch.setattr(database, "connect", refuse)
    assert amiss()["database"] == Answer(
        Level.FAILED, "the database does not answer: connection refused", "Check DATABASE_URL."
    )


@pytest.mark.parametrize(("seconds", "level"), [(1, "ok"), (10, "warning"), (3600, "failed"), (-3600, "failed")])
def test_clocks_that_are_apart_are_named(sound, monkeypatch, seconds, level):
    there = timezone.now() + timedelta(seconds=seconds)
    monkeypatch.setattr(database, "_now_there", lambda: there)
    assert database.clock().level == level


def test_the_clock_of_the_database_is_read(sound):
    assert abs(database._now_there() - timezone.now()) < timedelta(seconds=2)


def test_a_check_that_breaks_has_failed_and_the_others_are_asked(sound):
    def break_it() -> Answer:
        raise ZeroDivisionError("by nothing")

    checks = (Check("broken", "Broken", break_it), Check("sound", "Sound", lambda: ok("well")))
    first, second = examine(EVERYTHING, checks)
    assert (first.answer.level, second.answer.level) == (Level.FAILED, Level.OK)
    assert "ZeroDivisionError: by nothing" in first.answer.detail


def test_the_page_shows_it_to_those_who_may_see_jobs(sound, signed_in):
    Lease.objects.all().delete()
    page = signed_in("administrator").get("/administration/health")
    assert page.status_code == 200
    text = page.content.decode()
    assert "no worker shows a sign of life" in text
    assert "Whole audit trail" in text
    assert signed_in("engineer").get("/administration/health").status_code == 403


def test_the_api_tells_it(sound, people, client):
    Lease.objects.all().delete()
    token = people.token(people.person("administrator"), Permission.JOB_READ)
    answer = client.get("/api/v1/health/checks", headers={"Authorization": f"Bearer {token}"})
    told = answer.json()
    assert (answer.status_code, told["level"]) == (200, "failed")
    assert [one["name"] for one in told["checks"]] == [check.name for check in CHECKS]
    [worker] = [one for one in told["checks"] if one["name"] == "worker"]
    assert worker["level"] == "failed"
    assert worker["remedy"].startswith("Start 'roadworthy work'")


def test_the_queries_of_the_page_do_not_grow_with_the_record(sound, django_assert_max_num_queries):
    with django_assert_max_num_queries(40):
        examine(LITTLE)
    for number in range(30):
        record_one(number)
    with django_assert_max_num_queries(40):
        examine(LITTLE)


def test_the_command_says_it_and_exits_as_it_says(sound, capsys):
    from roadworthy.cli.main import run

    assert run(["doctor", "--deep"]) == 0
    assert "fine, 0 to look at, 0 failed, 0 not asked" in capsys.readouterr().out
    Lease.objects.all().delete()
    assert run(["doctor"]) == 1
    shown = capsys.readouterr().out
    assert "FAILED     Workers: no worker shows a sign of life" in shown
    assert "Whole audit trail: only with --deep" in shown
    assert run(["doctor", "--as-json"]) == 1
    assert json.loads(capsys.readouterr().out)["level"] == "failed"


def test_settings_that_cannot_be_read_exit_2(start):
    from operated_server import COMMAND

    ran = start(*COMMAND, "doctor", ROADWORTHY_PORT="many")
    assert ran.process.wait(90) == 2
    assert ran.said.startswith("ROADWORTHY_PORT: ")


def test_connections_are_left_as_they_were(sound):
    examine(EVERYTHING)
    assert connection.is_usable()
