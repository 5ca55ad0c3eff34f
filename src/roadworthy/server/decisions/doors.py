"""Doors of the app."""

from __future__ import annotations

from roadworthy.server.access.doors import opens
from roadworthy.server.access.permissions import Permission

SEE = Permission.RELEASE_READ

opens(
    {
        "GET api:authority_rules": Permission.STANDARD_READ,
        "POST api:authority_rules": Permission.AUTHORITY_MANAGE,
        "GET api:authority_rule": Permission.STANDARD_READ,
        "PUT api:authority_rule": Permission.AUTHORITY_MANAGE,
        "DELETE api:authority_rule": Permission.AUTHORITY_MANAGE,
        "GET api:vendor_changes": Permission.TIER_SET,
        "POST api:vendor_changes": Permission.TIER_SET,
        "GET api:decisions": SEE,
        "POST api:decisions": Permission.DECISION_REQUEST,
        "GET api:decision": SEE,
        "GET api:decision_memo": SEE,
        "POST api:decision_signatures": Permission.DECISION_SIGN,
        "POST api:decision_envelopes": Permission.DECISION_SIGN,
        "POST api:decision_rounds": Permission.DECISION_REQUEST,
        "PUT api:decision_recommendation": Permission.DECISION_SIGN,
        "POST api:decision_withdrawal": Permission.DECISION_REQUEST,
        "GET api:exceptions": SEE,
        "POST api:exceptions": Permission.EXCEPTION_REQUEST,
        "GET api:exception": SEE,
        "POST api:exception_decision": Permission.EXCEPTION_DECIDE,
        "POST api:exception_withdrawal": SEE,
        "GET api:exception_categories": SEE,
        "GET api:release_statements": SEE,
        "POST api:release_statements": SEE,
        "POST api:release_judgements": Permission.DECISION_REQUEST,
        "GET api:clearance": Permission.CLEARANCE_READ,
    }
)
