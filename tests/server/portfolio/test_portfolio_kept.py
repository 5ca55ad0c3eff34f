"""What jobs keep of KPIs and counts: parts add up to what is counted at once, and nobody sees what is not theirs."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from portfolio_rows import make_portfolio
from server_releases import judged, make_system, outcome

from roadworthy.decide.outcome import Status
from roadworthy.server.accounts.models import ProductLine, Unit
from roadworthy.server.findings.models import Finding
from roadworthy.server.portfolio import counts, kept, reading
from roadworthy.server.portfolio.audit_readiness import audit_readiness
from roadworthy.server.portfolio.computing import month_tally, tally
from roadworthy.server.portfolio.counts import audit_of, keep_counts, readiness_of
from roadworthy.server.portfolio.kept import counted
from roadworthy.server.portfolio.kpis import KPIS
from roadworthy.server.portfolio.models import KpiGroup, KpiPoint, PortfolioCount
from roadworthy.server.portfolio.part import Part, narrowed
from roadworthy.server.portfolio.period import Month, months_until
from roadworthy.server.portfolio.readiness import readiness
from roadworthy.server.portfolio.reading import read_all
from roadworthy.server.portfolio.snapshots import keep_moved, keep_points, keep_running


@pytest.fixture
def large(monkeypatch):
    """Let few rows count as many."""
    monkeypatch.setattr(kept, "LARGE", 1)
    monkeypatch.setattr(counts, "LARGE", 1)


@pytest.fixture
def nothing_is_counted(monkeypatch):
    """Return a switch after which counting the rows of a KPI is an error."""

    def switch() -> None:
        def refuse(*_: object) -> None:
            raise AssertionError("rows were counted")

        monkeypatch.setattr(kept, "tally", refuse)
        monkeypatch.setattr(reading, "tally", lambda kpi, months, part: refuse() if months else {})

    return switch


def keep_all() -> None:
    keep_points(timezone.now())
    keep_running(timezone.now())
    keep_moved(timezone.now())
    keep_counts(timezone.now())


def parts_of(people) -> list[Part]:
    """Return the whole, a product line of two, a unit with one of them, and what somebody of the other line sees."""
    unit = Unit.objects.create(slug="money", title="Money")
    ProductLine.objects.filter(slug="bank").update(unit=unit)
    shop = ProductLine.objects.get(slug="shop")
    lead = people.actor("viewer")
    return [
        narrowed(lead),
        narrowed(lead, line="shop"),
        narrowed(lead, unit="money"),
        narrowed(people.actor("viewer", unit=unit)),
        narrowed(people.actor("viewer", product_line=shop)),
    ]


def shown(part: Part) -> dict[str, list[tuple[float | None, int, int, int]]]:
    """Return the last months of each trend; in those before the first version nothing is kept."""
    return {
        one.kpi.id: [(x.value and round(x.value, 9), x.tally.n, x.tally.unknown, x.tally.stale) for x in one.trend[-4:]]
        for one in read_all(part)
    }


def test_kept_groups_of_a_part_add_up_to_what_is_counted_at_once(people, nothing_is_counted):
    make_portfolio(people)
    parts = parts_of(people)
    months = months_until(Month.of(timezone.now()), 4)
    at_once = [
        [(kpi, month, month_tally(tally(kpi, [month], part), month)) for kpi in KPIS.values() for month in months]
        for part in parts
    ]
    keep_all()
    nothing_is_counted()
    for part, counted_now in zip(parts, at_once, strict=True):
        readings = {one.kpi.id: {x.month: x for x in one.trend} for one in read_all(part)}
        assert any(found.n for _, _, found in counted_now), "the part is empty, so that this shows nothing"
        for kpi, month, found in counted_now:
            if reading.headline(kpi):
                continue
            one = readings[kpi.id][month]
            assert one.value == pytest.approx(found.value(kpi.shape)), (kpi.id, month)
            assert (one.tally.n, one.tally.unknown, one.tally.stale) == (found.n, found.unknown, found.stale)


def test_one_tier_of_a_part_is_that_tier_alone(people, nothing_is_counted):
    make_portfolio(people)
    part = parts_of(people)[2]
    before = shown(part)
    assert any(reading.headline(kpi) for kpi in KPIS.values()), "no trend is of one tier, so that this shows nothing"
    keep_all()
    nothing_is_counted()
    assert shown(part) == before


def test_a_large_population_is_read_by_tier_and_line_as_it_is_counted(people, large, nothing_is_counted):
    make_portfolio(people)
    parts = parts_of(people)
    month = Month.of(timezone.now()).back(1)
    keep_all()
    at_once = [(part, kpi, tally(kpi, [month], part)) for part in parts for kpi in KPIS.values()]
    nothing_is_counted()
    read = 0
    for part, kpi, groups in at_once:
        if not KpiPoint.objects.get(kpi=kpi.id, period=month.first, segment="").n:
            continue
        found, at = counted(kpi, month, part)
        read += len(found)
        assert at is not None
        assert found.keys() == groups.keys(), kpi.id
        for group, one in groups.items():
            assert found[group].value(kpi.shape) == pytest.approx(one.value(kpi.shape))
    assert read


def test_a_small_population_is_counted_at_once(people):
    make_portfolio(people)
    part = parts_of(people)[0]
    keep_all()
    KpiGroup.objects.update(n=0, numerator=0)
    found, at = counted(KPIS["gate-adherence"], Month.of(timezone.now()).back(1), part)
    assert at is None
    assert any(one.n for one in found.values())


def test_whoever_reaches_single_systems_has_them_counted_at_once(people, large):
    made = make_portfolio(people)
    keep_all()
    part = narrowed(people.actor("viewer", system_id=made[0].pk))
    assert part.places is None
    assert audit_of(part)[1] is None
    assert sum(one.systems for one in readiness_of(part)[0]) == 1
    month = Month.of(timezone.now()).back(1)
    kpi = KPIS["gate-adherence"]
    found, at = counted(kpi, month, part)
    assert (found, at) == (tally(kpi, [month], part), None)


def test_what_a_system_did_goes_with_it_when_it_moves(people, large, nothing_is_counted):
    made = make_portfolio(people)
    shop, bank = parts_of(people)[1:3]
    keep_all()
    made[0].product_line = ProductLine.objects.get(slug="bank")
    made[0].save()
    KpiPoint.objects.update(grouped=False)
    expected, of_bank = shown(shop), shown(bank)
    KpiPoint.objects.filter(segment="").update(grouped=True)
    assert shown(shop) != expected, "it had no row, so that this shows nothing"
    keep_moved(timezone.now())
    keep_running(timezone.now())
    nothing_is_counted()
    assert shown(shop) == expected
    assert shown(bank) == of_bank
    assert keep_moved(timezone.now()) == "no system has moved"


def test_two_jobs_for_one_month_keep_its_groups_once(people):
    make_portfolio(people)
    keep_all()
    before = KpiGroup.objects.count()
    keep_all()
    assert KpiGroup.objects.count() == before


@pytest.fixture
def counted_rows(people):
    """Systems of two lines and of none, with what readiness and checks count of them."""
    made = [make_system(f"s{number}", line=("shop", "bank")[number % 2]) for number in range(5)]
    alone = make_system("alone", governance="cleared")
    alone.product_line = None
    alone.save()
    judged(made[0], outcome("pii-leak", Status.NOT_MET), name="1.0")
    judged(made[1], outcome("pii-leak", Status.MET), name="1.0")
    for number, system in enumerate([made[0], made[1], made[1]]):
        Finding.objects.create(
            system=system,
            title="Wrong",
            severity="high",
            source="person",
            requirement="pii-leak",
            opened_at=timezone.now(),
            due=timezone.now() + timedelta(days=number - 1),
            tier="high",
        )
    return made


def test_kept_counts_of_a_part_are_those_counted_at_once(people, counted_rows, large, django_assert_max_num_queries):
    parts = parts_of(people)
    keep_counts(timezone.now())
    for part in parts:
        with django_assert_max_num_queries(6):
            lines, at = readiness_of(part)
            results, _ = audit_of(part)
        assert at is not None
        assert lines == readiness(part)
        assert results == audit_readiness(part)
    assert {one.title for one in readiness_of(parts[4])[0]} == {"Shop"}, "and nothing of other lines"


def test_counts_that_are_old_or_of_few_systems_do_not_count(people, counted_rows, monkeypatch):
    part = parts_of(people)[0]
    keep_counts(timezone.now())
    PortfolioCount.objects.update(lines=[])
    assert readiness_of(part) == (readiness(part), None)
    monkeypatch.setattr(counts, "LARGE", 1)
    assert readiness_of(part)[0] == []
    PortfolioCount.objects.update(computed_at=timezone.now() - timedelta(minutes=4))
    assert audit_of(part) == (audit_readiness(part), None)


def test_pages_say_as_of_when_they_were_counted(people, signed_in, large):
    make_portfolio(people)
    client: Client = signed_in("viewer")
    pages = ("/portfolio/", "/portfolio/audit/", "/portfolio/risk/", "/kpis/portfolio-risk/")
    for page in pages:
        assert "lists of rows are of now" not in client.get(page).content.decode()
    assert client.get("/api/v1/portfolio/readiness").json()["counted_at"] is None
    keep_all()
    for page in pages:
        assert "lists of rows are of now" in client.get(page).content.decode(), page
    assert client.get("/api/v1/portfolio/readiness").json()["counted_at"]
    assert client.get("/api/v1/kpis/portfolio-risk").json()["counted_at"]
