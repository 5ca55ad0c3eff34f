"""The frame by HTTP: navigation by permission, search, tabs by reach, theme, problems, sign-in pages."""

from __future__ import annotations

import pytest
from django.template import Context, Engine
from django.test import Client, RequestFactory
from django.utils.html import format_html

from roadworthy.server.access.actor import Door
from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.shell import inbox as inbox_module
from roadworthy.server.shell import search as search_module
from roadworthy.server.shell import tabs as tabs_module
from roadworthy.server.shell.context import _here as place
from roadworthy.server.shell.inbox import Inbox, serve_inbox
from roadworthy.server.shell.navigation import Page, show
from roadworthy.server.shell.search import Hit, SearchSource, find, offer, offer_action
from roadworthy.server.shell.tabs import Panel, Tab, add_panel, add_tab
from roadworthy.server.systems.models import System


@pytest.fixture
def own_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_module, "_SOURCES", [])
    monkeypatch.setattr(search_module, "_ACTIONS", [])
    monkeypatch.setattr(tabs_module, "_TABS", {})
    monkeypatch.setattr(tabs_module, "_PANELS", {})
    monkeypatch.setattr(inbox_module, "_INBOX", [])


def test_the_navigation_shows_what_one_may_see_and_where_one_is(signed_in):
    page = signed_in("viewer").get("/systems/").content.decode()
    assert '<a href="/systems/" aria-current="page">' in page
    assert "Webhooks" not in page
    assert "Webhooks" in signed_in("administrator").get("/systems/").content.decode()


def test_a_page_of_an_unknown_group_is_an_error():
    with pytest.raises(ValueError, match="no group"):
        show([Page("Elsewhere", "X", "systems:list")])


@pytest.mark.usefixtures("own_tables")
def test_search_asks_only_sources_that_one_may_see(people):
    asked = []

    def look(actor, words):
        asked.append(words)
        return [Hit(f"Hit {at}", f"/hit/{at}") for at in range(20)]

    offer(SearchSource("system", "Systems", Permission.SYSTEM_READ, look))
    offer(SearchSource("webhook", "Webhooks", Permission.WEBHOOK_MANAGE, look))
    offer_action("Look at systems", "systems:list", Permission.SYSTEM_READ)
    offer_action("Make a webhook", "webhooks:list", Permission.WEBHOOK_MANAGE)
    viewer = actor_of(people.person("viewer"), Door.PAGE)
    found = find(viewer, " look  at ")
    assert [(group.kind, len(group.hits)) for group in found] == [("action", 1), ("system", 8)]
    assert asked == [["look", "at"]]
    assert {group.kind for group in find(viewer, "")} == {"page", "action"}
    assert len(asked) == 1


@pytest.mark.usefixtures("own_tables")
@pytest.mark.parametrize("text", ["\0", "x" * 5000, "a " * 500, "%27 OR 1=1", "\U0001f600"])
def test_hostile_words_reach_no_source_unbounded(people, text):
    seen = []
    offer(SearchSource("any", "Any", None, lambda actor, words: seen.append(words) or []))
    find(actor_of(people.person("viewer"), Door.PAGE), text)
    assert all(len(words) <= 8 and all("\0" not in word and len(word) <= 200 for word in words) for words in seen)


@pytest.mark.usefixtures("own_tables")
def test_search_answers_people_and_the_palette(signed_in):
    client = signed_in("viewer")
    offer(SearchSource("x", "Things", None, lambda actor, words: [Hit("<b>Thing</b>", "/thing", "of mine")]))
    page = client.get("/search?q=thing").content.decode()
    assert '<a href="/thing">&lt;b&gt;Thing&lt;/b&gt;</a>' in page
    groups = client.get("/search?q=thing&format=json").json()["groups"]
    assert groups == [
        {"kind": "x", "title": "Things", "hits": [{"title": "<b>Thing</b>", "url": "/thing", "about": "of mine"}]}
    ]
    assert Client().get("/search?q=thing").status_code == 302
    assert client.post("/search").status_code in {403, 405}


@pytest.fixture
def system(db: None) -> System:
    return System.objects.create(slug="helper", title="Helper", kind="agent", purpose="p", team="t", tier="low")


def draw(text: str, actor: object, row: object, query: str = "") -> str:
    request = RequestFactory().get(f"/systems/helper/{query}")
    request.actor = actor
    engine = Engine(builtins=["roadworthy.server.shell.templatetags.roadworthy"])
    return engine.from_string(text).render(Context({"request": request, "row": row}))


