"""Doors of the app."""

from __future__ import annotations

from roadworthy.server.access.doors import SIGNED_IN, opens
from roadworthy.server.access.permissions import Permission

opens(
    {
        "GET jobs:inbox": SIGNED_IN,
        "POST jobs:read": SIGNED_IN,
        "GET jobs:list": Permission.JOB_READ,
        "GET api:notices": SIGNED_IN,
        "POST api:notices": SIGNED_IN,
        "GET api:jobs": Permission.JOB_READ,
    }
)
