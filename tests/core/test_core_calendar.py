"""The business calendar, held against NumPy's busday functions and against days counted by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.core.calendar import BusinessCalendar, Weekday, time_zone
from roadworthy.core.errors import InputError

PLAIN = BusinessCalendar()
FRIDAY, SATURDAY, MONDAY = date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 23)
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))
CALENDARS = st.builds(
    BusinessCalendar,
    weekend=st.frozensets(st.sampled_from(Weekday), max_size=6),
    holidays=st.frozensets(DAYS, max_size=40),
)


def numpy_calendar(calendar: BusinessCalendar) -> np.busdaycalendar:
    mask = [day not in calendar.weekend for day in Weekday]
    return np.busdaycalendar(weekmask=mask, holidays=sorted(calendar.holidays))


@given(calendar=CALENDARS, start=DAYS, n=st.integers(-300, 300))
def test_adding_agrees_with_numpy(calendar: BusinessCalendar, start: date, n: int) -> None:
    """A start that is no business day does not count, so NumPy first rolls away from where it goes."""
    roll = "preceding" if n > 0 else "following"
    expected = np.busday_offset(start, n, roll=roll, busdaycal=numpy_calendar(calendar)).astype(date)
    assert calendar.add_business_days(start, n) == expected


@given(calendar=CALENDARS, a=DAYS, b=DAYS)
def test_counting_agrees_with_numpy(calendar: BusinessCalendar, a: date, b: date) -> None:
    """NumPy counts the first day and not the last one, so that both are moved by a day."""
    first, last = sorted((a, b))
    one = timedelta(days=1)
    count = int(np.busday_count(first + one, last + one, busdaycal=numpy_calendar(calendar)))
    assert calendar.business_days_between(a, b) == (count if a <= b else -count)


@given(calendar=CALENDARS, start=DAYS, n=st.integers(1, 200))
def test_what_was_added_is_counted(calendar: BusinessCalendar, start: date, n: int) -> None:
    end = calendar.add_business_days(start, n)
    assert calendar.is_business_day(end)
    assert calendar.business_days_between(start, end) == n
    assert calendar.business_days_between(end, start) == -n


def test_days_by_hand() -> None:
    assert PLAIN.add_business_days(FRIDAY, 1) == PLAIN.add_business_days(SATURDAY, 1) == MONDAY
    assert PLAIN.add_business_days(SATURDAY, 0) == MONDAY
    assert PLAIN.add_business_days(FRIDAY, 0) == FRIDAY
    assert PLAIN.add_business_days(SATURDAY, -1) == FRIDAY
    assert PLAIN.add_business_days(FRIDAY, 10) == date(2026, 12, 4)
    assert PLAIN.business_days_between(FRIDAY, FRIDAY) == 0
    assert PLAIN.business_days_between(SATURDAY, MONDAY) == 1


def test_holidays_and_other_weekends() -> None:
    thanksgiving = BusinessCalendar(holidays=frozenset({date(2026, 11, 26), date(2026, 11, 28)}))
    assert thanksgiving.add_business_days(MONDAY, 3) == date(2026, 11, 27)
    gulf = BusinessCalendar(weekend=frozenset({Weekday.FRIDAY, Weekday.SATURDAY}))
    assert gulf.add_business_days(date(2026, 11, 19), 1) == date(2026, 11, 22)


def test_a_day_is_that_of_the_zone_and_ends_with_it() -> None:
    new_york = BusinessCalendar(zone=time_zone("America/New_York"))
    late = datetime(2026, 11, 21, 3, tzinfo=UTC)  # Friday, 22:00 in New York
    assert (PLAIN.day(late), new_york.day(late)) == (SATURDAY, FRIDAY)
    assert PLAIN.due(late, 1) == datetime(2026, 11, 24, tzinfo=UTC)
    assert new_york.due(late, 1) == datetime(2026, 11, 24, 5, tzinfo=UTC)


def test_a_day_on_which_the_clock_changes_ends_at_its_own_midnight() -> None:
    berlin = BusinessCalendar(weekend=frozenset(), zone=time_zone("Europe/Berlin"))
    before = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert berlin.due(before, 0) == datetime(2026, 10, 24, 22, tzinfo=UTC)
    assert berlin.due(before, 1) == datetime(2026, 10, 25, 23, tzinfo=UTC)


def test_what_has_no_answer_is_an_error() -> None:
    with pytest.raises(InputError, match="no business day"):
        BusinessCalendar(weekend=frozenset(Weekday))
    with pytest.raises(InputError, match="no time zone 'Mars/Olympus'"):
        time_zone("Mars/Olympus")
    with pytest.raises(InputError, match=r"no time zone '\.\./etc'"):
        time_zone("../etc")
    with pytest.raises(InputError, match="has no time zone"):
        PLAIN.day(datetime(2026, 1, 1))
    with pytest.raises(InputError, match="out of the calendar"):
        PLAIN.add_business_days(date(9999, 12, 30), 9)
    with pytest.raises(InputError, match="out of the calendar"):
        PLAIN.due(datetime(9999, 12, 31, tzinfo=UTC), 0)
