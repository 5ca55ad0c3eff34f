"""PostgreSQL in a backup: what `pg_dump` writes, of the very moment that the manifest speaks of."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import make_conninfo

from roadworthy.core.errors import EvidenceError, InputError, StorageError

_USED = """
    SELECT count(*) FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE nspname = current_schema() AND relkind IN ('r', 'p', 'v', 'm', 'S')
"""
_BATCH = 1000


class PostgresDatabase:
    """A database on a server; `settings` are Django's."""

    kind = "postgresql"
    file = "database.dump"

    def __init__(self, settings: Mapping[str, Any]) -> None:
        named = {"dbname": "NAME", "user": "USER", "host": "HOST", "port": "PORT"}
        options = {name: value for name, value in settings["OPTIONS"].items() if name not in {"pool", "password"}}
        self._address: dict[str, Any] = {
            **options,
            **{name: settings[key] for name, key in named.items() if settings[key]},
        }
        self._password = str(settings["PASSWORD"] or settings["OPTIONS"].get("password", ""))

    @contextmanager
    def snapshot(self, work: Path) -> Iterator[PostgresSnapshot]:
        """Hold one moment in a transaction that only reads."""
        with self._connected() as connection:
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            connection.read_only = True
            with connection.transaction():
                yield PostgresSnapshot(self, connection)

    def refuse_used(self) -> None:
        """Raise InputError unless the schema has no table."""
        with self._connected() as connection:
            [(count,)] = connection.execute(_USED).fetchall()
        if count:
            raise InputError(
                f"the database {self._address.get('dbname')} holds {count} tables and sequences; "
                "a backup is brought back into an empty one only",
                remedy="Make a new database, and name it with DATABASE_URL.",
            )

    def load(self, source: Path) -> None:
        """Fill the database, in one transaction."""
        self.run("pg_restore", "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(source))

    def run(self, program: str, *arguments: str) -> None:
        """Run a program of PostgreSQL on this database; the password goes by the environment, unseen by others."""
        if shutil.which(program) is None:
            raise InputError(
                f"{program} is not on the PATH",
                remedy="Install the PostgreSQL client of the server's version or later.",
            )
        address = f"--dbname={make_conninfo(**self._address)}"
        environment = {**os.environ, **({"PGPASSWORD": self._password} if self._password else {})}
        done = subprocess.run([program, address, *arguments], env=environment, capture_output=True, text=True)
        if done.returncode:
            said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
            kind = EvidenceError if program == "pg_restore" else StorageError
            raise kind(f"{program} failed: {said[0]}", remedy="Mend the cause and begin anew.")

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        try:
            secret: dict[str, Any] = {"password": self._password} if self._password else {}
            with psycopg.connect(**{"connect_timeout": 5, **self._address, **secret}) as connection:
                yield connection
        except psycopg.OperationalError as error:
            said = str(error).strip().splitlines()[0]
            raise InputError(f"the database does not answer: {said}", remedy="Check DATABASE_URL.") from error


class PostgresSnapshot:
    """The transaction that holds the moment."""

    def __init__(self, database: PostgresDatabase, connection: psycopg.Connection) -> None:
        self._database, self._connection = database, connection

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query, a batch at a time."""
        with self._connection.cursor(name="backup") as cursor:
            cursor.itersize = _BATCH
            cursor.execute(query.encode())
            yield from cursor

    def write(self, target: Path) -> None:
        """Have pg_dump write what this transaction sees."""
        [(name,)] = self._connection.execute("SELECT pg_export_snapshot()").fetchall()
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.close(handle)
        self._database.run(
            "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={name}", f"--file={target}"
        )
