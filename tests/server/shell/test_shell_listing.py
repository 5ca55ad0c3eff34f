"""Lists: pages by key in any order, filters, words, CSV, saved views; a bounded number of queries."""

from __future__ import annotations

import base64
import csv
import io
import json
from datetime import date, timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils.html import format_html

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Door, server_actor
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.shell import listing as listing_module
from roadworthy.server.shell.export import cell_text, csv_response
from roadworthy.server.shell.keyset import key_of
from roadworthy.server.shell.listing import Bulk, Column, Filter, Listing
from roadworthy.server.shell.models import SavedView
from roadworthy.server.systems.models import System

TIERS = ["high", "medium", "low"]
SYSTEMS = Listing(
    name="systems",
    columns=[
        Column("tier", "Tier", lambda row: row.tier, sort="tier"),
        Column("title", "System", lambda row: row.title, sort="title", main=True),
        Column("launch", "Launch", lambda row: row.launch, sort="launch"),
        Column("risk", "Risk", lambda row: row.risk_high, sort="risk_high", number=True),
        Column("line", "Line", lambda row: row.product_line, sort="product_line__title"),
        Column("team", "Team", lambda row: format_html("<b>{}</b>", row.team)),
    ],
    filters=[Filter.on("tier", "Tier", [(tier, tier) for tier in TIERS])],
    search=["title__icontains", "team__icontains"],
    sort="title",
    url=lambda row: f"/systems/{row.slug}/",
    bulk=[Bulk("retire", "Retire", "/systems/retire")],
    empty="Register the first system.",
    empty_action=("Register", "/systems/new"),
)


def ask(query: str = "", actor: object = None, listing: Listing = SYSTEMS):
    request = RequestFactory().get(f"/systems/{query}")
    request.actor = actor or server_actor(Door.PAGE)
    request.user = AnonymousUser()
    request.session = {}
    return listing.page(request, System.objects.select_related("product_line"))


def make(number: int, **fields: object) -> list[System]:
    return System.objects.bulk_create(
        System(
            slug=f"s{at}",
            title=f"System {at % 7}",
            kind="agent",
            purpose="Helps.",
            team="=cmd()" if at % 2 else "Blue",
            tier=TIERS[at % 3],
            launch=None if at % 4 == 0 else date(2026, 1, 1) + timedelta(days=at % 5),
            risk_high=None if at % 3 == 0 else float(at % 6),
            **fields,
        )
        for at in range(number)
    )


@pytest.fixture
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_module, "PAGE", 7)


ORDERS = ["title", "-title", "tier", "-tier", "launch", "-launch", "risk", "-risk", "line", "-line"]


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.usefixtures("short_pages")
def test_pages_by_key_show_each_row_once_forwards_and_backwards(db, order):
    make(40)
    request = RequestFactory().get(f"/systems/?sort={order}")
    request.actor = server_actor()
    wanted = [row.pk for row in SYSTEMS.rows(request, System.objects.select_related("product_line"))]
    assert len(wanted) == 40
    pages = [ask(f"?sort={order}")]
    while pages[-1].after:
        pages.append(ask(f"?sort={order}&after={pages[-1].after}"))
    assert [row.pk for page in pages for row in page.rows] == wanted
    assert len(pages) == 6
    assert not pages[0].before
    back = [pages[-1]]
    while back[-1].before:
        back.append(ask(f"?sort={order}&before={back[-1].before}"))
    assert [row.pk for page in reversed(back) for row in page.rows] == wanted


@pytest.mark.usefixtures("short_pages")
def test_a_row_that_is_added_or_removed_shifts_no_page(db):
    make(20)
    first = ask()
    System.objects.filter(pk=first.rows[0].pk).delete()
    System.objects.create(slug="new", title="Aaa", kind="agent", purpose="p", team="t", tier="low")
    following = ask(f"?after={first.after}")
    assert not {row.pk for row in first.rows} & {row.pk for row in following.rows}
    assert len(following.rows) == 7


