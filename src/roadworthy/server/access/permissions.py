"""The table of permissions: what there is to be allowed, and whether it can be narrowed to some systems."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Permission(StrEnum):
    """Something that a person or a token may do."""

    SYSTEM_READ = "system.read"
    SYSTEM_WRITE = "system.write"
    SYSTEM_CREATE = "system.create"
    TIER_SET = "tier.set"
    QUESTION_ASK = "question.ask"
    QUESTION_ANSWER = "question.answer"
    ASSESSMENT_READ = "assessment.read"
    ASSESSMENT_WRITE = "assessment.write"
    ASSESSMENT_ACCEPT = "assessment.accept"
    STANDARD_READ = "standard.read"
    STANDARD_DRAFT = "standard.draft"
    STANDARD_APPROVE = "standard.approve"
    RELEASE_READ = "release.read"
    RELEASE_PUSH = "release.push"
    RELEASE_SHIP = "release.ship"
    CLEARANCE_READ = "clearance.read"
    DECISION_REQUEST = "decision.request"
    DECISION_SIGN = "decision.sign"
    EXCEPTION_REQUEST = "exception.request"
    EXCEPTION_DECIDE = "exception.decide"
    FINDING_READ = "finding.read"
    FINDING_WRITE = "finding.write"
    FINDING_ACCEPT = "finding.accept"
    EVIDENCE_READ = "evidence.read"
    EVIDENCE_UPLOAD = "evidence.upload"
    EVIDENCE_SENSITIVE = "evidence.sensitive"
    PORTFOLIO_READ = "portfolio.read"
    AUDIT_READ = "audit.read"
    ACCOUNT_MANAGE = "account.manage"
    AUTHORITY_MANAGE = "authority.manage"
    WEBHOOK_MANAGE = "webhook.manage"
    JOB_READ = "job.read"
    SCIM_MANAGE = "scim.manage"


@dataclass(frozen=True)
class About:
    """What a permission lets one do."""

    title: str
    narrowable: bool = True
    """A grant can be limited to a unit, a product line or a system. What cannot comes only with a grant everywhere."""
    comes_along: bool = False
    """Not about one system and harmless: a limited grant gives it, too."""


PERMISSIONS: dict[Permission, About] = {
    Permission.SYSTEM_READ: About("See systems, their versions and their history"),
    Permission.SYSTEM_WRITE: About("Change the declaration of a system"),
    Permission.SYSTEM_CREATE: About("Register a system"),
    Permission.TIER_SET: About("Set another tier than the rules give, with a reason"),
    Permission.QUESTION_ASK: About("Ask at office hours", narrowable=False, comes_along=True),
    Permission.QUESTION_ANSWER: About("Triage and answer questions", narrowable=False),
    Permission.ASSESSMENT_READ: About("See risk assessments"),
    Permission.ASSESSMENT_WRITE: About("Edit risk assessments"),
    Permission.ASSESSMENT_ACCEPT: About("Accept a risk assessment"),
    Permission.STANDARD_READ: About("See standards and controls", narrowable=False, comes_along=True),
    Permission.STANDARD_DRAFT: About("Draft a change of the standard", narrowable=False),
    Permission.STANDARD_APPROVE: About("Approve a change of the standard, in a role that it names", narrowable=False),
    Permission.RELEASE_READ: About("See releases and their verdicts"),
    Permission.RELEASE_PUSH: About("Push a bundle"),
    Permission.RELEASE_SHIP: About("Record that a release was shipped or withdrawn"),
    Permission.CLEARANCE_READ: About("Ask whether a release may ship"),
    Permission.DECISION_REQUEST: About("Ask for a decision on a release"),
    Permission.DECISION_SIGN: About("Sign in a role that the authority table names"),
    Permission.EXCEPTION_REQUEST: About("Ask for an exception"),
    Permission.EXCEPTION_DECIDE: About("Decide exceptions in a role that the standard names"),
    Permission.FINDING_READ: About("See findings"),
    Permission.FINDING_WRITE: About("File, assign and close findings"),
    Permission.FINDING_ACCEPT: About("Accept the risk of a finding"),
    Permission.EVIDENCE_READ: About("See evidence, its figures and its provenance"),
    Permission.EVIDENCE_UPLOAD: About("Upload documents as evidence"),
    Permission.EVIDENCE_SENSITIVE: About("Read samples, transcripts and documents; every read is audited"),
    Permission.PORTFOLIO_READ: About("See the portfolio and its KPIs"),
    Permission.AUDIT_READ: About("Read and export the audit trail", narrowable=False),
    Permission.ACCOUNT_MANAGE: About("Manage people, groups, roles and grants", narrowable=False),
    Permission.AUTHORITY_MANAGE: About("Change who may sign what", narrowable=False),
    Permission.WEBHOOK_MANAGE: About("Manage webhooks", narrowable=False),
    Permission.JOB_READ: About("See jobs and schedules", narrowable=False),
    Permission.SCIM_MANAGE: About("Provision people and groups over SCIM", narrowable=False),
}
"""Every permission; roles, doors, pages, docs and tests are made from it."""
