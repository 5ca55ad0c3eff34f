"""What happens before the server works: directory and database are there, and the database is up to date.

Any number of processes may do this at one moment; they wait for each other.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from roadworthy.core.errors import InputError, StorageError
from roadworthy.server.configuration import PREFIX, Configuration, configuration

RESTORING = "restoring"
"""File of the data directory that is there while a backup is brought back."""
OLDEST_POSTGRES = 15
CONNECT_SECONDS = 5
_LOCK = 0x726F6164
"""Number of the advisory lock under which migrations run."""


def prepare(*, restoring: bool = False) -> None:
    """Load Django and bring the database up to date; raises InputError or StorageError, which say what is amiss."""
    check_data(configuration(), restoring=restoring)
    load()
    connect()
    with _alone():
        _migrate()
    let_go()


def load() -> None:
    """Load Django; raises InputError for settings that cannot be."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roadworthy.server.settings")
    import django

    django.setup()


def check_data(settings: Configuration, *, restoring: bool = False) -> None:
    """Raise StorageError unless the data directory can be written and nobody left a restore half done in it."""
    remedy = f"Name a directory that this user can write with {PREFIX}DATA."
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data):
            pass
    except OSError as error:
        raise StorageError(f"cannot write to {settings.data}: {error.strerror}", remedy=remedy) from error
    if not restoring and (settings.data / RESTORING).exists():
        raise StorageError(
            f"a restore into {settings.data} was begun and not finished",
            remedy="Empty the directory and the database, and run 'roadworthy restore' again.",
        )


def connect() -> str:
    """Return name and version of the database; raises InputError when it does not answer or is too old."""
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError, connection

    try:
        if connection.vendor == "postgresql":
            return _connect_postgres()
        connection.ensure_connection()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM sqlite_master")
            cursor.execute("SELECT sqlite_version()")
            return f"SQLite {cursor.fetchone()[0]}"
    except (DatabaseError, ImproperlyConfigured) as error:
        raise _unusable(error) from error


def _connect_postgres() -> str:
    """Ask without the pool, which would try for long and hide why it cannot."""
    import psycopg

    try:
        with psycopg.connect(**_parameters()) as direct:
            number = direct.info.server_version
    except psycopg.Error as error:
        raise _unusable(error) from error
    if number // 10_000 < OLDEST_POSTGRES:
        raise InputError(
            f"DATABASE_URL names PostgreSQL {number // 10_000}; {OLDEST_POSTGRES} or later is needed",
            remedy="Upgrade the database server.",
        )
    return f"PostgreSQL {number // 10_000}.{number % 10_000}"


def _parameters() -> dict[str, Any]:
    from django.db import connection

    return {"connect_timeout": CONNECT_SECONDS, **connection.get_connection_params()}


def _unusable(error: Exception) -> InputError:
    """Say why, in the first line of what the driver says; it names host and user, and never the password."""
    from django.db import connection

    said = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if connection.vendor == "postgresql":
        remedy = (
            "Check DATABASE_URL (postgres://user:password@host:5432/name), and that the server runs and lets you in."
        )
        return InputError(f"the database does not answer: {said}", remedy=remedy)
    name = connection.settings_dict["NAME"]
    return InputError(
        f"cannot use {name} as a SQLite database: {said}", remedy="Check DATABASE_URL and the permissions of the file."
    )


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other process is at it."""
    from django.db import connection

    if connection.vendor == "postgresql":
        import psycopg

        with psycopg.connect(**_parameters()) as own, own.transaction():
            own.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            own.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            yield
        return
    import fcntl

    with (configuration().data / "starting.lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _migrate() -> None:
    from django.core.management import call_command
    from django.db import DatabaseError

    unknown = unknown_migrations()
    if unknown:
        raise InputError(
            f"the database was used by a later Roadworthy, which added {unknown[0]}",
            remedy="Install that version again, or restore a backup made before it.",
        )
    try:
        call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        raise _unusable(error) from error


def unknown_migrations() -> list[str]:
    """List what was done to the database by a program that knows more than this one."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    known = {label for label, _ in loader.disk_migrations}
    return [
        f"{app}.{name}"
        for app, name in loader.applied_migrations
        if app in known and (app, name) not in loader.disk_migrations
    ]


def missing_migrations() -> list[str]:
    """List what is still to be done to the database."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def let_go() -> None:
    """Close what is open to the database, so that no process that is split off shares it."""
    from django.db import connection, connections

    connections.close_all()
    if connection.vendor == "postgresql":
        connection.close_pool()  # type: ignore[attr-defined]
