"""The clock of the demo: it moves through the months before now, so that what is made now has a history.

Only the making of the demo moves it, before the server answers; the first entry of the audit trail of a demo says so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from django.utils import timezone

from roadworthy.core.clock import ENVIRONMENT, format_time
from roadworthy.server.business_days import business_calendar


def business_moment(today: datetime, days_ago: int, hour: int) -> datetime:
    """Return an hour of the last business day that is not later than so many days ago."""
    calendar, day = business_calendar(), today.date() - timedelta(days=days_ago)
    while not calendar.is_business_day(day):
        day -= timedelta(days=1)
    return datetime(day.year, day.month, day.day, hour, 12, 7, tzinfo=UTC)


class DemoClock:
    """A present that is set by hand."""

    def __init__(self, start: datetime) -> None:
        self.today = start
        self._present = start

    def set(self, days_ago: int, hour: int) -> None:
        """Go to an hour of the last business day not later than so many days ago; never back."""
        self.go(business_moment(self.today, days_ago, hour))

    def go(self, moment: datetime) -> None:
        """Go to a moment, unless it has passed; never beyond the true present."""
        self._present = min(max(self._present, moment), self.today)
        os.environ[ENVIRONMENT] = format_time(self._present)

    def now(self) -> datetime:
        """Return the present; each look moves it on a little, since no two things happen at one moment."""
        self.go(self._present + timedelta(milliseconds=1))
        return self._present


@contextmanager
def moved_clock(start: datetime, begin: datetime) -> Iterator[DemoClock]:
    """Let the present be what the clock says, for the domain and for Django alike, until the block ends."""
    before = os.environ.get(ENVIRONMENT)
    clock = DemoClock(start)
    clock._present = begin

    class Moved(datetime):
        """The class from which `django.utils.timezone.now` asks the time, under whatever name that was imported."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Any:
            """Return the present of the demo."""
            return clock.now().astimezone(tz) if tz else clock.now()

    timezone.datetime = Moved  # type: ignore[attr-defined]
    try:
        clock.go(begin)
        yield clock
    finally:
        timezone.datetime = datetime  # type: ignore[attr-defined]
        if before is None:
            os.environ.pop(ENVIRONMENT, None)
        else:
            os.environ[ENVIRONMENT] = before
