"""Triggers with which the database itself refuses to change or delete an entry: a second wall behind the chain.

Who owns the database can drop them; the chain then still shows what was done.
"""

from __future__ import annotations

from typing import Any

_SQLITE = (
    """CREATE TRIGGER audit_entry_no_update BEFORE UPDATE ON audit_entry
       BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
    """CREATE TRIGGER audit_entry_no_delete BEFORE DELETE ON audit_entry
       BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$""",
    """CREATE TRIGGER audit_entry_no_change BEFORE UPDATE OR DELETE ON audit_entry
       FOR EACH ROW EXECUTE FUNCTION audit_append_only()""",
    """CREATE TRIGGER audit_entry_no_truncate BEFORE TRUNCATE ON audit_entry
       FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()""",
)
_NO_SQLITE = ("DROP TRIGGER IF EXISTS audit_entry_no_update", "DROP TRIGGER IF EXISTS audit_entry_no_delete")
_NO_POSTGRESQL = ("DROP FUNCTION IF EXISTS audit_append_only() CASCADE",)


def install(connection: Any) -> None:
    """Make the triggers."""
    _execute(connection, {"sqlite": _SQLITE, "postgresql": _POSTGRESQL})


def remove(connection: Any) -> None:
    """Drop the triggers: when a migration must change old entries, and in tests."""
    _execute(connection, {"sqlite": _NO_SQLITE, "postgresql": _NO_POSTGRESQL})


def _execute(connection: Any, statements: dict[str, tuple[str, ...]]) -> None:
    with connection.cursor() as cursor:
        for statement in statements[connection.vendor]:
            cursor.execute(statement)
