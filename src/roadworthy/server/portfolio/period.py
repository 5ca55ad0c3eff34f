"""Months in the time zone of the organisation: where each begins and ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from roadworthy.server.business_days import business_calendar


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month."""

    first: date

    @classmethod
    def of(cls, moment: datetime) -> Month:
        """Return the month in which a moment falls here."""
        return cls(business_calendar().day(moment).replace(day=1))

    @classmethod
    def read(cls, text: str) -> Month | None:
        """Read `2026-11`; None when it is no month."""
        try:
            return cls(date.fromisoformat(f"{text}-01"))
        except ValueError:
            return None

    def back(self, months: int) -> Month:
        """Return the month so many months before, or after when negative."""
        number = self.first.year * 12 + self.first.month - 1 - months
        return Month(date(number // 12, number % 12 + 1, 1))

    @property
    def start(self) -> datetime:
        """Return its first moment, in UTC."""
        return datetime.combine(self.first, time(), business_calendar().zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """Return the first moment after it, in UTC."""
        return self.back(-1).start

    @property
    def name(self) -> str:
        """Return `2026-11`."""
        return f"{self.first:%Y-%m}"

    @property
    def label(self) -> str:
        """Return `Nov 2026`."""
        return f"{self.first:%b %Y}"


def months_until(last: Month, number: int) -> list[Month]:
    """Return so many months, the last of them `last`."""
    return [last.back(back) for back in range(number - 1, -1, -1)]
