"""Until when a finding is to be closed: business days by tier, as the standard promises; half of them if critical."""

from __future__ import annotations

from datetime import datetime
from math import ceil

from django.utils import timezone

from roadworthy.server.business_days import business_calendar
from roadworthy.server.findings.models import Severity
from roadworthy.server.standards.in_force import in_force
from roadworthy.standard.model import Tier

BY_DEFAULT = 60
"""Business days where the standard promises none."""


def promised_days(tier: str, severity: str) -> int:
    """Return the business days that a finding may take."""
    promised = in_force().standard.slas.finding_business_days
    days = promised.get(Tier(tier), BY_DEFAULT) if tier in set(Tier) else BY_DEFAULT
    return ceil(days / 2) if severity == Severity.CRITICAL else days


def due_of(tier: str, severity: str, start: datetime, cycles: int = 1) -> datetime:
    """Return the first moment at which a finding opened at `start` is late; after so many cycles."""
    return business_calendar().due(start, promised_days(tier, severity) * cycles)


def moved_due(due: datetime, tier: str, severity: str, start: datetime, cycles: int = 1) -> datetime:
    """Return the due date after a change of severity, counted from the opening.

    A date that has passed stays: nobody is in time by calling it less severe. One that would have passed already gives
    until the end of the next business day.
    """
    moment = timezone.now()
    if due <= moment:
        return due
    soonest = business_calendar().due(moment, 1)
    return max(due_of(tier, severity, start, cycles), min(soonest, due))
