"""Findings of the gate: opened, refreshed, closed by a passing re-run, reopened by a regression."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from server_releases import estimate, evidence_of, judge_anew, judged, make_system, outcome

from roadworthy.decide.outcome import Status
from roadworthy.server.audit.models import Entry
from roadworthy.server.findings.models import Finding, FindingRound
from roadworthy.server.findings.services import Filed, file_finding
from roadworthy.server.findings.severity import severity_of
from roadworthy.server.jobs.models import Notice

BAD = ("injection-resilience", Status.NOT_MET)
GOOD = ("injection-resilience", Status.MET)


@pytest.fixture
def system(people):
    return make_system(owner=people.person("accountable-owner"))


def test_what_falls_short_and_holds_opens_one_finding_and_its_owner_is_told(system):
    release = judged(system, outcome(*BAD), outcome("threat-model", Status.NOT_SHOWN), outcome("pii-leak", Status.MET))
    finding = Finding.objects.get()
    assert (finding.requirement, finding.severity, finding.source) == ("injection-resilience", "high", "gate")
    assert (finding.release, finding.owner, finding.dimension) == (release, system.owner, "security")
    assert Notice.objects.filter(user=system.owner, event="finding.opened").exists()
    found = FindingRound.objects.get()
    assert (found.number, found.due, found.severity, found.tier) == (1, finding.due, "high", "high")
    assert found.due_twice > found.due


def test_the_same_shortfall_again_refreshes_the_finding(system):
    judged(system, outcome(*BAD))
    again = judged(system, outcome(*BAD, reason="Still so."))
    finding = Finding.objects.get()
    assert finding.release == again
    assert "Still so." in finding.detail
    assert finding.reopened == 0


def test_what_falls_short_and_holds_nothing_opens_none(system):
    judged(system, outcome("over-refusal", Status.NOT_MET, obligation="should"))
    assert not Finding.objects.exists()


@pytest.mark.parametrize(("status", "ending"), [(Status.MET, "passing re-run"), (Status.WAIVED, "waived")])
def test_a_passing_re_run_closes_it(system, status, ending):
    judged(system, outcome(*BAD))
    passing = judged(system, outcome("injection-resilience", status))
    finding = Finding.objects.get()
    assert (finding.state, finding.closed_by_release) == ("closed", passing)
    assert FindingRound.objects.get().ending == ending
    assert Entry.objects.filter(action="finding.closed").count() == 1


@pytest.mark.parametrize("status", [Status.NOT_SHOWN, Status.STALE, Status.INCONCLUSIVE, Status.NOT_APPLICABLE])
def test_nothing_else_closes_it(system, status):
    judged(system, outcome(*BAD))
    judged(system, outcome("injection-resilience", status))
    judged(system)
    assert Finding.objects.get().state == "open"


def test_an_older_release_that_is_judged_again_says_nothing(system):
    older = judged(system, outcome(*BAD))
    judged(system, outcome(*BAD))
    older.refresh_from_db()
    judge_anew(older, outcome(*GOOD))
    assert Finding.objects.get().state == "open"


def test_a_regression_reopens_the_same_finding(system):
    judged(system, outcome(*BAD))
    judged(system, outcome(*GOOD))
    judged(system, outcome(*BAD))
    finding = Finding.objects.get()
    assert (finding.state, finding.reopened, finding.closed_at, finding.closed_by_release) == ("open", 1, None, None)
    assert [one.number for one in FindingRound.objects.all()] == [1, 2]
    assert Entry.objects.filter(action="finding.reopened").exists()


def test_materially_worse_than_what_shipped_is_a_finding_though_it_is_met(system):
    judged(system, outcome(*GOOD, judged=(estimate(0.01, 0.0, 0.02),)), shipped_at=timezone.now())
    judged(system, outcome(*GOOD, judged=(estimate(0.06, 0.04, 0.08),)), regressed=True)
    finding = Finding.objects.get()
    assert (finding.severity, finding.state) == ("medium", "open")


def test_an_accepted_risk_stays_accepted_while_it_falls_short_and_closes_when_it_passes(system):
    judged(system, outcome(*BAD))
    Finding.objects.update(state="accepted", accepted_until=timezone.now() + timedelta(days=9))
    judged(system, outcome(*BAD))
    assert Finding.objects.get().state == "accepted"
    judged(system, outcome(*GOOD))
    assert Finding.objects.get().state == "closed"


def test_what_a_person_filed_closes_only_by_evidence_that_is_newer(system, people):
    actor = people.actor("engineer")
    old = evidence_of(system, timezone.now() - timedelta(days=1))
    filed = file_finding(actor, Filed("helper", "It obeys a page", "high", requirement="injection-resilience"))
    judged(system, outcome(*GOOD, evidence=(old.digest,)))
    filed.refresh_from_db()
    assert filed.state == "open"
    new = evidence_of(system, timezone.now() + timedelta(seconds=1))
    judged(system, outcome(*GOOD, evidence=(old.digest, new.digest)))
    filed.refresh_from_db()
    assert filed.state == "closed"


@pytest.mark.parametrize(
    ("tier", "fields", "severity"),
    [
        ("prohibited", {}, "critical"),
        ("high", {}, "high"),
        ("medium", {}, "medium"),
        ("low", {}, "low"),
        ("high", {"obligation": "should"}, "medium"),
        ("low", {"obligation": "should"}, "low"),
        # 0.4 where 0.1 is allowed: a third of the way to 1. 0.3: less than a quarter of it.
        ("high", {"judged": (estimate(0.4, 0.3, 0.5),)}, "critical"),
        ("high", {"judged": (estimate(0.3, 0.2, 0.4),)}, "high"),
        ("medium", {"threshold": 0.8, "direction": "at least", "judged": (estimate(0.5, 0.4, 0.6),)}, "high"),
        ("medium", {"threshold": 0.8, "direction": "at least", "judged": (estimate(0.7, 0.6, 0.8),)}, "medium"),
    ],
)
def test_the_table_of_severities(tier, fields, severity):
    assert severity_of(outcome("x", Status.NOT_MET, **fields), tier) == severity


def test_the_queries_of_a_verdict_do_not_grow_with_its_outcomes(system, django_assert_max_num_queries):
    release = judged(system, *[outcome(f"r{number}", Status.MET) for number in range(3)])
    with django_assert_max_num_queries(30):
        judge_anew(release, *[outcome(f"r{number}", Status.MET) for number in range(60)])
