"""Doors of the app."""

from __future__ import annotations

from roadworthy.server.access.doors import opens
from roadworthy.server.access.permissions import Permission

_READ = Permission.ASSESSMENT_READ
_WRITE = Permission.ASSESSMENT_WRITE
_ACCEPT = Permission.ASSESSMENT_ACCEPT

opens(
    {
        "GET assessments:list": _READ,
        "GET assessments:start": _WRITE,
        "POST assessments:start": _WRITE,
        "GET assessments:show": _READ,
        "GET assessments:print": _READ,
        "POST assessments:refresh": _WRITE,
        "POST assessments:submit": _WRITE,
        "POST assessments:return": _READ,
        "POST assessments:accept": _ACCEPT,
        "POST assessments:accept_rest": _WRITE,
        "GET assessments:add": _WRITE,
        "POST assessments:add": _WRITE,
        "GET assessments:mitigation": _READ,
        "POST assessments:mitigation": _WRITE,
        "GET assessments:scenario": _READ,
        "POST assessments:scenario_accept": _WRITE,
        "POST assessments:scenario_dismiss": _WRITE,
        "POST assessments:scenario_edit": _WRITE,
        "POST assessments:scenario_treat": _WRITE,
        "GET assessments:briefs": _READ,
        "GET assessments:brief_new": _WRITE,
        "POST assessments:brief_new": _WRITE,
        "GET assessments:brief": _READ,
        "GET assessments:brief_file": _READ,
        "POST assessments:brief_ask": _WRITE,
        "POST assessments:brief_answer": _WRITE,
        "POST assessments:brief_intake": Permission.SYSTEM_CREATE,
        "POST assessments:brief_discard": _WRITE,
        "GET api:assessments": _READ,
        "POST api:assessments": _WRITE,
        "GET api:assessment": _READ,
        "GET api:assessment_register": _READ,
        "GET api:assessment_critique": _READ,
        "GET api:assessment_threats": _READ,
        "GET api:assessment_comparison": _READ,
        "POST api:assessment_refresh": _WRITE,
        "POST api:assessment_submission": _WRITE,
        "POST api:assessment_return": _WRITE,
        "POST api:assessment_acceptance": _ACCEPT,
        "GET api:scenarios": _READ,
        "POST api:scenarios": _WRITE,
        "POST api:scenarios_acceptance": _WRITE,
        "GET api:scenario": _READ,
        "PATCH api:scenario": _WRITE,
        "POST api:scenario_acceptance": _WRITE,
        "POST api:scenario_dismissal": _WRITE,
        "PUT api:scenario_mitigation": _WRITE,
        "PUT api:assessment_mitigation": _WRITE,
        "GET api:briefs": _READ,
        "POST api:briefs": _WRITE,
        "GET api:brief": _READ,
        "DELETE api:brief": _WRITE,
        "GET api:brief_declaration": _READ,
        "POST api:brief_suggestions": _WRITE,
        "POST api:brief_suggestion": _WRITE,
        "POST api:brief_intake": Permission.SYSTEM_CREATE,
    }
)
