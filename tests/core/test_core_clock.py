"""One clock, always UTC, written one way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.core.clock import format_time, now, parse_time
from roadworthy.core.errors import InputError


def test_now_is_utc_to_the_second() -> None:
    moment = now()
    assert moment.tzinfo is UTC
    assert moment.microsecond == 0
    assert abs(moment - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_clock_can_be_set_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROADWORTHY_NOW", "2026-11-23T07:42:48+02:00")
    assert now() == datetime(2026, 11, 23, 5, 42, 48, tzinfo=UTC)


@pytest.mark.parametrize("text", ["soon", "2026-13-01T00:00:00Z", "2026-11-23", "2026-11-23T05:42:48"])
def test_a_time_without_zone_or_sense_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError):
        parse_time(text)
    monkeypatch.setenv("ROADWORTHY_NOW", text)
    with pytest.raises(InputError):
        now()


@given(st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2200, 1, 1)))
def test_a_written_time_reads_back_and_sorts_as_text(moment: datetime) -> None:
    aware = moment.replace(microsecond=0, tzinfo=UTC)
    text = format_time(aware)
    assert parse_time(text) == aware
    assert format_time(aware + timedelta(seconds=1)) > text
