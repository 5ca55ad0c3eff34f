"""The demo: only into an empty database, once, by the real loop, with a history and a true audit trail."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from django.utils.timezone import now as bound_now
from server_releases import make_system

from roadworthy.core.clock import ENVIRONMENT, now
from roadworthy.core.errors import InputError
from roadworthy.declare.system import System as Declaration
from roadworthy.server.audit.models import Entry
from roadworthy.server.findings.models import Finding
from roadworthy.server.portfolio.demo.catalogue import SYSTEMS
from roadworthy.server.portfolio.demo.clock import business_moment, moved_clock
from roadworthy.server.portfolio.demo.make import make_demo
from roadworthy.server.portfolio.demo.people import ADMINISTRATOR, PEOPLE
from roadworthy.server.portfolio.models import KpiPoint, ReleaseFact
from roadworthy.server.releases.models import Release


def quiet(done: int, of: int, what: str) -> None:
    """Show no progress."""


def test_every_system_of_the_demo_can_be_declared():
    for system in SYSTEMS:
        declared = Declaration.model_validate({**system.declaration, "release": "1"})
        assert declared.system == system.slug
        assert len(system.releases) == len(system.days)
        assert list(system.days) == sorted(system.days, reverse=True)


def test_it_does_not_mix_with_what_is_there(people, tmp_path):
    make_system()
    with pytest.raises(InputError, match="already"):
        make_demo(tmp_path / "home", quiet)
    assert not (tmp_path / "home").exists()


def test_the_clock_moves_for_everybody_and_is_put_back():
    today = datetime(2026, 11, 26, 12, tzinfo=UTC)
    with moved_clock(today, today - timedelta(days=30)) as clock:
        clock.set(12, 9)  # the 14th is a Saturday
        assert timezone.now().date() == now().date() == bound_now().date() == datetime(2026, 11, 13, tzinfo=UTC).date()
        assert bound_now() < bound_now(), "no two things happen at one moment"
        clock.set(20, 9)
        assert timezone.now().day == 13, "it never goes back"
        clock.go(today + timedelta(days=9))
        assert timezone.now() <= today, "nor beyond the true present"
    assert ENVIRONMENT not in os.environ
    assert abs(timezone.now() - datetime.now(UTC)) < timedelta(seconds=5)
    assert business_moment(today, 12, 9) == business_moment(today, 13, 9)


@pytest.mark.stress
def test_the_whole_demo_is_made_once_and_its_record_is_true(db, tmp_path: Path):
    made = make_demo(tmp_path, quiet)
    for person in (*PEOPLE, ADMINISTRATOR):
        assert person.email in made.words
    assert Release.objects.count() == sum(len(system.releases) for system in SYSTEMS)
    assert Release.objects.filter(state="shipped").count() >= 3
    assert {"ship with conditions", "hold"} <= set(Release.objects.values_list("verdict", flat=True))
    assert ReleaseFact.objects.filter(shipped_at__isnull=False).exists()
    assert set(Finding.objects.values_list("state", flat=True)) >= {"open", "in progress", "closed", "accepted"}
    assert KpiPoint.objects.filter(value__isnull=False).count() > 50
    entries = list(Entry.objects.order_by("number").values_list("number", "at"))
    assert [number for number, _ in entries] == list(range(1, len(entries) + 1))
    assert [at for _, at in entries] == sorted(at for _, at in entries)
    assert make_demo(tmp_path, quiet).password == "", "a second time, nothing is done"
