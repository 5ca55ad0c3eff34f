"""The business calendar: which days count when the organisation promises something in business days."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import IntEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from roadworthy.core.errors import InputError

DAY = timedelta(days=1)


class Weekday(IntEnum):
    """Days of the week, numbered as `date.weekday` does."""

    MONDAY = 0
    TUESDAY = 1
    WEDNESDAY = 2
    THURSDAY = 3
    FRIDAY = 4
    SATURDAY = 5
    SUNDAY = 6


@dataclass(frozen=True)
class BusinessCalendar:
    """Weekends, holidays, and the time zone in which a day begins and ends.

    Business days are counted whole, never in fractions: whatever time of the day something happens, that day is day 0.
    """

    weekend: frozenset[Weekday] = frozenset({Weekday.SATURDAY, Weekday.SUNDAY})
    holidays: frozenset[date] = field(default=frozenset(), repr=False)
    zone: tzinfo = UTC

    def __post_init__(self) -> None:
        if len(self.weekend) == len(Weekday):
            raise InputError(
                "every day of the week is a weekend, so that there is no business day",
                remedy="Leave at least one day of the week for work.",
            )

    def day(self, moment: datetime) -> date:
        """Return the day on which a moment falls here; a moment without a zone is refused."""
        if moment.tzinfo is None:
            raise InputError(f"{moment.isoformat()} has no time zone", remedy="Give the moment in UTC.")
        return moment.astimezone(self.zone).date()

    def is_business_day(self, day: date) -> bool:
        """Tell whether people work on that day."""
        return day.weekday() not in self.weekend and day not in self.holidays

    def add_business_days(self, start: date, n: int) -> date:
        """Return the n-th business day after `start`, or before it when `n` is negative.

        `start` itself does not count, business day or not: one business day after a Friday and after the Saturday that
        follows is the Monday. With n = 0 it is `start`, or the next business day where it is none.
        """
        day, left, step = (start - DAY, 1, DAY) if n == 0 else (start, abs(n), DAY if n > 0 else -DAY)
        while left:
            day = self._next(day, step, start)
            left -= self.is_business_day(day)
        return day

    def business_days_between(self, a: date, b: date) -> int:
        """Count the business days after `a` up to and including `b`; negative when `b` lies before `a`.

        So it is the n for which `add_business_days(a, n)` is `b`, where `b` is a business day after `a`.
        """
        if b < a:
            return -self.business_days_between(b, a)
        weeks, rest = divmod((b - a).days, 7)
        last = sum((b - DAY * back).weekday() not in self.weekend for back in range(rest))
        off = sum(a < day <= b and day.weekday() not in self.weekend for day in self.holidays)
        return weeks * (len(Weekday) - len(self.weekend)) + last - off

    def due(self, start: datetime, n: int) -> datetime:
        """Return the first moment (UTC) after the n-th business day after `start`: what is done before is in time."""
        day = self.add_business_days(self.day(start), n)
        return datetime.combine(self._next(day, DAY, day), time(), self.zone).astimezone(UTC)

    def _next(self, day: date, step: timedelta, start: date) -> date:
        try:
            return day + step
        except OverflowError as error:
            raise InputError(
                f"so many business days from {start.isoformat()} lead out of the calendar",
                remedy="Give fewer business days, or a date between the years 1 and 9999.",
            ) from error


def time_zone(name: str) -> tzinfo:
    """Return the time zone of a name such as Europe/Berlin; raises InputError when there is none of that name."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InputError(
            f"there is no time zone {name!r}",
            remedy="Name one of the IANA database, such as Europe/Berlin. A machine without it knows UTC only.",
        ) from error
