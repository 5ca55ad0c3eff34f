"""Events about webhooks themselves."""

from __future__ import annotations

from roadworthy.server.access.events import EventKind, declare

PING = "webhook.ping"
declare(
    {
        "webhook.made": EventKind("Added a webhook", webhook=False),
        "webhook.changed": EventKind("Changed a webhook", webhook=False),
        "webhook.secret_renewed": EventKind("Renewed the secret of a webhook", webhook=False),
        "webhook.removed": EventKind("Removed a webhook", webhook=False),
        "webhook.stopped": EventKind("Stopped a webhook that was not taken any more", webhook=False),
        PING: EventKind("Tried a webhook", webhook=False),
    }
)
