"""The report in a real browser: nothing overflows, axe-core finds nothing, and it prints in full."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from documents_memos import decided
from documents_samples import crowded, hostile, provenance, verdict
from playwright.sync_api import Browser, Page, sync_playwright

from roadworthy.documents.memo import render_memo_html
from roadworthy.documents.report import render_report
from roadworthy.documents.requirements_page import render_requirements_html

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SWITCHES = shlex.split(
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
PAGES = {
    "report": lambda: render_report(verdict(), provenance()),
    "crowded": lambda: render_report(crowded(), provenance()),
    "hostile": lambda: render_report(hostile(), provenance()),
    "requirements": lambda: render_requirements_html(verdict()),
    "memo": lambda: render_memo_html(decided(verdict())),
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = os.environ.get("ROADWORTHY_CHROMIUM") or shutil.which("chromium")
    assert path, "Chromium is missing: install it or name it in ROADWORTHY_CHROMIUM"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield started
        started.close()


@pytest.fixture(params=sorted(PAGES))
def document(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "page.html"
    path.write_text(PAGES[request.param](), encoding="utf-8")
    return path


def open_page(browser: Browser, document: Path, width: int, scheme: str) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(document.as_uri())
    return page


def unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")


def test_no_page_scrolls_sideways(browser: Browser, document: Path) -> None:
    page = open_page(browser, document, 1440, "light")
    unfold(page)
    for width in (1440, 1024, 768, 390, 320):
        page.set_viewport_size({"width": width, "height": 900})
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"the page scrolls sideways by {over} px at {width} px"
    page.close()


@pytest.mark.parametrize(
    ("name", "width", "scheme"),
    [
        ("report", 1440, "light"),
        ("report", 1440, "dark"),
        ("report", 390, "light"),
        ("report", 390, "dark"),
        ("hostile", 390, "light"),
        ("requirements", 1440, "dark"),
    ],
)
def test_axe_finds_no_barrier(browser: Browser, tmp_path: Path, name: str, width: int, scheme: str) -> None:
    path = tmp_path / "page.html"
    path.write_text(PAGES[name](), encoding="utf-8")
    page = open_page(browser, path, width, scheme)
    unfold(page)
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", RULES)
    assert [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found["violations"]] == []
    assert len(found["passes"]) > 15
    page.close()


def test_it_asks_the_network_for_nothing(browser: Browser, document: Path) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(document.as_uri())
    assert asked == [document.as_uri()]
    page.close()


def test_a_link_to_a_folded_requirement_unfolds_it(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(render_report(crowded(), provenance()), encoding="utf-8")
    page = open_page(browser, path, 1440, "light")
    target = page.locator("#req-declared-00")
    assert not target.is_visible()
    page.goto(f"{path.as_uri()}#req-declared-00")
    assert target.is_visible()
    page.close()


def test_print_shows_what_is_folded_on_the_screen(browser: Browser, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(render_report(crowded(), provenance()), encoding="utf-8")
    page = open_page(browser, path, 1440, "dark")
    assert not page.locator("#req-declared-00").is_visible()
    page.emulate_media(media="print")
    assert page.locator("#req-declared-00").is_visible()
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert paper == "rgb(255, 255, 255)"
    printed = page.pdf(format="A4")
    assert printed.startswith(b"%PDF-")
    assert 8 <= len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) <= 30
    page.close()
