"""Until when a decision is promised: business days by tier, as the standard says."""

from __future__ import annotations

from datetime import date, datetime
from functools import lru_cache

from django.utils import timezone

from roadworthy.core.calendar import BusinessCalendar, Weekday, time_zone
from roadworthy.core.errors import InputError
from roadworthy.server.configuration import Configuration, configuration
from roadworthy.server.releases.models import Release
from roadworthy.server.standards.in_force import loaded
from roadworthy.standard.model import Tier

BY_DEFAULT = 10
"""Business days where the standard promises none."""


def due_of(release: Release, start: datetime | None = None) -> datetime:
    """Return the first moment at which a decision on the release is late."""
    promised = loaded(release.standard).standard.slas.assessment_business_days
    days = promised.get(Tier(release.tier), BY_DEFAULT)
    return calendar_of(configuration()).due(start or timezone.now(), days)


@lru_cache(maxsize=4)
def calendar_of(settings: Configuration) -> BusinessCalendar:
    """Return the business calendar of this installation; raises InputError for days that are none."""
    try:
        weekend = frozenset(Weekday(int(day) - 1) for day in settings.weekend.split(",") if day.strip())
        holidays = frozenset(date.fromisoformat(day.strip()) for day in settings.holidays.split(",") if day.strip())
    except ValueError as error:
        raise InputError(
            f"ROADWORTHY_WEEKEND or ROADWORTHY_HOLIDAYS: {error}", remedy="docs/configuration.md says what they take."
        ) from error
    return BusinessCalendar(weekend, holidays, time_zone(settings.time_zone))
