"""Each KPI against an independent computation in plain Python over the same rows."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from portfolio_rows import make_portfolio

from roadworthy.server.access.scope import Scope
from roadworthy.server.configuration import configuration
from roadworthy.server.findings.models import FindingRound
from roadworthy.server.portfolio.computing import month_tally, rows_of, tally
from roadworthy.server.portfolio.kpis import KPIS, UNMEASURED
from roadworthy.server.portfolio.models import DecisionFact, KpiPoint, ReleaseFact, RiskFact, VersionFact
from roadworthy.server.portfolio.period import Month, months_until
from roadworthy.server.portfolio.snapshots import keep, keep_points
from roadworthy.server.portfolio.tally import Tally
from roadworthy.server.systems.models import Question

MONTHS = 6
WEIGHT = {"critical": 8, "high": 4, "medium": 2, "low": 1}
Value = float | None


class Rows:
    """All rows, in memory, and the month in which a moment falls; no query is made to count them."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.now = timezone.now()
        self.releases = list(ReleaseFact.objects.all())
        self.decisions = list(DecisionFact.objects.all())
        self.rounds = list(FindingRound.objects.all())
        self.versions = list(VersionFact.objects.all())
        self.risks = list(RiskFact.objects.all())
        self.questions = list(Question.objects.select_related("system"))

    def within(self, moment: datetime | None, month: date) -> bool:
        if moment is None or moment >= self.now:
            return False
        local = moment.astimezone(self.zone)
        return (local.year, local.month) == (month.year, month.month)

    def end(self, month: date) -> datetime:
        following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
        return min(datetime(following.year, following.month, 1, tzinfo=self.zone), self.now)

    def days(self, start: datetime, end: datetime) -> int:
        """Count by walking: every weekday after the first day up to the last."""
        first, last = start.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        return sum((first + timedelta(days=n)).weekday() < 5 for n in range(1, (last - first).days + 1))

    def shipped(self, month: date, tier: str) -> list[Any]:
        return [one for one in self.releases if self.within(one.shipped_at, month) and _tier(one, tier)]

    def opened(self, month: date, tier: str) -> list[Any]:
        early = [one for one in self.rounds if one.source != "incident"]
        return [one for one in early if self.within(one.opened_at, month) and _tier(one, tier)]

    def looked(self, month: date, tier: str) -> bool:
        return any(self.within(one.received_at, month) and _tier(one, tier) for one in self.releases)

    def newest(self, rows: list[Any], at: str, end: datetime) -> list[Any]:
        last = {one.system_id: one for one in rows if getattr(one, at) < end}
        gone = {one.system_id for one in self.versions if one.retired_at and one.retired_at < end}
        return [one for one in last.values() if one.system_id not in gone]


def _tier(row: Any, tier: str) -> bool:
    return not tier or row.tier == tier


def _share(hits: list[bool]) -> Value:
    return sum(hits) / len(hits) if hits else None


def _median(values: list[int]) -> Value:
    return statistics.median(values) if values else None


def assessment_coverage(rows: Rows, month: date, tier: str) -> Value:
    return _share([one.assessed for one in rows.shipped(month, tier) if one.owed])


def evaluation_coverage(rows: Rows, month: date, tier: str) -> Value:
    found = rows.shipped(month, tier)
    required = sum(one.required for one in found)
    return sum(one.measured for one in found) / required if required else None


def decision(start: str, end: str) -> Callable[[Rows, date, str], Value]:
    def value(rows: Rows, month: date, tier: str) -> Value:
        found = [one for one in rows.decisions if rows.within(one.decided_at, month) and _tier(one, tier)]
        pairs = [(getattr(one, start), getattr(one, end)) for one in found]
        return _median([rows.days(a, b) for a, b in pairs if b is not None])

    return value


def early_issues(rows: Rows, month: date, tier: str) -> Value:
    if not rows.looked(month, tier):
        return None
    return float(sum(WEIGHT[one.severity] for one in rows.opened(month, tier)))


def privacy_findings(rows: Rows, month: date, tier: str) -> Value:
    if not rows.looked(month, tier):
        return None
    return float(sum(one.dimension == "privacy" for one in rows.opened(month, tier)))


def gate_adherence(rows: Rows, month: date, tier: str) -> Value:
    return _share([one.verdict != "hold" and one.waived == 0 for one in rows.shipped(month, tier)])


