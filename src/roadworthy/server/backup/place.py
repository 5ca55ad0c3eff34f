"""What belongs to a server in its data directory, and which database it uses."""

from __future__ import annotations

from pathlib import Path

from roadworthy.core.errors import InputError
from roadworthy.server.audit.heads import HEADS
from roadworthy.server.backup.postgres import PostgresDatabase
from roadworthy.server.backup.snapshot import Database
from roadworthy.server.backup.sqlite import SqliteDatabase
from roadworthy.server.configuration import Configuration
from roadworthy.server.database import database
from roadworthy.server.preparation import RESTORING
from roadworthy.server.sealing import KEYS as SEALING_KEYS
from roadworthy.server.secrets import RETIRED, SERVER_KEY, SESSION_KEY

KEYS = (SESSION_KEY, SERVER_KEY, RETIRED, SEALING_KEYS)
EVIDENCE = "evidence"
OWN = (*KEYS, HEADS, EVIDENCE, "incoming", "roadworthy.sqlite", RESTORING)


def database_of(settings: Configuration) -> Database:
    """Return the database that the settings name."""
    given = database(settings.database, 0)
    if given["ENGINE"].endswith("sqlite3"):
        return SqliteDatabase(Path(given["NAME"]))
    return PostgresDatabase(given)


def refuse_used(settings: Configuration) -> None:
    """Raise InputError unless directory and database are empty."""
    used = [name for name in OWN if (settings.data / name).exists()]
    if used:
        raise InputError(
            f"{settings.data} is in use: it holds {', '.join(used)}; a backup is brought back into an empty place only",
            remedy="Name a new directory with ROADWORTHY_DATA.",
        )
    database_of(settings).refuse_used()
