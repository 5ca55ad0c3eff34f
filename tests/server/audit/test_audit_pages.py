"""The audit trail on pages and over the API; and the activity of one thing for whoever may see the thing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory

from roadworthy.server.access.actor import Door, server_actor
from roadworthy.server.access.subject import Subject
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.audit import activity
from roadworthy.server.audit.models import Entry
from roadworthy.server.audit.search import PAGE, Wanted, find
from roadworthy.server.audit.services import record, record_refusal
from roadworthy.server.systems.models import System

JOB = server_actor(Door.JOB)


@pytest.fixture
def written(people):
    """Write entries of two systems, by a person and a job, one refused, one a read."""
    user = people.person("engineer", name="Ada")
    by_ada = actor_of(user, Door.PAGE)
    for number in range(3):
        record(JOB, "group.made", Subject("group", str(number), f"Group {number}", "shop"), after={"name": "<b>x</b>"})
    record(by_ada, "unit.changed", Subject("unit", "0", "Unit 0", "bank"), before={"a": [1]}, after={"a": [2]})
    record(by_ada, "evidence.read", Subject("evidence", "e", "Samples", "shop"))
    record_refusal(by_ada, "access.refused", Subject("door", "x", "/x", "shop"), "because")
    return user


@pytest.fixture
def auditor(signed_in):
    return signed_in("auditor")


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 6),
        ("action=group.made", 3),
        ("outcome=refused", 1),
        ("system=bank", 1),
        ("kind=group&subject=0", 1),
        ("actor=server:job", 3),
        ("actor={email}", 3),
        ("actor=nobody@example.com", 0),
        ("action=nothing", 6),
        ("since={today}&until={today}", 6),
        ("since={tomorrow}", 0),
        ("until={yesterday}", 0),
        ("before=3", 2),
        ("after=3", 3),
        ("before=x&after=-1&since=never", 6),
    ],
)
def test_the_list_is_narrowed(written, auditor, query, count):
    today = datetime.now(UTC).date()
    days = {"today": today, "tomorrow": today + timedelta(days=1), "yesterday": today - timedelta(days=1)}
    page = auditor.get("/audit/?" + query.format(email=written.email, **days)).content.decode()
    assert page.count('<td class="number">') == count
    assert "<b>x</b>" not in page


def test_pages_lead_on_and_back(written):
    for number in range(2 * PAGE):
        record(JOB, "group.made", Subject("group", str(number), "More"))
    first = find(Wanted())
    second = find(Wanted(), before=first.older)
    last = find(Wanted(), before=second.older)
    numbers = [entry.number for page in (first, second, last) for entry in page.entries]
    assert numbers == list(range(2 * PAGE + 6, 0, -1))
    assert (first.newer, last.older) == (0, 0)
    back = find(Wanted(), after=second.newer)
    assert back.entries == first.entries
    assert find(Wanted(), after=last.newer).entries == second.entries


def test_an_entry_shows_before_and_after(written, auditor):
    page = auditor.get("/audit/4/").content.decode()
    assert "<del>1</del>" in page
    assert "<ins>2</ins>" in page
    assert auditor.get("/audit/999/").status_code == 404


def test_the_api_tells_the_same(written, auditor):
    got = auditor.get("/api/v1/audit/entries?action=unit.changed").json()["items"]
    assert [one["detail"] for one in got] == [{"before": {"a": [1]}, "after": {"a": [2]}}]
    assert auditor.get(f"/api/v1/audit/entries/{got[0]['number']}").json() == got[0]
    assert auditor.get("/api/v1/audit/entries/999").status_code == 404
    head = auditor.get("/api/v1/audit/head").json()
    assert head["number"] == Entry.objects.count()
    assert auditor.get("/api/v1/audit/entries?outcome=maybe").status_code == 422


def drawn(actor, tab, row) -> str:
    request = RequestFactory().get("/")
    request.actor = actor
    return tab.draw(request, row)


def test_the_activity_of_a_system_is_for_whoever_sees_it(written, people):
    system = System(slug="shop", title="Shop")
    shown = drawn(people.actor("viewer"), activity.SYSTEM, system)
    assert "Group 2" in shown
    assert "Group 0" in shown
    assert "Samples" not in shown
    assert "because" not in shown
    assert "/audit/" not in shown
    assert "/audit/?system=shop" in drawn(people.actor("auditor"), activity.SYSTEM, system)


@pytest.mark.parametrize("path", ["/audit/", "/api/v1/audit/entries", "/audit/?action=group.made"])
def test_a_page_takes_as_many_queries_for_thirty_rows_as_for_three(
    written, auditor, path, django_assert_max_num_queries
):
    for number in range(30):
        record(JOB, "group.made", Subject("group", str(number), "More"))
    with django_assert_max_num_queries(10):
        assert auditor.get(path).status_code == 200
