"""Rounds of a finding: begun when it opens or comes back, ended once."""

from __future__ import annotations

from datetime import datetime

from roadworthy.server.findings.due import due_of
from roadworthy.server.findings.models import Ending, Finding, FindingRound


def begin_round(finding: Finding, at: datetime) -> FindingRound:
    """Begin a round of a finding whose row is saved; its due date becomes that of the finding."""
    return FindingRound.objects.create(
        finding=finding,
        number=finding.reopened + 1,
        system=finding.system,
        product_line_id=finding.system.product_line_id,
        tier=finding.tier,
        source=finding.source,
        dimension=finding.dimension,
        severity=finding.severity,
        opened_at=at,
        due=finding.due,
        due_twice=due_of(finding.tier, finding.severity, at, cycles=2),
    )


def open_round(finding: Finding) -> FindingRound | None:
    """Return the round that has not ended; None where there is none."""
    return FindingRound.objects.filter(finding=finding, ended_at=None).order_by("-number").first()


def end_round(finding: Finding, at: datetime, ending: Ending) -> None:
    """End the round of a finding."""
    FindingRound.objects.filter(finding=finding, ended_at=None).update(ended_at=at, ending=ending)
