"""Until when a decision is promised: business days by tier, as the standard says."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from roadworthy.server.business_days import business_calendar
from roadworthy.server.releases.models import Release
from roadworthy.server.standards.in_force import loaded
from roadworthy.standard.model import Tier

BY_DEFAULT = 10
"""Business days where the standard promises none."""


def due_of(release: Release, start: datetime | None = None) -> datetime:
    """Return the first moment at which a decision on the release is late."""
    promised = loaded(release.standard).standard.slas.assessment_business_days
    days = promised.get(Tier(release.tier), BY_DEFAULT)
    return business_calendar().due(start or timezone.now(), days)
