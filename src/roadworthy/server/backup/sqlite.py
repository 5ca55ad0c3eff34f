"""SQLite in a backup: a compact copy that the database writes itself while others use it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from roadworthy.core.errors import EvidenceError, InputError, StorageError
from roadworthy.server.backup.copying import copy
from roadworthy.server.backup.manifest import sync_folder

_WAIT = 60.0


class SqliteDatabase:
    """A database in one file."""

    kind = "sqlite"
    file = "database.sqlite"

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def snapshot(self, work: Path) -> Iterator[SqliteSnapshot]:
        """Have the database write a copy of itself, and give that."""
        if not self.path.is_file():
            raise InputError(f"there is no database at {self.path}", remedy="Check ROADWORTHY_DATA and DATABASE_URL.")
        target = work / self.file
        try:
            with closing(sqlite3.connect(self.path, timeout=_WAIT)) as source:
                source.execute("VACUUM INTO ?", (str(target),))
            with closing(sqlite3.connect(f"{target.absolute().as_uri()}?mode=ro", uri=True)) as copied:
                yield SqliteSnapshot(copied)
        except sqlite3.Error as error:
            raise StorageError(
                f"SQLite cannot copy {self.path}: {error}", remedy="Mend the cause; try again."
            ) from error

    def refuse_used(self) -> None:
        """Raise InputError unless there is no file, or an empty one."""
        if self.path.exists() and self.path.stat().st_size:
            raise InputError(
                f"{self.path} is there already; a backup is brought back into an empty place only",
                remedy="Name another one with ROADWORTHY_DATA or DATABASE_URL.",
            )

    def load(self, source: Path) -> None:
        """Put the file in its place, and have SQLite look through it."""
        self.path.unlink(missing_ok=True)
        copy(source, self.path)
        sync_folder(self.path.parent)
        try:
            with closing(sqlite3.connect(self.path)) as opened:
                said = [row[0] for row in opened.execute("PRAGMA integrity_check")]
        except sqlite3.Error as error:
            said = [str(error)]
        if said != ["ok"]:
            raise EvidenceError(f"the database of the backup is damaged: {said[0]}", remedy="Take an earlier backup.")


class SqliteSnapshot:
    """The copy."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query."""
        yield from self._connection.execute(query)

    def write(self, target: Path) -> None:
        """Do nothing: the copy is the file."""
