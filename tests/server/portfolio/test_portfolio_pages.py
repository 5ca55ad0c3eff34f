"""Pages and API of the portfolio: what they show, to whom, and that they stay cheap."""

from __future__ import annotations

import csv
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from portfolio_rows import make_portfolio
from server_releases import judged, make_system, outcome

from roadworthy.decide.outcome import Status
from roadworthy.server.access.actor import Door
from roadworthy.server.accounts.models import Unit
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.decisions.models import AuthorityRule, DecisionRequest, ExceptionRequest
from roadworthy.server.findings.services import Filed, file_finding
from roadworthy.server.jobs.notices import notify
from roadworthy.server.portfolio.computing import rows_of
from roadworthy.server.portfolio.kpis import KPIS, UNMEASURED
from roadworthy.server.portfolio.models import KpiPoint
from roadworthy.server.portfolio.part import narrowed
from roadworthy.server.portfolio.period import Month
from roadworthy.server.portfolio.readiness import readiness
from roadworthy.server.portfolio.snapshots import keep_points, keep_running
from roadworthy.server.systems.models import Intake, Question, System

PAGES = [
    "/portfolio/",
    "/portfolio/launches/",
    "/portfolio/waiting/",
    "/portfolio/risk/",
    "/portfolio/audit/",
    "/kpis/",
]


def text(answer) -> str:
    assert answer.status_code == 200
    return answer.getvalue().decode("utf-8-sig")


@pytest.fixture
def three(people):
    """Three systems of two lines, of which one is held, one is cleared and waits for launch, one has no release."""
    owner = people.person("accountable-owner", name="Olga Owner")
    soon = timezone.now().date() + timedelta(days=9)
    held = make_system("held", owner=owner, governance="held", line="shop", launch=soon)
    clear = make_system("clear", owner=owner, governance="cleared", line="shop", tier="low")
    alone = make_system("alone", governance="registered", line="bank", tier="medium")
    judged(held, outcome("injection-resilience", Status.NOT_MET), name="1.0")
    judged(clear, outcome("injection-resilience", Status.MET), name="2.0")
    return held, clear, alone


def test_readiness_counts_by_product_line_and_says_what_blocks(people, three):
    shop, bank = sorted(readiness(narrowed(people.actor("viewer"))), key=lambda one: one.title, reverse=True)
    assert (shop.title, shop.systems, shop.cleared, shop.held, shop.findings) == ("Shop", 2, 1, 1, 1)
    assert shop.blockers == [("injection-resilience", 1)]
    assert (bank.title, bank.systems, bank.cleared, bank.held) == ("Bank", 1, 0, 0)


def test_the_part_is_narrowed_by_permission_line_and_unit(people, three, signed_in):
    held, _, alone = three
    above = Unit.objects.create(slug="all", title="All")
    unit = Unit.objects.create(slug="money", title="Money", parent=above)
    alone.product_line.unit = unit
    alone.product_line.save()
    actor = people.actor("viewer")
    titles = {
        name: {one.title for one in readiness(narrowed(actor, **{name: slug}))}
        for name, slug in {"line": "shop", "unit": "all"}.items()
    }
    assert titles == {"line": {"Shop"}, "unit": {"Bank"}}
    mine = people.actor("viewer", product_line=held.product_line)
    assert {one.title for one in readiness(narrowed(mine))} == {"Shop"}
    assert {one.title for one in readiness(narrowed(mine, line="bank"))} == {"Shop"}, "what is not seen narrows nothing"
    client = signed_in("viewer", product_line=held.product_line)
    for page in PAGES:
        assert "Alone" not in text(client.get(page))
        assert "Alone" not in text(client.get(page + "?line=bank"))