@pytest.mark.usefixtures("own_tables")
def test_tabs_and_rail_show_what_reaches_the_row(people, system):
    add_tab(
        "system",
        Tab("risk", "Risk", Permission.ASSESSMENT_READ, lambda request, row: format_html("<p>{}</p>", row), 10),
    )
    add_tab("system", Tab("log", "Log", Permission.AUDIT_READ, lambda request, row: "<b>", 20, lambda row: 7))
    add_panel("system", Panel("owner", Permission.SYSTEM_READ, lambda request, row: format_html("<i>{}</i>", "o")))
    everything = actor_of(people.person("auditor"), Door.PAGE)
    here = actor_of(people.person("viewer", system_id=system.pk), Door.PAGE)
    elsewhere = actor_of(people.person("viewer", system_id=system.pk + 1), Door.PAGE)
    strip = draw('{% tabs_of "system" row %}', everything, system, "?tab=risk")
    assert strip.count("<li>") == 3
    assert '<a href="/systems/helper/?tab=risk" aria-current="page">Risk' in strip
    assert '<span class="tally">7</span>' in strip
    assert draw('{% tabs_of "system" row %}', here, system).count("<li>") == 2
    assert draw('{% tabs_of "system" row %}', elsewhere, system) == ""
    content = '{% tab_content "system" row as drawn %}{% if drawn %}{{ drawn }}{% else %}own{% endif %}'
    assert draw(content, here, system, "?tab=risk") == "<p>Helper</p>"
    assert draw(content, here, system, "?tab=log") == "own"
    assert draw(content, everything, system, "?tab=log") == "&lt;b&gt;"
    assert draw('{% rail_of "system" row %}', here, system) == "<i>o</i>"
    assert draw('{% rail_of "system" row %}', elsewhere, system) == ""


@pytest.mark.usefixtures("own_tables")
def test_the_inbox_counts_what_waits(signed_in):
    serve_inbox(Inbox("systems:list", lambda actor: 120))
    page = signed_in("viewer").get("/systems/").content.decode()
    assert 'aria-label="Inbox, 120 waiting"' in page
    assert '<span class="count">99+</span>' in page


@pytest.mark.parametrize(
    ("chosen", "attribute"), [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ("x", "")]
)
def test_the_theme_is_kept_in_a_cookie(signed_in, chosen, attribute):
    client = signed_in("viewer")
    answer = client.post("/theme", {"theme": chosen}, headers={"Referer": "http://testserver/systems/?q=1"})
    assert answer.url == "http://testserver/systems/?q=1"
    assert f'<html lang="en"{attribute}>' in client.get("/systems/").content.decode()


@pytest.mark.parametrize("referer", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_the_theme_leads_nowhere_else(signed_in, referer):
    assert signed_in("viewer").post("/theme", {"theme": "dark"}, headers={"Referer": referer}).url == "/"


def test_a_theme_that_somebody_made_up_is_none(db):
    client = Client()
    client.cookies["theme"] = '"><script>'
    assert b"data-theme" not in client.get("/accounts/login/").content


def test_problems_have_a_page_that_says_what_to_do(signed_in):
    answer = signed_in("viewer").get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.content.decode()
    assert Client().get("/nowhere").status_code == 404
    refused = signed_in().get("/systems/")
    assert refused.status_code == 403
    assert "Ask an administrator for a role" in refused.content.decode()
    assert refused["X-Request-ID"] in refused.content.decode()


def test_a_fault_of_ours_has_a_page_even_without_a_database(rf):
    from roadworthy.server.shell.failures import failed

    request = rf.get("/")
    answer = failed(request)
    assert answer.status_code == 500
    assert b"fault of Roadworthy" in answer.content


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/logout/"])
def test_pages_of_signing_in_and_out_are_ours(signed_in, path):
    client = Client() if "login" in path else signed_in("viewer")
    page = client.get(path).content.decode()
    assert 'class="entrance"' in page
    assert "Roadworthy</a>" in page
    assert "style=" not in page


def test_the_style_page_shows_every_component_and_makes_a_file(signed_in):
    client = signed_in()
    page = client.get("/styleguide/?messages")
    assert page.status_code == 200
    assert b"style=" not in page.content
    assert client.get("/styleguide/?format=csv")["Content-Type"].startswith("text/csv")


def test_pages_carry_the_policy_and_stand_without_inline_code(signed_in):
    answer = signed_in("administrator").get("/styleguide/")
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert b"<style" not in answer.content
    assert b"<script>" not in answer.content


@pytest.mark.parametrize(
    ("path", "here"),
    [("/", "/"), ("/systems/", "/systems/"), ("/systems/a/b", "/systems/"), ("/things/7", "/things/board"), ("/x", "")],
)
def test_where_one_is_in_the_navigation(path, here):
    assert place(path, ["/", "/systems/", "/things/board", "/things/board/old"]) == here
