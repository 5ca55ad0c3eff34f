"""Published content never changes: the database itself refuses, whatever asks it to."""

from __future__ import annotations

from typing import Any

from django.db import connections

TABLE = "standards_standardversion"
FIXED = ("standard", "version", "title", "digest", "content", "layer", "published_at")
"""Columns that stay as they were published; the rest says how the version is used."""
MESSAGE = "a published version of the standard never changes"


def keep_published(using: str = "default", **_: Any) -> None:
    """Put the triggers in place. Runs after each migration, since SQLite drops them with a table that is made anew."""
    connection = connections[using]
    statements = _POSTGRESQL if connection.vendor == "postgresql" else _SQLITE
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _differs(word: str) -> str:
    columns = [f"NEW.{name} {word} OLD.{name}" for name in FIXED if name != "layer"]
    columns.append(f"CAST(NEW.layer AS text) {word} CAST(OLD.layer AS text)")
    return " OR ".join([*columns, "NEW.state <> 'published'"])


_SQLITE = (
    f"DROP TRIGGER IF EXISTS {TABLE}_fixed",
    f"CREATE TRIGGER {TABLE}_fixed BEFORE UPDATE ON {TABLE} FOR EACH ROW"
    f" WHEN OLD.state = 'published' AND ({_differs('IS NOT')}) BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END",
)
_POSTGRESQL = (
    f"CREATE OR REPLACE FUNCTION {TABLE}_fixed() RETURNS trigger LANGUAGE plpgsql AS $body$ BEGIN"
    f" IF TG_OP = 'DELETE' OR {_differs('IS DISTINCT FROM')} THEN RAISE EXCEPTION '{MESSAGE}'"
    " USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN NEW; END $body$",
    f"CREATE OR REPLACE TRIGGER {TABLE}_fixed BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW"
    f" WHEN (OLD.state = 'published') EXECUTE FUNCTION {TABLE}_fixed()",
)
