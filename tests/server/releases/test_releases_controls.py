"""Where a control is shown: pages and API say so from the newest release of each system."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from roadworthy.server.evidence.files import store
from roadworthy.server.releases.models import Release
from roadworthy.server.releases.newest_outcomes import newest_outcomes
from roadworthy.server.systems.control_coverage import Coverage, controls_of, coverage_of
from roadworthy.server.systems.models import System

SHOWN = {"QA-01": Coverage.SHOWN, "QA-02": Coverage.SHOWN}


@pytest.fixture
def shipping(people, ready, push) -> Release:
    return push(people.actor("engineer"), ready.bundle(minutes=5, sign=True))


def shown() -> dict[str, Coverage]:
    return {one.control.id: one.coverage for one in controls_of(System.objects.get())}


def test_a_control_is_shown_when_all_that_applies_is_met(shipping):
    assert shown() == SHOWN


def test_what_is_not_signed_shows_nothing(people, ready, push):
    push(people.actor("engineer"), ready.bundle())
    assert shown() == {"QA-01": Coverage.SHOWN, "QA-02": Coverage.NOT_SHOWN}


@pytest.mark.parametrize(
    "changes", [{"stale": "A vendor changed."}, {"valid_until": timezone.now() - timedelta(minutes=1)}]
)
def test_a_verdict_that_no_longer_counts_leaves_controls_stale(shipping, changes):
    Release.objects.update(**changes)
    assert shown() == {"QA-01": Coverage.STALE, "QA-02": Coverage.STALE}


def test_only_the_newest_release_counts_and_none_shows_nothing(shipping):
    Release.objects.update(current=False)
    assert shown() == {"QA-01": Coverage.NOT_SHOWN, "QA-02": Coverage.NOT_SHOWN}


def test_a_verdict_that_cannot_be_read_shows_nothing(shipping):
    next(store().home.rglob(shipping.verdict_blob_id)).unlink()
    assert newest_outcomes([shipping.system_id]) == {shipping.system_id: {}}
    assert set(shown().values()) == {Coverage.NOT_SHOWN}


@pytest.mark.parametrize(
    ("outcomes", "coverage"),
    [
        ([], Coverage.OUTSIDE),
        (["not applicable"], Coverage.OUTSIDE),
        (["met", "not applicable"], Coverage.SHOWN),
        (["met", "waived"], Coverage.WAIVED),
        (["met", "waived", "stale"], Coverage.STALE),
        (["stale", "inconclusive"], Coverage.NOT_SHOWN),
        (["met", "not met"], Coverage.NOT_SHOWN),
    ],
)
def test_the_worst_outcome_counts(outcomes, coverage):
    assert coverage_of(outcomes) is coverage
    assert coverage.status


def test_pages_of_controls_and_systems_say_it(signed_in, shipping):
    viewer = signed_in("viewer")
    page = viewer.get("/controls/QA-02/?tab=systems").content.decode()
    assert "Shown</span>" in page
    assert "go-live" in page
    page = viewer.get("/systems/order-helper/?tab=controls").content.decode()
    assert "QA-01 Quality" in page
    assert "answers-right" in page
    stranger = signed_in("viewer", system_id=shipping.system_id + 99)
    assert "No system is here that you may see" in stranger.get("/controls/QA-02/?tab=systems").content.decode()


def test_the_api_says_it(people, shipping):
    headers = {"Authorization": f"Bearer {people.token(people.person('viewer'))}"}
    told = Client().get("/api/v1/controls/QA-02/systems", headers=headers).json()["items"]
    assert [(one["system"], one["coverage"]) for one in told] == [("order-helper", "shown")]
    assert {"requirement": "go-live", "outcome": "met"} in told[0]["requirements"]
    told = Client().get("/api/v1/systems/order-helper/controls", headers=headers).json()["items"]
    assert [(one["control"], one["coverage"]) for one in told] == [("QA-01", "shown"), ("QA-02", "shown")]
    assert Client().get("/api/v1/controls/QA-09/systems", headers=headers).status_code == 404
    away = {"Authorization": f"Bearer {people.token(people.person('viewer', system_id=shipping.system_id + 99))}"}
    assert Client().get("/api/v1/controls/QA-02/systems", headers=away).json()["items"] == []
    assert Client().get("/api/v1/systems/order-helper/controls", headers=away).status_code == 404
