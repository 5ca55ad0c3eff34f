"""The organisation's business calendar, as the configuration gives it."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from roadworthy.core.calendar import BusinessCalendar, Weekday, time_zone
from roadworthy.core.errors import InputError
from roadworthy.server.configuration import configuration


def business_calendar() -> BusinessCalendar:
    """Return the calendar in which promises are counted; raises InputError that names a setting that is not valid."""
    settings = configuration()
    return _calendar(settings.weekend, settings.holidays, settings.time_zone)


@lru_cache(maxsize=4)
def _calendar(weekend: str, holidays: str, zone: str) -> BusinessCalendar:
    try:
        days = frozenset(Weekday(int(day) - 1) for day in _items(weekend))
        off = frozenset(date.fromisoformat(day) for day in _items(holidays))
    except ValueError as error:
        raise InputError(
            f"ROADWORTHY_WEEKEND or ROADWORTHY_HOLIDAYS: {error}",
            remedy="Write the weekend as 6,7 (1 is Monday) and holidays as 2026-12-25,2027-01-01.",
        ) from error
    return BusinessCalendar(days, off, time_zone(zone))


def _items(text: str) -> list[str]:
    return [item.strip() for item in text.split(",") if item.strip()]