def exception_rate(rows: Rows, month: date, tier: str) -> Value:
    return _share([one.waived > 0 for one in rows.shipped(month, tier)])


def closed(due: str, source: str = "") -> Callable[[Rows, date, str], Value]:
    def value(rows: Rows, month: date, tier: str) -> Value:
        hits = []
        for one in rows.rounds:
            edge = getattr(one, due)
            borne = one.ending == "accepted risk" and one.ended_at < edge
            if rows.within(edge, month) and _tier(one, tier) and not borne and source in {"", one.source}:
                proof = one.ending not in {"", "accepted risk"}
                hits.append(proof and one.ended_at < edge)
        return _share(hits)

    return value


def safety_regressions(rows: Rows, month: date, tier: str) -> Value:
    found = [one for one in rows.releases if one.compared and rows.within(one.received_at, month)]
    return _share([one.regressed for one in found if _tier(one, tier)])


def explainability(rows: Rows, month: date, tier: str) -> Value:
    found = rows.shipped(month, tier)
    required = sum(one.explained_required for one in found)
    return sum(one.explained_met for one in found) / required if required else None


def injection(rows: Rows, month: date, tier: str) -> Value:
    found = [one for one in rows.shipped(month, tier) if one.injection_required and one.tier == "high"]
    known = [one.resilience for one in found if one.resilience is not None]
    return statistics.fmean(known) if known else None


def provenance(rows: Rows, month: date, tier: str) -> Value:
    if rows.end(month) <= datetime(month.year, month.month, 1, tzinfo=rows.zone):
        return None
    found = rows.newest(rows.versions, "saved_at", rows.end(month))
    return _share([one.traced == one.data for one in found if one.data and one.tier == "high" and _tier(one, tier)])


def question_time(rows: Rows, month: date, tier: str) -> Value:
    found = [one for one in rows.questions if one.state == "answered" and rows.within(one.answered_at, month)]
    found = [one for one in found if not tier or (one.system and one.system.tier == tier)]
    return _median([rows.days(one.asked_at, one.answered_at) for one in found])


def portfolio_risk(rows: Rows, month: date, tier: str) -> Value:
    found = rows.newest(rows.risks, "accepted_at", rows.end(month))
    high = [one.high for one in found if _tier(one, tier)]
    return sum(high) if high else None


BY_HAND: dict[str, Callable[[Rows, date, str], Value]] = {
    "assessment-coverage": assessment_coverage,
    "evaluation-coverage": evaluation_coverage,
    "assessment-cycle-time": decision("started_at", "decided_at"),
    "decision-time": decision("requested_at", "decided_at"),
    "alignment-time": decision("requested_at", "aligned_at"),
    "early-issues": early_issues,
    "gate-adherence": gate_adherence,
    "exception-rate": exception_rate,
    "findings-in-sla": closed("due"),
    "findings-in-two-cycles": closed("due_twice"),
    "red-team-findings-in-sla": closed("due", "red team"),
    "safety-regressions": safety_regressions,
    "explainability": explainability,
    "privacy-findings": privacy_findings,
    "injection-resilience": injection,
    "data-provenance": provenance,
    "question-time": question_time,
    "portfolio-risk": portfolio_risk,
}


def test_every_kpi_is_computed_by_hand_here():
    assert set(BY_HAND) == set(KPIS)


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Pacific/Auckland"])
def test_every_kpi_equals_the_computation_by_hand(people, monkeypatch, zone):
    monkeypatch.setenv("ROADWORTHY_TIME_ZONE", zone)
    configuration.cache_clear()
    make_portfolio(people)
    rows = Rows(zone)
    months = months_until(Month.of(timezone.now()), MONTHS)
    seen = 0
    for kpi in KPIS.values():
        tallies = tally(kpi, months)
        for month in months:
            for tier in ("", "high", "medium", "low"):
                value = month_tally(tallies, month, tier=tier).value(kpi.shape)
                by_hand = BY_HAND[kpi.id](rows, month.first, tier)
                assert value == pytest.approx(by_hand), (kpi.id, month.name, tier)
                seen += value is not None
    assert seen > len(KPIS) * MONTHS, "most of what is compared is known"
    configuration.cache_clear()


