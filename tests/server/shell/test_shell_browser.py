"""The frame in a real browser: nothing is blocked or overflows, axe finds nothing, keys reach everything."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable, Iterator
from importlib.resources import files

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SWITCHES = shlex.split(
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = ["/styleguide/?messages", "/styleguide/?app=systems&q=e", "/search?q=style", "/systems/", "/nowhere"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = os.environ.get("ROADWORTHY_CHROMIUM") or shutil.which("chromium")
    assert path, "Chromium is missing: install it or name it in ROADWORTHY_CHROMIUM"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        with sync_playwright() as playwright:
            started = playwright.chromium.launch(executable_path=path, args=SWITCHES)
            yield started
            started.close()


@pytest.fixture
def told() -> list[str]:
    """Return what the console said."""
    return []


@pytest.fixture
def enter(transactional_db, browser, live_server, signed_in, told) -> Iterator[Callable[..., Page]]:
    """Return a maker of pages on which an administrator is signed in; afterwards no console message may be there."""
    contexts: list[BrowserContext] = []
    client: Client = signed_in("administrator")

    def make(width: int = 1440, scheme: str = "light", *, stranger: bool = False, scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,  # type: ignore[arg-type]
            base_url=live_server.url,
            java_script_enabled=scripts,
        )
        contexts.append(context)
        if not stranger:
            session = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        return page

    yield make
    for context in contexts:
        context.close()
    assert [line for line in told if "404 (Not Found)" not in line] == []


@pytest.fixture
def violations(told) -> Callable[[Page], list[str]]:
    """Return what axe finds; what the console says of axe itself, which styles the page, is none of ours."""

    def look(page: Page) -> list[str]:
        before = len(told)
        found = axe(page)
        del told[before:]
        return found

    return look


def axe(page: Page) -> list[str]:
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", RULES)
    assert len(found["passes"]) > 10
    return [f"{one['id']}: {node['html'][:200]}" for one in found["violations"] for node in one["nodes"][:3]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_no_barrier_and_nothing_overflows(enter, violations, width, scheme):
    page = enter(width, scheme)
    for path in PAGES:
        page.goto(path)
        page.evaluate(
            "document.querySelectorAll('.changes, .graph-box + details').forEach(fold => { fold.open = true })"
        )
        assert (path, violations(page)) == (path, [])
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert (path, over) == (path, 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_to_sign_in_has_no_barrier(enter, violations, scheme):
    page = enter(390, scheme, stranger=True)
    page.goto("/accounts/login/")
    assert violations(page) == []
    page.get_by_label("Email").fill("nobody@example.com")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    assert violations(page) == []


def test_the_palette_opens_by_key_and_leads_to_a_page(enter, violations):
    page = enter()
    page.goto("/styleguide/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("dialog").get_by_role("combobox")
    expect(field).to_be_focused()
    expect(page.get_by_role("dialog").get_by_role("option", name="Style")).to_be_visible()
    assert violations(page) == []
    page.keyboard.type("systems")
    first = page.get_by_role("dialog").get_by_role("option").first
    expect(first).to_contain_text("Systems")
    expect(first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/systems/")


def test_the_palette_says_when_nothing_is_found_and_closes_by_key(enter):
    page = enter()
    page.goto("/styleguide/")
    page.keyboard.press("Control+k")
    page.keyboard.type("zebra crossing")
    expect(page.get_by_text("Nothing found.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog").get_by_role("combobox")).to_be_hidden()


def test_the_navigation_is_a_drawer_on_a_phone(enter):
    page = enter(390, scripts=False)
    page.goto("/styleguide/")
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Systems")
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Open the navigation").click()
    expect(link).to_be_visible()
    page.get_by_role("button", name="Close the navigation").click()
    expect(link).to_be_hidden()


def test_the_theme_is_chosen_without_scripts_and_kept(enter):
    page = enter(scripts=False)
    page.goto("/styleguide/")
    page.get_by_role("button", name="Your menu").click()
    page.get_by_role("button", name="Dark").click()
    page.wait_for_url("**/styleguide/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/systems/")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_whole_row_opens_the_detail_and_boxes_stay_boxes(enter):
    page = enter()
    page.goto("/styleguide/")
    row = page.locator("tr.opens").nth(2)
    box = row.get_by_role("checkbox")
    box.check()
    expect(box).to_be_checked()
    expect(page.get_by_text("1 chosen")).to_be_visible()
    before = page.url
    row.locator("td").nth(3).click(position={"x": 4, "y": 20}, force=True)
    assert page.url != before
    assert "#row-" in page.url


def test_filters_work_without_scripts(enter):
    page = enter(scripts=False)
    page.goto("/styleguide/")
    page.locator("summary", has_text="App").click()
    page.get_by_role("checkbox", name="Systems", exact=True).check()
    page.get_by_role("button", name="Apply").click()
    page.wait_for_url("**app=systems**")
    expect(page.get_by_role("link", name="App: Systems")).to_be_visible()


def test_a_menu_closes_by_key_and_gives_the_focus_back(enter):
    page = enter()
    page.goto("/styleguide/")
    summary = page.locator("summary", has_text="App")
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("checkbox", name="Systems", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("checkbox", name="Systems", exact=True)).to_be_hidden()
    expect(summary).to_be_focused()


def test_the_focus_is_seen_and_the_first_stop_skips_to_the_content(enter):
    page = enter()
    page.goto("/styleguide/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Tab")
    ring = page.evaluate("getComputedStyle(document.activeElement).outline")
    assert "2px" in ring
    assert "solid" in ring


def test_a_digest_is_copied_whole(enter):
    page = enter()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/styleguide/")
    page.get_by_role("button", name="Copy 9f2c41d87ab3").click()
    expect(page.locator("#told")).to_have_text("Copied")
    assert len(page.evaluate("navigator.clipboard.readText()")) == 64
