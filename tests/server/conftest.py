"""What the tests of the server share: people, and a database, SQLite or that of ROADWORTHY_TEST_DATABASE_URL."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

_DATA = tempfile.TemporaryDirectory(prefix="roadworthy-tests-")
os.environ["ROADWORTHY_DATA"] = _DATA.name
os.environ["DATABASE_URL"] = os.environ.get("ROADWORTHY_TEST_DATABASE_URL", "")
os.environ["DJANGO_SETTINGS_MODULE"] = "roadworthy.server.settings"
os.environ["ROADWORTHY_SECRET_KEY"] = "only for tests"
os.environ["ROADWORTHY_DATABASE_POOL"] = "0"  # threads of a test close what they opened

import django  # noqa: E402

django.setup()

from django.test import Client  # noqa: E402
from server_people import People  # noqa: E402


@pytest.fixture(autouse=True)
def server_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a data directory of its own."""
    from roadworthy.server.configuration import Configuration, configuration

    home = tmp_path / "server-data"
    home.mkdir()
    fresh = Configuration(data=home)
    configuration.cache_clear()
    monkeypatch.setenv("ROADWORTHY_DATA", str(home))
    assert configuration() == fresh
    return home


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Drop the triggers that keep the audit trail append-only: tests tamper with it, and empty tables between them."""
    from django.db import connection

    from roadworthy.server.audit import append_only

    with django_db_blocker.unblock():
        append_only.remove(connection)


@pytest.fixture
def people(db: None) -> People:
    """Return a maker of people with roles."""
    return People()


@pytest.fixture
def transactional_people(transactional_db: None) -> People:
    """Return a maker of people for tests whose threads see each other's transactions; the built-in roles are there."""
    from roadworthy.server.accounts.seed import seed_roles

    seed_roles()
    return People()


@pytest.fixture
def signed_in(people: People) -> Callable[..., Client]:
    """Return a client on which a new person with the named roles is signed in: `signed_in("engineer")`."""

    def enter(*roles: str, **scope: object) -> Client:
        client = Client()
        client.force_login(people.person(*roles, **scope), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return enter
