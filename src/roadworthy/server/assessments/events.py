"""Events of assessments and briefs. Those that name people in their detail become notices."""

from __future__ import annotations

from roadworthy.server.access.events import EventKind, declare

declare(
    {
        "assessment.started": EventKind("Began a risk assessment"),
        "assessment.scenario_accepted": EventKind("Accepted a harm scenario"),
        "assessment.scenarios_accepted": EventKind("Accepted the remaining harm scenarios"),
        "assessment.scenario_dismissed": EventKind("Dismissed a harm scenario"),
        "assessment.scenario_edited": EventKind("Changed a harm scenario"),
        "assessment.scenario_added": EventKind("Added a harm scenario"),
        "assessment.treatment_changed": EventKind("Changed a mitigation"),
        "assessment.refreshed": EventKind("Proposed anew from the newest version"),
        "assessment.refresh_owed": EventKind("A new version owes a fresh risk assessment"),
        "assessment.submitted": EventKind("Submitted a risk assessment for review"),
        "assessment.returned": EventKind("Returned a risk assessment to its authors"),
        "assessment.accepted": EventKind("Accepted a risk assessment"),
        "assessment.accept_refused": EventKind("Was refused to accept a risk assessment", webhook=False),
        "assessment.superseded": EventKind("A newer risk assessment took the place of this one"),
        "assessment.evidence_expired": EventKind("Evidence of a mitigation expired: the residual risk rose"),
        "brief.drafted": EventKind("Drafted from a product brief", webhook=False),
        "brief.suggested": EventKind("Had a model suggest from a product brief", webhook=False),
        "brief.suggestion_taken": EventKind("Took over what a model suggested", webhook=False),
        "brief.suggestion_left": EventKind("Left out what a model suggested", webhook=False),
        "brief.accepted": EventKind("Went on with the draft from a brief", webhook=False),
        "brief.discarded": EventKind("Discarded a brief", webhook=False),
    }
)
