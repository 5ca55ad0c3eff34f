"""Doors of the app."""

from __future__ import annotations

from roadworthy.server.access.doors import opens
from roadworthy.server.access.permissions import Permission

opens(
    {
        "POST api:bundles": Permission.RELEASE_PUSH,
    }
)
