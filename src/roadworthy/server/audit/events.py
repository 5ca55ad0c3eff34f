"""Events about the audit trail itself."""

from __future__ import annotations

from roadworthy.server.access.events import EventKind, declare

SENSITIVE_READ = "evidence.read"
"""Declared by the app of evidence; trails of things leave it out."""
EXPORTED = "audit.exported"
KEY_ROTATED = "server.key_rotated"

declare(
    {
        EXPORTED: EventKind("Exported the audit trail", webhook=False),
        KEY_ROTATED: EventKind("Replaced the key of the server", webhook=False),
    }
)
