"""What the tests of operations share: an environment for a server, and servers that are ended with the test."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from examined_server import record_one
from operated_server import COMMAND, Running, children, clean_environment, fresh_database

from roadworthy.core.digests import sha256_bytes
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.signing import signer_of
from roadworthy.server.configuration import PREFIX, Configuration, configuration
from roadworthy.server.evidence.files import keep_bytes
from roadworthy.server.evidence.models import Blob
from roadworthy.server.jobs import lease
from roadworthy.server.jobs.scheduler import tick


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Give the environment of a server with a data directory and a database of its own."""
    with fresh_database() as database:
        yield clean_environment(ROADWORTHY_DATA=str(tmp_path / "data"), ROADWORTHY_PORT="0", **database)


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Give what starts a server: with further settings, or as another program."""
    started: list[Running] = []

    def begin(*program: str, **settings: str) -> Running:
        log = tmp_path / f"server-{len(started)}.log"
        running = Running({**environment, **settings}, log, program or (*COMMAND, "serve"))
        started.append(running)
        return running

    yield begin
    for running in started:
        found = children(running.process.pid)
        running.process.kill()
        running.process.wait()
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


@pytest.fixture
def configure(monkeypatch) -> Callable[..., None]:
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
