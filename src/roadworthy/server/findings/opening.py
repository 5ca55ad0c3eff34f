"""Open a finding, and open it again when it comes back; the callers record what happened."""

from __future__ import annotations

from datetime import datetime

from roadworthy.server.findings.due import due_of
from roadworthy.server.findings.models import RANK, Finding, FindingState
from roadworthy.server.findings.rounds import begin_round


def open_finding(finding: Finding, at: datetime) -> Finding:
    """Store a new finding with its due date and its first round."""
    finding.tier = finding.system.tier
    finding.severity_rank = RANK[finding.severity]
    finding.opened_at = at
    finding.due = due_of(finding.tier, finding.severity, at)
    finding.save(force_insert=True)
    begin_round(finding, at)
    return finding


def reopen_finding(finding: Finding, severity: str, at: datetime) -> Finding:
    """Let a locked finding that was closed or accepted begin anew, with a due date counted from now."""
    finding.state = FindingState.OPEN
    finding.tier, finding.severity, finding.severity_rank = finding.system.tier, severity, RANK[severity]
    finding.due = due_of(finding.tier, severity, at)
    finding.told_due_soon = finding.told_overdue = False
    finding.closed_at = finding.closed_by = finding.closed_by_release = finding.closed_by_evidence = None
    finding.closed_reason = finding.accepted_role = finding.accepted_reason = ""
    finding.accepted_by = finding.accepted_for = finding.accepted_until = None
    finding.escalated_at = finding.escalated_further_at = None
    finding.reopened += 1
    finding.revision += 1
    finding.save()
    begin_round(finding, at)
    return finding
