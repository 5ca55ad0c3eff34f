"""What both kinds of database give for a backup: a file, and what the record was at that very moment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from roadworthy.evidence.audit_chain import Head


class Snapshot(Protocol):
    """The database as it was at one moment."""

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query."""

    def write(self, target: Path) -> None:
        """Write all of it to a file."""


class Database(Protocol):
    """A kind of database."""

    kind: str
    file: str
    """Name of its file in a backup."""

    def snapshot(self, work: Path) -> AbstractContextManager[Snapshot]:
        """Hold the database as it is now; `work` is a directory to write to."""

    def refuse_used(self) -> None:
        """Raise InputError unless it is empty."""

    def load(self, source: Path) -> None:
        """Fill it from a file of a backup."""


@dataclass(frozen=True)
class Facts:
    """What the manifest says of a database."""

    migrations: list[str]
    tip: Head | None


def facts_of(snapshot: Snapshot) -> Facts:
    """Read what the manifest says; the names of tables have been the same since the first version."""
    migrations = sorted(f"{app}.{name}" for app, name in snapshot.rows("SELECT app, name FROM django_migrations"))
    tips = list(snapshot.rows("SELECT number, digest, key, signature FROM audit_tip WHERE number > 0"))
    return Facts(migrations, Head(*tips[0]) if tips else None)


def blobs_of(snapshot: Snapshot) -> Iterator[tuple[str, int]]:
    """Yield digest and size of every file that the record names."""
    for digest, size in snapshot.rows("SELECT sha256, size FROM evidence_blob ORDER BY sha256"):
        yield str(digest), int(size)
