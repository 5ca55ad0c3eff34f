"""Doors of the app."""

from __future__ import annotations

from roadworthy.server.access.doors import opens
from roadworthy.server.access.permissions import Permission

opens(
    {
        "GET standards:list": Permission.STANDARD_READ,
        "POST standards:start": Permission.STANDARD_DRAFT,
        "GET standards:show": Permission.STANDARD_READ,
        "GET standards:edit": Permission.STANDARD_DRAFT,
        "POST standards:edit": Permission.STANDARD_DRAFT,
        "GET standards:threshold": Permission.STANDARD_DRAFT,
        "POST standards:threshold": Permission.STANDARD_DRAFT,
        "GET standards:layer": Permission.STANDARD_READ,
        "POST standards:preview": Permission.STANDARD_READ,
        "POST standards:propose": Permission.STANDARD_DRAFT,
        "POST standards:take_back": Permission.STANDARD_DRAFT,
        "POST standards:withdraw": Permission.STANDARD_DRAFT,
        "POST standards:decide": Permission.STANDARD_APPROVE,
        "POST standards:publish": Permission.STANDARD_DRAFT,
        "GET standards:requirement": Permission.STANDARD_READ,
        "GET standards:controls": Permission.STANDARD_READ,
        "GET standards:control": Permission.STANDARD_READ,
        "GET standards:coverage": Permission.STANDARD_READ,
        "GET standards:framework": Permission.STANDARD_READ,
        "GET api:standards": Permission.STANDARD_READ,
        "POST api:standards": Permission.STANDARD_DRAFT,
        "GET api:standard_in_force": Permission.STANDARD_READ,
        "GET api:standard": Permission.STANDARD_READ,
        "PUT api:standard": Permission.STANDARD_DRAFT,
        "POST api:standard_threshold": Permission.STANDARD_DRAFT,
        "GET api:standard_layer": Permission.STANDARD_READ,
        "GET api:standard_changes": Permission.STANDARD_READ,
        "GET api:standard_tests": Permission.STANDARD_READ,
        "GET api:standard_impact": Permission.STANDARD_READ,
        "POST api:standard_impact": Permission.STANDARD_READ,
        "POST api:standard_propose": Permission.STANDARD_DRAFT,
        "POST api:standard_take_back": Permission.STANDARD_DRAFT,
        "POST api:standard_withdraw": Permission.STANDARD_DRAFT,
        "GET api:standard_approvals": Permission.STANDARD_READ,
        "POST api:standard_approvals": Permission.STANDARD_APPROVE,
        "POST api:standard_publish": Permission.STANDARD_DRAFT,
        "GET api:controls": Permission.STANDARD_READ,
        "GET api:coverage": Permission.STANDARD_READ,
    }
)
