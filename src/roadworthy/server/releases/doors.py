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
        "GET api:release_critique": Permission.RELEASE_READ,
        "GET api:release_verdict": Permission.RELEASE_READ,
        "GET api:release_bundle": Permission.EVIDENCE_SENSITIVE,
        "GET api:release_evidence": Permission.RELEASE_READ,
        "POST api:release_shipping": Permission.RELEASE_SHIP,
        "POST api:release_withdrawal": Permission.RELEASE_SHIP,
        "GET api:keys": Permission.RELEASE_READ,
        "POST api:keys": Permission.AUTHORITY_MANAGE,
        "DELETE api:key": Permission.AUTHORITY_MANAGE,
        "GET keys:list": Permission.RELEASE_READ,
        "POST keys:list": Permission.AUTHORITY_MANAGE,
        "POST keys:revoke": Permission.AUTHORITY_MANAGE,
        "POST shipping:ship": Permission.RELEASE_SHIP,
        "POST shipping:withdraw": Permission.RELEASE_SHIP,
    }
)
