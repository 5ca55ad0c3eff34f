"""The roles that ship with the server; an organisation adds its own. Their ids are those of the default standard."""

from __future__ import annotations

from dataclasses import dataclass

from roadworthy.server.access.permissions import Permission

READ = frozenset(
    {
        Permission.SYSTEM_READ,
        Permission.ASSESSMENT_READ,
        Permission.STANDARD_READ,
        Permission.RELEASE_READ,
        Permission.FINDING_READ,
        Permission.EVIDENCE_READ,
        Permission.PORTFOLIO_READ,
        Permission.QUESTION_ASK,
    }
)
BUILD = READ | {
    Permission.SYSTEM_CREATE,
    Permission.SYSTEM_WRITE,
    Permission.ASSESSMENT_WRITE,
    Permission.RELEASE_PUSH,
    Permission.RELEASE_SHIP,
    Permission.CLEARANCE_READ,
    Permission.DECISION_REQUEST,
    Permission.EXCEPTION_REQUEST,
    Permission.FINDING_WRITE,
    Permission.EVIDENCE_UPLOAD,
    Permission.EVIDENCE_SENSITIVE,
}
LEAD_OFF = frozenset(
    {
        Permission.TIER_SET,
        Permission.QUESTION_ANSWER,
        Permission.ASSESSMENT_ACCEPT,
        Permission.STANDARD_DRAFT,
        Permission.STANDARD_APPROVE,
        Permission.AUDIT_READ,
    }
)
RUN = frozenset(
    {
        Permission.ACCOUNT_MANAGE,
        Permission.AUTHORITY_MANAGE,
        Permission.AUDIT_READ,
        Permission.WEBHOOK_MANAGE,
        Permission.JOB_READ,
        Permission.SCIM_MANAGE,
    }
)
SIGN = READ | {
    Permission.DECISION_SIGN,
    Permission.EXCEPTION_DECIDE,
    Permission.FINDING_WRITE,
    Permission.FINDING_ACCEPT,
    Permission.EVIDENCE_SENSITIVE,
}


@dataclass(frozen=True)
class BuiltInRole:
    """A role as it is shipped."""

    title: str
    permissions: frozenset[Permission]
    signs: bool = False
    """The standard or the authority table may name it as a signer."""


ROLES: dict[str, BuiltInRole] = {
    "administrator": BuiltInRole("Administrator of the server", READ | RUN),
    "responsible-ai": BuiltInRole("Responsible-AI specialist", BUILD | SIGN | LEAD_OFF, signs=True),
    "responsible-ai-lead": BuiltInRole(
        "Lead of responsible AI",
        BUILD | SIGN | LEAD_OFF | {Permission.AUTHORITY_MANAGE, Permission.WEBHOOK_MANAGE, Permission.JOB_READ},
        signs=True,
    ),
    "security": BuiltInRole("Security approver", SIGN, signs=True),
    "privacy": BuiltInRole("Privacy approver", SIGN, signs=True),
    "legal": BuiltInRole("Legal approver", SIGN, signs=True),
    "accountable-owner": BuiltInRole("Product owner who answers for a system", BUILD | SIGN, signs=True),
    "director": BuiltInRole("Director or executive", SIGN | {Permission.STANDARD_APPROVE}, signs=True),
    "engineer": BuiltInRole("Product or ML engineer", BUILD),
    "auditor": BuiltInRole(
        "Auditor", READ | {Permission.AUDIT_READ, Permission.EVIDENCE_SENSITIVE, Permission.JOB_READ}
    ),
    "viewer": BuiltInRole("Viewer", READ),
}
"""By id."""