def test_pages_show_what_they_are_for(people, three, signed_in):
    client = signed_in("viewer")
    assert "injection-resilience" in text(client.get("/portfolio/"))
    launches = text(client.get("/portfolio/launches/"))
    assert "Held" in launches
    assert "Clear" not in launches.split("<main")[1].split("</main>")[0].replace("Cleared", "")
    risk = text(client.get("/portfolio/risk/"))
    assert "unknown" in risk
    audit = text(client.get("/portfolio/audit/"))
    assert "Risk assessed within a year" in audit
    assert "Alone" in text(client.get("/portfolio/audit/?check=owned"))
    assert "Clear" not in text(client.get("/portfolio/audit/?check=owned&format=csv"))


def test_decisions_that_wait_say_on_whom_and_for_how_long(people, three, signed_in):
    held = three[0]
    AuthorityRule.objects.filter(action="release").delete()
    AuthorityRule.objects.create(action="release", roles=["security"], tiers=["high"])
    AuthorityRule.objects.create(action="release", roles=["director"], tiers=["medium"])
    request = DecisionRequest.objects.create(
        release=held.releases.get(),
        requested_by=people.person("engineer"),
        shown_digest="0" * 64,
        tier="high",
        due=timezone.now() + timedelta(days=14),
    )
    page = text(signed_in("viewer").get("/portfolio/waiting/"))
    assert "security" in page
    assert "director" not in page
    lines = list(csv.reader(text(signed_in("viewer").get("/portfolio/waiting/?format=csv")).splitlines()))
    row = dict(zip(lines[0], lines[1], strict=True))
    assert (row["Waits on"], row["Business days"]) == ("security", "0")
    assert 8 <= int(row["Promised"]) <= 11
    DecisionRequest.objects.filter(pk=request.pk).update(state="approved")
    assert "No decision waits" in text(signed_in("viewer").get("/portfolio/waiting/"))


def test_my_work_lists_what_is_mine_with_due_dates(people, three, signed_in):
    clear = three[1]
    client = signed_in("responsible-ai")
    me = int(client.session["_auth_user_id"])
    assert "Nothing waits for you" in text(client.get("/"))
    actor = people.actor("engineer")
    file_finding(actor, Filed("held", "It promises refunds", "high", owner=me))
    Question.objects.create(
        asked_by=people.person("viewer"), title="Does it apply", body="?", due=timezone.now(), assigned_to_id=me
    )
    Intake.objects.create(owner_id=me, title="A new helper")
    System.objects.filter(pk=clear.pk).update(owner=me)
    ExceptionRequest.objects.create(
        system=clear,
        requirement="threat-model",
        category="new scenario",
        reason="x",
        compensating_control="y",
        tier="low",
        until=timezone.now() + timedelta(days=3),
        requested_by_id=me,
        state="approved",
    )
    notify([me], "finding.opened", "Something new", key="n")
    page = text(client.get("/"))
    for words in ("It promises refunds", "Does it apply", "A new helper", "threat-model of Clear", "Something new"):
        assert words in page
    api = client.get("/api/v1/my-work").json()["items"]
    assert {one["kind"] for one in api} == {"findings", "questions", "intakes", "ending", "notices"}
    assert "It promises refunds" not in text(signed_in("responsible-ai").get("/"))


def test_who_holds_no_role_still_has_a_page_of_their_own(signed_in):
    assert "Nothing waits for you" in text(signed_in().get("/"))
    assert signed_in().get("/portfolio/").status_code == 403


def test_the_page_of_kpis_shows_each_and_those_not_measured(people, signed_in):
    make_portfolio(people, rows=20)
    keep_points(timezone.now())
    page = text(signed_in("viewer").get("/kpis/"))
    for kpi in KPIS.values():
        assert kpi.title.replace("'", "&#x27;") in page
    for one in UNMEASURED:
        assert one.title in page
        assert one.needs in page


