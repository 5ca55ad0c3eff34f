"""Doors of the app."""

from __future__ import annotations

from roadworthy.server.access.doors import opens
from roadworthy.server.access.permissions import Permission

SEE = Permission.RELEASE_READ

opens(
    {
        "GET decisions:list": SEE,
        "GET decisions:show": SEE,
        "GET decisions:memo": SEE,
        "POST decisions:sign": Permission.DECISION_SIGN,
        "POST decisions:again": Permission.DECISION_REQUEST,
        "POST decisions:withdraw": Permission.DECISION_REQUEST,
        "POST decisions:recommend": Permission.DECISION_SIGN,
        "GET decisions:ask": Permission.DECISION_REQUEST,
        "POST decisions:ask": Permission.DECISION_REQUEST,
        "GET decisions:statement": Permission.DECISION_SIGN,
        "POST decisions:statement": Permission.DECISION_SIGN,
        "POST decisions:judge": Permission.DECISION_REQUEST,
        "GET decisions:exceptions": SEE,
        "GET decisions:exception": SEE,
        "GET decisions:ask_exception": Permission.EXCEPTION_REQUEST,
        "POST decisions:ask_exception": Permission.EXCEPTION_REQUEST,
        "POST decisions:decide_exception": Permission.EXCEPTION_DECIDE,
        "POST decisions:withdraw_exception": SEE,
        "GET decisions:authority": Permission.STANDARD_READ,
        "POST decisions:add_rule": Permission.AUTHORITY_MANAGE,
        "GET decisions:rule": Permission.AUTHORITY_MANAGE,
        "POST decisions:rule": Permission.AUTHORITY_MANAGE,
        "POST decisions:remove_rule": Permission.AUTHORITY_MANAGE,
        "GET decisions:vendor_changes": Permission.TIER_SET,
        "POST decisions:vendor_changes": Permission.TIER_SET,
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
