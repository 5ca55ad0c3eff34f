"""Trigram indexes: PostgreSQL finds words within a million texts by them.

SQLite, and PostgreSQL without the extension `pg_trgm`, read every text instead.
"""

from __future__ import annotations

from typing import Any

from django.db import DatabaseError, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def add(editor: BaseDatabaseSchemaEditor, table: str, column: str, name: str) -> None:
    """Index the trigrams of a column for `icontains`, where the database can or may have the extension `pg_trgm`."""
    if editor.connection.vendor == "postgresql" and _extension(editor.connection):
        quoted = [editor.quote_name(one) for one in (name, table, column)]
        editor.execute("CREATE INDEX {} ON {} USING gin (UPPER({}::text) gin_trgm_ops)".format(*quoted))


def remove(editor: BaseDatabaseSchemaEditor, name: str) -> None:
    """Remove such an index."""
    if editor.connection.vendor == "postgresql":
        editor.execute(f"DROP INDEX IF EXISTS {editor.quote_name(name)}")


def _extension(connection: Any) -> bool:
    """Have the extension; False where it is not installed, or the user of the database may not add it."""
    try:
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError:
        return False
    return True
