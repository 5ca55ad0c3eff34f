"""Events about people and what they may do."""

from __future__ import annotations

from roadworthy.server.access.events import EventKind, declare

declare(
    {
        "token.made": EventKind("Made an API token", webhook=False),
        "user.first_administrator": EventKind("Became the first administrator", webhook=False),
        "user.key_made": EventKind("Got a signing key", webhook=False),
        "user.password_set": EventKind("Set a password", webhook=False),
        "token.revoked": EventKind("Revoked an API token", webhook=False),
    }
)
