"""Doors of the app: the trail is for who may read it; the activity of one thing stands on the page of the thing."""

from __future__ import annotations

from roadworthy.server.access.doors import opens
from roadworthy.server.access.permissions import Permission

opens(
    {
        "GET audit:list": Permission.AUDIT_READ,
        "GET audit:entry": Permission.AUDIT_READ,
        "GET audit:export": Permission.AUDIT_READ,
        "GET api:audit_entries": Permission.AUDIT_READ,
        "GET api:audit_entry": Permission.AUDIT_READ,
        "GET api:audit_head": Permission.AUDIT_READ,
        "GET api:audit_export": Permission.AUDIT_READ,
    }
)