def test_the_month_that_runs_is_read_from_fresh_points_and_else_computed(
    people, signed_in, django_assert_max_num_queries
):
    make_portfolio(people, rows=20)
    keep_points(timezone.now())
    client = signed_in("viewer")
    computed = client.get("/api/v1/kpis").json()
    assert "so far" in keep_running(timezone.now())
    with django_assert_max_num_queries(12):
        assert client.get("/api/v1/kpis").json() == computed
    KpiPoint.objects.filter(period=Month.of(timezone.now()).first).update(value=-1)
    assert client.get("/api/v1/kpis").json() != computed
    KpiPoint.objects.update(computed_at=timezone.now() - timedelta(minutes=4))
    assert client.get("/api/v1/kpis").json() == computed, "old points of the month that runs do not count"


def test_the_page_of_a_kpi_shows_value_definition_and_rows(people, signed_in, django_assert_max_num_queries):
    make_portfolio(people, rows=30, months=3)
    keep_points(timezone.now())
    client = signed_in("viewer")
    month = Month.of(timezone.now()).back(1).name
    for name, kpi in KPIS.items():
        with django_assert_max_num_queries(30):
            page = text(client.get(f"/kpis/{name}/?month={month}"))
        assert kpi.formula in page
        assert "By tier" in page
        rows = list(csv.reader(text(client.get(f"/kpis/{name}/?month={month}&format=csv")).splitlines()))
        assert rows[0][0] == "When"
        assert len(rows) - 1 == rows_of(kpi, Month.of(timezone.now()).back(1)).count()
        assert text(client.get(f"/kpis/{name}/?month=nonsense&trend=high&line=shop"))


def test_kpis_of_a_part_are_of_that_part_only(people, signed_in):
    made = make_portfolio(people, rows=30, months=3)
    keep_points(timezone.now())
    month = Month.of(timezone.now()).back(1).name
    client = signed_in("viewer", product_line=made[0].product_line)
    lines = list(csv.DictReader(text(client.get(f"/kpis/exception-rate/?month={month}&format=csv")).splitlines()))
    assert {line["Product line"] for line in lines} == {"Shop"}
    assert "Bank" not in text(client.get(f"/kpis/exception-rate/?month={month}"))


def test_kpis_over_the_api(people):
    make_portfolio(people, rows=20)
    client = Client(headers={"Authorization": f"Bearer {people.token(people.person('viewer'))}"})
    all_of_them = client.get("/api/v1/kpis").json()
    assert [one["id"] for one in all_of_them["items"]] == list(KPIS)
    assert len(all_of_them["not_measured"]) == len(UNMEASURED)
    one = client.get("/api/v1/kpis/exception-rate").json()
    assert one["trend"][-1]["running"]
    assert len(one["trend"]) == 12
    assert {part["segment"] for part in one["segments"]} >= {"tier:high", "tier:low"}
    assert client.get("/api/v1/kpis/nothing").status_code == 404
    assert client.get("/api/v1/portfolio/readiness?line=shop").json()["items"][0]["line"] == "shop"


def test_launches_over_the_api(people, three):
    client = Client(headers={"Authorization": f"Bearer {people.token(people.person('viewer'))}"})
    [launch] = client.get("/api/v1/portfolio/launches").json()["items"]
    assert (launch["system"], launch["verdict"], launch["holding"]) == ("held", "hold", 1)
    assert 5 <= launch["business_days_left"] <= 7


@pytest.mark.parametrize("page", ["/", *PAGES])
def test_the_queries_of_a_page_do_not_grow(people, signed_in, page, django_assert_max_num_queries):
    client = signed_in("responsible-ai")
    me = actor_of(people.person("engineer"), Door.PAGE)

    def more(start: int, number: int) -> None:
        day = timezone.now().date() + timedelta(days=5)
        for at in range(start, start + number):
            system = make_system(f"n{at}", launch=day, line="shop")
            release = judged(system, outcome("injection-resilience", Status.NOT_MET))
            DecisionRequest.objects.create(
                release=release, requested_by_id=me.user_id, shown_digest="0" * 64, tier="high", due=timezone.now()
            )

    more(0, 3)
    client.get(page)
    with django_assert_max_num_queries(75) as few:
        client.get(page)
    more(3, 12)
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(page)
