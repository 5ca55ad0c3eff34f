"""Events of releases."""

from __future__ import annotations

from roadworthy.server.access.events import EventKind, declare

declare(
    {
        "release.received": EventKind("A bundle was received"),
        "release.judged": EventKind("A release was judged"),
        "release.push_refused": EventKind("A bundle was refused", webhook=False),
        "release.superseded": EventKind("A newer release took the place of another"),
        "release.shipped": EventKind("A release was shipped"),
        "release.withdrawn": EventKind("A release was withdrawn"),
        "release.ship_refused": EventKind("Shipping a release was refused", webhook=False),
        "key.trusted": EventKind("A key was entered that may sign bundles"),
        "key.revoked": EventKind("A key was revoked"),
    }
)
