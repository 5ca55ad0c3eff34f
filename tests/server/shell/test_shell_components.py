"""Components: sign, word and colour together; times; nothing of a user's text becomes markup."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from roadworthy.decide.outcome import Status
from roadworthy.server.shell.components.chip import (
    digest,
    person,
    severity_chip,
    state_chip,
    status_chip,
    verdict_stamp,
)
from roadworthy.server.shell.components.icon import ICONS, icon
from roadworthy.server.shell.components.moment import absolute_words, day, relative_words, when
from roadworthy.server.shell.components.plot import interval_overview, interval_plot, interval_rows
from roadworthy.server.shell.styleguide import sample_outcome

BAD = '<script>alert("1")</script>'


@pytest.mark.parametrize("status", [Status.NOT_MET, "not met", "not-met", "not_met", "Not met"])
def test_a_status_is_read_however_it_is_written(status):
    drawn = status_chip(status)
    assert 'class="chip s-not-met"' in drawn
    assert "<svg" in drawn
    assert "Not met" in drawn


def test_an_unknown_status_is_an_error():
    with pytest.raises(ValueError, match="passed"):
        status_chip("passed")


def test_chips_and_stamp_show_sign_and_word():
    assert "Critical" in severity_chip("critical")
    assert severity_chip("high").count('class="on"') == 3
    assert "s-met" in state_chip("approved")
    assert "s-neutral" in state_chip("somewhere else")
    stamp = verdict_stamp("ship with conditions", datetime(2026, 3, 14, 9, 5, tzinfo=UTC), "default 1")
    assert "Ship with conditions" in stamp
    assert "14 Mar 2026, 09:05 UTC" in stamp
    assert "<dt>Standard</dt><dd>default 1</dd>" in stamp


def test_the_stamp_wears_the_colour_of_the_outcome_that_decides():
    assert "s-inconclusive" in verdict_stamp("hold", status=Status.INCONCLUSIVE, size="small")
    assert "s-not-met" in verdict_stamp("hold", size="small")


@pytest.mark.parametrize("draw", [state_chip, person, digest])
def test_text_of_users_stays_text(draw):
    assert "<script" not in draw(BAD)


@pytest.mark.parametrize(
    ("ago", "told"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=25), "1 day ago"),
        (timedelta(days=15), "2 weeks ago"),
        (timedelta(days=-3, hours=-1), "in 3 days"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_relative_times(ago, told):
    now = datetime(2026, 3, 14, 12, tzinfo=UTC)
    assert relative_words(now - ago, now) == told


def test_a_time_says_its_zone(settings):
    settings.TIME_ZONE = "Europe/Berlin"
    with timezone.override("Europe/Berlin"):
        assert absolute_words(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == "2 Jul 2026, 00:30 CEST"


def test_only_what_is_late_is_coloured():
    now = timezone.now()
    assert "late" in when(now - timedelta(days=1), due=True)
    assert "late" not in when(now + timedelta(days=1), due=True)
    assert "late" not in when(now - timedelta(days=1))
    assert "late" in day(date(2020, 1, 1), due=True)
    assert "never" in when(None)


def test_every_icon_is_drawn_and_others_are_errors():
    assert all(icon(name).startswith("<svg") for name in ICONS)
    with pytest.raises(KeyError, match="no icon"):
        icon("unicorn")


def test_plots_need_no_style_attribute():
    outcome = sample_outcome()
    for drawn in (interval_plot(outcome), interval_rows(outcome), interval_overview([outcome, outcome])):
        assert "<svg" in drawn
        assert "style=" not in drawn
    assert interval_rows(outcome).count("<li ") == 4
    assert "upper bound" in interval_rows(outcome)
