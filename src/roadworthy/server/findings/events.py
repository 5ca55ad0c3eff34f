"""Events of findings. Those that name people in their detail become notices."""

from __future__ import annotations

from roadworthy.server.access.events import EventKind, declare

declare(
    {
        "finding.opened": EventKind("Opened a finding"),
        "finding.edited": EventKind("Changed a finding"),
        "finding.assigned": EventKind("Assigned a finding"),
        "finding.started": EventKind("Began to work on a finding"),
        "finding.stopped": EventKind("Put a finding back"),
        "finding.commented": EventKind("Commented on a finding"),
        "finding.comment_retracted": EventKind("Retracted a comment on a finding"),
        "finding.comment_retract_refused": EventKind("Was refused to retract a comment", webhook=False),
        "finding.closed": EventKind("Closed a finding"),
        "finding.close_refused": EventKind("Was refused to close a finding", webhook=False),
        "finding.reopened": EventKind("A finding came back"),
        "finding.accepted": EventKind("Accepted the risk of a finding"),
        "finding.accept_refused": EventKind("Was refused to accept the risk of a finding", webhook=False),
        "finding.acceptance_expired": EventKind("The acceptance of a risk expired"),
        "finding.due_soon": EventKind("A finding is due soon"),
        "finding.overdue": EventKind("A finding is overdue"),
        "finding.escalated": EventKind("An overdue finding was escalated"),
        "finding.escalated_further": EventKind("An overdue finding was escalated to the units above"),
    }
)
