"""Doors of the app."""

from __future__ import annotations

from roadworthy.server.access.doors import opens
from roadworthy.server.access.permissions import Permission

opens(
    {
        "GET systems:list": Permission.SYSTEM_READ,
        "GET api:systems": Permission.SYSTEM_READ,
        "GET api:system": Permission.SYSTEM_READ,
    }
)