def written(values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


HOSTILE = [
    "x",
    "%00",
    "é",
    "=" * 50,
    "A" * 5000,
    written("text"),
    written([]),
    written([1]),
    written([1, 2, 3]),
    written({"a": 1}),
    written([None, None]),
    written(["a", "b"]),
    written(["a", 2**70]),
    written(["a", 1.5]),
    written(["a", True]),
    written(["a\0", 1]),
    written(["\ud800", 1]),
    written([["a"], 1]),
    written([None, 1]),
    base64.urlsafe_b64encode(b"[NaN, 1]").decode(),
    base64.urlsafe_b64encode(b"[" * 3000).decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
]


@pytest.mark.parametrize("cursor", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize("way", ["after", "before"])
def test_a_cursor_that_is_none_of_ours_is_refused(db, cursor, way):
    with pytest.raises(InputError, match="none of ours"):
        ask(f"?{way}={cursor}")


@pytest.mark.parametrize("value", ["no day", "2026-13-40", 17, 1e300])
def test_a_cursor_of_the_wrong_type_is_refused(db, value):
    with pytest.raises(InputError, match="none of ours"):
        ask(f"?sort=launch&after={written([value, 1])}")


def test_filters_take_only_what_they_offer(db):
    make(9)
    page = ask("?tier=high&tier=nonsense&tier=high&tier=%00")
    assert page.chosen == {"tier": ["high"]}
    assert {row.tier for row in page.rows} == {"high"}
    assert not ask("?tier=nonsense").filtered
    assert ask("?tier=high&tier=low").total == 6


def test_words_are_all_found_and_hostile_ones_harm_nothing(db):
    make(9)
    assert ask("?q=blue+system").total == 5
    assert ask("?q=blue+nothing").total == 0
    assert ask("?q=%00%27%22%25_\\").total == 0
    assert len(ask(f"?q={'a' * 5000}").words) == 200


def test_unknown_orders_fall_back_to_the_first(db):
    make(3)
    assert ask("?sort=password").sort == "title"
    assert ask("?sort=--title").sort == "title"
    assert ask("?sort=team").sort == "title"


def test_what_narrows_the_list_can_be_taken_away_one_by_one(db):
    make(9)
    page = ask("?tier=high&tier=low&q=blue&sort=-tier&tab=x")
    assert [(one.title, one.value) for one in page.active] == [("Search", "blue"), ("Tier", "High"), ("Tier", "Low")]
    assert page.active[1].url == "?tier=low&q=blue&sort=-tier&tab=x"
    assert page.clear_url == "?sort=-tier&tab=x"
    assert page.kept == [("sort", "-tier"), ("tab", "x")]


def test_heads_turn_the_order_round(db):
    heads = {head.column.name: head for head in ask("?sort=tier&after=").heads}
    assert (heads["tier"].sorted, heads["tier"].url) == ("ascending", "?sort=-tier")
    assert (heads["title"].sorted, heads["title"].url) == ("none", "?sort=title")
    assert heads["team"].url == ""


def test_queries_do_not_grow_with_rows(db, people, django_assert_max_num_queries):
    actor = actor_of(people.person("viewer"), Door.PAGE)
    from django.template.loader import render_to_string

    def draw():
        page = ask("?tier=high&tier=low", actor)
        return render_to_string("shell/listing.html", {"page": page, "actor": actor, "csrf_token": "t"})

    make(3)
    with django_assert_max_num_queries(3):
        draw()
    System.objects.all().delete()
    make(60)
    with django_assert_max_num_queries(3):
        drawn = draw()
    assert 'aria-sort="ascending"' in drawn
    assert 'name="ids"' in drawn
    assert '<tr class="opens">' in drawn
    assert "40 match" in drawn


def test_an_empty_list_says_what_to_do_next(db):
    from django.template.loader import render_to_string

    drawn = render_to_string("shell/listing.html", {"page": ask()})
    assert "Register the first system." in drawn
    assert 'href="/systems/new"' in drawn
    make(1)
    assert "Nothing matches" in render_to_string("shell/listing.html", {"page": ask("?q=zebra")})


def read(response) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def test_csv_holds_all_rows_as_text_that_no_spreadsheet_runs(db, monkeypatch):
    monkeypatch.setattr("roadworthy.server.shell.export.CHUNK", 4)
    make(11)
    request = RequestFactory().get("/systems/?format=csv&sort=-title&tier=high")
    request.actor = server_actor()
    response = SYSTEMS.respond(request, System.objects.select_related("product_line"), "unused.html")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith('attachment; filename="systems-')
    lines = read(response)
    assert lines[0] == ["Tier", "System", "Launch", "Risk", "Line", "Team"]
    assert len(lines) == 5
    assert {line[5] for line in lines[1:]} == {"Blue", "'=cmd()"}
    assert [line[1] for line in lines[1:]] == sorted((line[1] for line in lines[1:]), reverse=True)


def test_csv_says_when_there_is_more(db):
    make(6)
    rows = System.objects.all()
    lines = read(csv_response("systems", SYSTEMS.columns[:1], rows, key_of(rows, "title"), most=4))
    assert len(lines) == 6
    assert lines[-1] == ["There are more than 4 rows; narrow the list."]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("=1+1", "'=1+1"),
        ("+49", "'+49"),
        ("-cmd", "'-cmd"),
        ("@sum", "'@sum"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        (-5, -5),
        (None, ""),
        (True, "yes"),
        (date(2026, 3, 14), "2026-03-14"),
        (format_html("<a href='x'>{}</a>", "=a & b"), "'=a & b"),
        ("<b>", "<b>"),
    ],
)
def test_cells_of_csv(value, text):
    assert cell_text(Column("c", "C", lambda row: value), None) == text


def test_a_view_is_saved_shown_replaced_and_removed(signed_in):
    client = signed_in("viewer")
    sent = {
        "page": "systems",
        "name": " High  tier ",
        "query": "?tier=high&after=x&format=csv",
        "back": "/systems/?tier=high",
    }
    assert client.post("/saved-views/", sent).url == "/systems/?tier=high"
    view = SavedView.objects.get()
    assert (view.name, view.query) == ("High tier", "tier=high")
    client.post("/saved-views/", {**sent, "query": "tier=low"})
    view.refresh_from_db()
    assert view.query == "tier=low"
    assert client.post(f"/saved-views/{view.pk}/remove", {"back": "//evil.example/"}).url == "/"
    assert not SavedView.objects.exists()


def test_nobody_removes_the_view_of_another(signed_in):
    signed_in("viewer").post("/saved-views/", {"page": "systems", "name": "Mine", "query": ""})
    view = SavedView.objects.get()
    assert signed_in("administrator").post(f"/saved-views/{view.pk}/remove").status_code == 404
    assert SavedView.objects.count() == 1


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "\0"])
def test_a_view_needs_a_name(signed_in, name):
    client = signed_in("viewer")
    assert client.post("/saved-views/", {"page": "systems", "name": name, "query": ""}).status_code == 302
    assert not SavedView.objects.exists()


def test_saved_views_stand_above_the_list(people, db):
    user = people.person("viewer")
    SavedView.objects.create(user=user, page="systems", name="High", query="tier=high")
    page = ask("?tier=high", actor_of(user, Door.PAGE))
    assert [(tab.view.name if tab.view else "All", tab.here) for tab in page.views] == [("All", False), ("High", True)]
    assert ask("?tier=high").views == []