def test_an_empty_population_is_unknown_not_zero(db):
    month = Month.of(timezone.now())
    for kpi in KPIS.values():
        found = month_tally(tally(kpi, [month]), month)
        assert found.value(kpi.shape) is None, kpi.id
        assert found.n == 0


def test_a_month_without_findings_is_zero_where_somebody_looked(people):
    make_portfolio(people)
    FindingRound.objects.all().delete()
    month = Month.of(timezone.now()).back(1)
    kpi = KPIS["early-issues"]
    assert month_tally(tally(kpi, [month]), month).value(kpi.shape) == 0
    ReleaseFact.objects.all().delete()
    assert month_tally(tally(kpi, [month]), month).value(kpi.shape) is None


def test_the_rows_that_are_shown_are_those_that_are_counted(people):
    make_portfolio(people)
    for kpi in KPIS.values():
        for month in months_until(Month.of(timezone.now()), 3):
            known = month_tally(tally(kpi, [month]), month)
            assert rows_of(kpi, month).count() == known.n - (known.unknown if kpi.id == "portfolio-risk" else 0), kpi.id


def test_what_is_due_later_this_month_is_not_late_yet(people):
    make_portfolio(people)
    month = Month.of(timezone.now())
    found = rows_of(KPIS["findings-in-sla"], month)
    assert all(one.due < timezone.now() for one in found)


def test_one_sees_the_kpis_of_what_one_may_see(people):
    made = make_portfolio(people)
    month = Month.of(timezone.now()).back(1)
    line = made[0].product_line_id
    for kpi in KPIS.values():
        whole = tally(kpi, [month])
        part = tally(kpi, [month], Scope(product_lines=frozenset({line})))
        assert month_tally(part, month).n == month_tally(whole, month, line=line).n, kpi.id
        assert not tally(kpi, [month], Scope()), kpi.id


def test_points_of_past_months_are_kept_and_computing_them_again_gives_the_same(people):
    make_portfolio(people)
    said = keep_points(timezone.now())
    assert "months" in said
    fields = ("kpi", "segment", "period", "value", "numerator", "denominator", "n", "unknown", "stale")
    before = set(KpiPoint.objects.values_list(*fields))
    assert {one[0] for one in before} == set(KPIS)
    months = sorted({Month(one[2]) for one in before})
    assert max(months) == Month.of(timezone.now()).back(1), "the month that runs is not kept"
    KpiPoint.objects.all().delete()
    for kpi in KPIS.values():
        keep(kpi, months)
        keep(kpi, months)
    assert set(KpiPoint.objects.values_list(*fields)) == before


def test_the_job_computes_only_what_is_missing_and_the_newest_months(people, django_assert_max_num_queries):
    make_portfolio(people)
    keep_points(timezone.now())
    old = KpiPoint.objects.order_by("period").first()
    KpiPoint.objects.filter(pk=old.pk).update(value=-1)
    keep_points(timezone.now())
    assert KpiPoint.objects.get(pk=old.pk).value == -1, "months long past are not computed at each run"
    KpiPoint.objects.filter(kpi=old.kpi, period=old.period).delete()
    keep_points(timezone.now())
    assert KpiPoint.objects.filter(kpi=old.kpi, period=old.period, segment="").exclude(value=-1).exists()


def test_a_later_end_of_a_round_does_not_change_the_month_in_which_it_was_late(people):
    make_portfolio(people)
    month = Month.of(timezone.now()).back(2)
    kpi = KPIS["findings-in-sla"]
    before = month_tally(tally(kpi, [month]), month)
    FindingRound.objects.filter(ended_at=None).update(ended_at=timezone.now(), ending="passing re-run")
    assert month_tally(tally(kpi, [month]), month) == before


def test_tallies_of_groups_add_up_to_all():
    one, two = Tally(1, 2, 3, 1), Tally(2, 3, 4, 0)
    one.spans.update({1: 2, 5: 1})
    two.spans.update({5: 2})
    one.add(two)
    assert (one.numerator, one.denominator, one.n, one.unknown) == (3, 5, 7, 1)
    assert one.spans == {1: 2, 5: 3}


def test_what_is_not_measured_says_what_it_needs():
    assert UNMEASURED
    assert all(one.needs for one in UNMEASURED)
    assert not {one.title for one in UNMEASURED} & {kpi.title for kpi in KPIS.values()}
