"""Doors of the app."""

from __future__ import annotations

from roadworthy.server.access.doors import opens
from roadworthy.server.access.permissions import Permission

opens(
    {
        "GET releases:list": Permission.RELEASE_READ,
        "GET releases:release": Permission.RELEASE_READ,
        "POST api:bundles": Permission.RELEASE_PUSH,
        "GET api:releases": Permission.RELEASE_READ,
        "GET api:release": Permission.RELEASE_READ,
        "GET api:release_verdict": Permission.RELEASE_READ,
        "GET api:release_bundle": Permission.EVIDENCE_SENSITIVE,
        "GET api:release_evidence": Permission.RELEASE_READ,
    }
)
