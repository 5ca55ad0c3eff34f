"""The doctor names what was broken, and nothing else."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection
from django.utils import timezone
from django_tasks import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from roadworthy.core.digests import sha256_bytes
from roadworthy.server import sealing
from roadworthy.server.access.actor import server_actor
from roadworthy.server.access.events import EventKind, declare
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.subject import Subject
from roadworthy.server.accounts.models import Grant, User
from roadworthy.server.accounts.signing import signer_of
from roadworthy.server.audit.heads import heads_path
from roadworthy.server.audit.models import Entry, Tip
from roadworthy.server.audit.services import record
from roadworthy.server.configuration import PREFIX, Configuration, configuration
from roadworthy.server.doctor import database, outside
from roadworthy.server.doctor.check import Answer, Check, Level, ok
from roadworthy.server.doctor.examination import EVERYTHING, LITTLE, USUAL, examine, worst
from roadworthy.server.doctor.table import CHECKS
from roadworthy.server.evidence.files import keep_bytes
from roadworthy.server.evidence.models import Blob
from roadworthy.server.jobs import lease
from roadworthy.server.jobs.models import Lease, Schedule
from roadworthy.server.jobs.scheduler import tick
from roadworthy.server.standards.models import StandardVersion

declare({"doctor.tested": EventKind("Tested the doctor", webhook=False)})

Set = Callable[..., None]


@pytest.fixture
def configure(monkeypatch) -> Set:
    """Give what changes settings."""

    def change(**settings: str) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        configuration.cache_clear()

    return change


@pytest.fixture
def sound(people, transactional_db, server_data, monkeypatch) -> Path:
    """Make an installation that has nothing wrong with it; return its data directory."""
    from roadworthy.server.accounts.seed import seed_roles
    from roadworthy.server.standards.seed import seed_standard

    read = {f"{PREFIX}{name.upper()}" for name in [*Configuration.model_fields, "home"]}
    for name in [name for name in os.environ if name.startswith(PREFIX) and name not in read]:
        monkeypatch.delenv(name)
    server_data.chmod(0o700)
    seed_roles()
    seed_standard()
    for _ in range(2):
        user = people.person("administrator")
        User.objects.filter(pk=user.pk).update(password=make_password("a staple of correct horses"))
    signer_of(user)
    for number in range(5):
        record_one(number)
    content = b"what was shown"
    digest = sha256_bytes(content)
    keep_bytes(content, digest)
    Blob.objects.create(sha256=digest, size=len(content), name="shown.txt")
    lease.take("worker:one", "one", timezone.now(), timedelta(minutes=1))
    tick("one")
    DBTaskResult.objects.all().delete()
    return server_data


def record_one(number: int) -> None:
    from django.db import transaction

    with transaction.atomic():
        record(
            server_actor(), "doctor.tested", Subject("test", str(number), f"Test {number}"), after={"number": number}
        )


def amiss(costs: Any = EVERYTHING) -> dict[str, Answer]:
    """Return what is not well, by name of the check."""
    found = {one.check.name: one.answer for one in examine(costs) if one.check.cost in costs}
    return {name: answer for name, answer in found.items() if answer.level is not Level.OK}


def test_a_sound_installation_has_nothing_wrong(sound):
    assert amiss() == {}
    assert worst(examine(EVERYTHING)) is Level.OK


def test_every_check_has_a_name_of_its_own_and_rests_on_one_before_it():
    names = [check.name for check in CHECKS]
    assert len(set(names)) == len(names)
    assert all(check.rests_on in names[:place] for place, check in enumerate(CHECKS) if check.rests_on)


def alter_entry(home: Path) -> None:
    Entry.objects.filter(number=3).update(title="Another title")


def delete_entry(home: Path) -> None:
    Entry.objects.filter(number=3).delete()


def cut_off(home: Path) -> None:
    Entry.objects.filter(number__gt=3).delete()
    last = Entry.objects.get(number=3)
    from roadworthy.evidence.audit_chain import signed_head
    from roadworthy.server.secrets import server_signer

    head = signed_head(last.number, last.digest, server_signer())
    Tip.objects.update(number=head.number, digest=head.digest, key=head.key, signature=head.signature)


def add_by_hand(home: Path) -> None:
    last = Entry.objects.first()
    assert last
    last.number += 1
    last.save(force_insert=True)


def forge_tip(home: Path) -> None:
    Tip.objects.update(signature="00" * 64)


def lose_the_tip(home: Path) -> None:
    Tip.objects.all().delete()


def lose_the_key(home: Path) -> None:
    (home / "server-key.pem").unlink()


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        (alter_entry, "entry 3 was altered"),
        (delete_entry, "entry 4 does not follow entry 2"),
        (cut_off, "the trail ends at entry 3, but entry 4 was signed once: cut off"),
        (add_by_hand, "does not follow"),
        (forge_tip, "the tip bears no true signature"),
        (lose_the_tip, "no signed tip"),
        (lose_the_key, "server-key.pem, which signed the trail, is gone"),
    ],
)
def test_a_trail_that_was_tampered_with_is_named_at_once(sound, harm, told):
    harm(sound)
    found = amiss(LITTLE)
    assert set(found) - {"keys"} == {"audit"}
    assert found["audit"].level is Level.FAILED
    assert told in found["audit"].detail


def test_what_was_altered_long_ago_is_found_when_the_whole_trail_is_read(sound, monkeypatch):
    from roadworthy.server.doctor import trail

    monkeypatch.setattr(trail, "LAST", 2)
    alter_entry(sound)
    heads_path().unlink()
    found = amiss()
    assert found["audit"].level is Level.WARNING
    assert "no signed heads are kept" in found["audit"].detail
    assert "entry 3 was altered" in found["audit-whole"].detail


def test_heads_that_cannot_be_read_are_named(sound):
    heads_path().write_text("what is this\n")
    assert {name for name, answer in amiss().items() if "no heads" in answer.detail} == {"audit", "audit-whole"}


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


@pytest.mark.parametrize(
    ("settings", "check", "level", "told"),
    [
        ({"ROADWORTHY_DEBUG": "true"}, "configuration", "failed", "DEBUG is on"),
        ({f"{PREFIX}S3_BUKCET": "x"}, "configuration", "warning", f"nothing reads {PREFIX}S3_BUKCET"),
        ({"ROADWORTHY_BASE_URL": "http://rw.example.com"}, "addresses", "failed", "not encrypted"),
        ({"ROADWORTHY_BASE_URL": "rw.example.com"}, "addresses", "failed", "no address of a web server"),
        ({"ROADWORTHY_BASE_URL": "https://rw.example.com"}, "addresses", "warning", "no proxy is trusted"),
        ({"ROADWORTHY_HOST": "0.0.0.0"}, "addresses", "warning", "links lead to http://127.0.0.1:8000"),
        ({"ROADWORTHY_EMAIL_URL": "http://x"}, "mail", "failed", "no address of a mail server"),
        ({"ROADWORTHY_EMAIL_URL": "smtp://127.0.0.1:1"}, "mail", "failed", "refused"),
        ({"ROADWORTHY_OIDC_ISSUER": "http://127.0.0.1:1"}, "configuration", "failed", "without a client"),
        (
            {"ROADWORTHY_OIDC_ISSUER": "http://127.0.0.1:1", "ROADWORTHY_OIDC_CLIENT_ID": "x"},
            "identities",
            "failed",
            "does not describe itself",
        ),
        (
            {"ROADWORTHY_OIDC_ISSUER": "file:///etc", "ROADWORTHY_OIDC_CLIENT_ID": "x"},
            "identities",
            "failed",
            "no address of a provider",
        ),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_setting_that_does_not_work_is_named(sound, configure, settings, check, level, told):
    configure(**settings)
    found = amiss(USUAL)[check]
    assert (found.level, told in found.detail) == (level, True), found
    assert found.remedy


def test_addresses_behind_a_proxy_are_fine(sound, configure):
    configure(ROADWORTHY_BASE_URL="https://rw.example.com", ROADWORTHY_BEHIND_PROXY="true", ROADWORTHY_HOST="0.0.0.0")
    assert amiss() == {}


@pytest.mark.parametrize(
    ("told", "level", "detail"),
    [
        (lambda url: {"issuer": url}, "failed", "lacks authorization_endpoint"),
        (lambda url: described("https://other.example"), "failed", "calls itself https://other.example"),
        (lambda url: described(url), "ok", "answers"),
        (lambda url: [], "failed", "lacks issuer"),
    ],
)
def test_a_provider_of_identities_is_asked_who_it_is(sound, configure, told, level, detail):
    class Provider(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(told(url)).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Provider) as provider:
        url = f"http://127.0.0.1:{provider.server_port}"
        Thread(target=provider.serve_forever, kwargs={"poll_interval": 0.01}).start()
        configure(ROADWORTHY_OIDC_ISSUER=url, ROADWORTHY_OIDC_CLIENT_ID="roadworthy")
        found = outside.identities()
        provider.shutdown()
    assert (found.level, detail in found.detail) == (level, True), found


def described(url: str) -> dict[str, str]:
    return dict.fromkeys(("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri"), url)


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


def test_a_trail_that_comes_from_the_future_is_named(sound):
    Entry.objects.filter(number=Entry.objects.count()).update(at=timezone.now() + timedelta(days=1))
    assert "still to come" in database.clock().detail


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
