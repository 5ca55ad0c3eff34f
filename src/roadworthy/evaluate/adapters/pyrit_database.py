"""PyRIT's SQLite file, opened so that nothing can be written to it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.adapters.peer import not_a_log

TOOL = "PyRIT"
TABLES = ("AttackResultEntries", "Conversations", "PromptMemoryEntries", "ScoreEntries")
_MAGIC = b"SQLite format 3\x00"
_UNFINISHED = ("-wal", "-journal")
"""Files beside a database that hold what is not yet, or no longer, part of it."""
T = TypeVar("T")


class Database:
    """A connection that reads."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    def tables(self) -> set[str]:
        """Return the names of the tables, without views: a view may run for ever."""
        return {str(line["name"]) for line in self.select("SELECT name FROM sqlite_master WHERE type = 'table'")}

    def select(self, query: str, *documents: str) -> Iterator[dict[str, Any]]:
        """Yield the lines of a query; the columns `documents` hold JSON."""
        try:
            for line in self._connection.execute(query):
                fields = dict(line)
                for name in documents:
                    fields[name] = msgspec.json.decode(fields[name]) if fields[name] is not None else None
                yield fields
        except (sqlite3.Error, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise not_a_log(self.path, TOOL, str(error)) from error

    def convert(self, line: dict[str, Any], kind: type[T]) -> T:
        """Check the fields of a line."""
        try:
            return msgspec.convert(line, kind)
        except msgspec.ValidationError as error:
            raise not_a_log(self.path, TOOL, str(error)) from error


@contextmanager
def open_memory(path: Path) -> Iterator[Database]:
    """Open the file for reading. Raises InputError on what is not PyRIT's, and while it is still being written."""
    for ending in _UNFINISHED:
        beside = path.with_name(path.name + ending)
        if beside.is_file() and beside.stat().st_size:
            raise InputError(
                f"the database is in use, or was left in the middle of writing: {beside.name} is there",
                place=Place(path),
                remedy="Let PyRIT end, or open and close the database with it once.",
            )
    try:
        # Immutable: SQLite then makes no lock and no file beside it.
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    except sqlite3.Error as error:
        raise not_a_log(path, TOOL, str(error)) from error
    with closing(connection):
        connection.row_factory = sqlite3.Row
        database = Database(path, connection)
        missing = [name for name in TABLES if name not in database.tables()]
        if missing:
            raise not_a_log(path, TOOL, f"it has no table {missing[0]}; databases of version 1 are read")
        yield database


def is_memory(path: Path, start: bytes) -> bool:
    """Tell whether a file is a database of PyRIT, of whatever version."""
    if not start.startswith(_MAGIC):
        return False
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            names = connection.execute("SELECT name FROM sqlite_master").fetchall()
    except sqlite3.Error:
        return False
    return ("PromptMemoryEntries",) in names
