"""Doors of the app."""

from __future__ import annotations

from roadworthy.server.access.doors import opens
from roadworthy.server.access.permissions import Permission

opens(
    {
        "GET findings:list": Permission.FINDING_READ,
        "GET findings:board": Permission.FINDING_READ,
        "GET findings:show": Permission.FINDING_READ,
        "GET findings:new": Permission.FINDING_WRITE,
        "POST findings:new": Permission.FINDING_WRITE,
        "GET findings:edit": Permission.FINDING_WRITE,
        "POST findings:edit": Permission.FINDING_WRITE,
        "POST findings:assign": Permission.FINDING_WRITE,
        "POST findings:start": Permission.FINDING_WRITE,
        "POST findings:stop": Permission.FINDING_WRITE,
        "POST findings:comment": Permission.FINDING_WRITE,
        "POST findings:retract": Permission.FINDING_WRITE,
        "POST findings:close": Permission.FINDING_WRITE,
        "POST findings:accept": Permission.FINDING_ACCEPT,
        "POST findings:bulk": Permission.FINDING_WRITE,
        "GET api:findings": Permission.FINDING_READ,
        "POST api:findings": Permission.FINDING_WRITE,
        "GET api:finding": Permission.FINDING_READ,
        "PATCH api:finding": Permission.FINDING_WRITE,
        "GET api:finding_comments": Permission.FINDING_READ,
        "POST api:finding_comments": Permission.FINDING_WRITE,
        "POST api:finding_comment_retraction": Permission.FINDING_WRITE,
        "POST api:finding_closure": Permission.FINDING_WRITE,
        "POST api:finding_acceptance": Permission.FINDING_ACCEPT,
    }
)
