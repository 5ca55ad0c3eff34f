"""What the journeys share: a real server, bundles of a real pipeline, and a real browser."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

sys.path.append(str(Path(__file__).parents[1] / "releases"))

from journey_seed import PASSWORD
from pushed_bundles import Works, make_works
from running_server import Running
from travelling import CHANGED, run

from roadworthy.core.digests import canonical_json
from roadworthy.standard.load import standard_value

CHROMIUM = os.environ.get("ROADWORTHY_CHROMIUM", "/usr/bin/chromium")


@pytest.fixture(scope="session")
def works(tmp_path_factory: pytest.TempPathFactory) -> Works:
    """Return the project whose bundles are pushed."""
    made = make_works(tmp_path_factory.mktemp("works-of-journeys"))
    made.bundle(**CHANGED)  # before the browser, whose loop lets no other run in this thread
    return made


@pytest.fixture
def server(works: Works, tmp_path: Path) -> Iterator[Running]:
    """Return a server that runs, on SQLite, with the people of the journeys."""
    standard = tmp_path / "standard.json"
    standard.write_bytes(canonical_json(standard_value(works.standard.standard)))
    running = Running(tmp_path / "running", "")
    running.data.mkdir()
    running.extra["ROADWORTHY_TOKEN"] = run(running, "journey_seed.py", standard, works.signer.key_id)[-1]["token"]
    try:
        running.start()
        yield running
    finally:
        running.kill()


@pytest.fixture(scope="session")
def browser(works: Works) -> Iterator[Browser]:
    """Return Chromium."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield chromium
        chromium.close()


@pytest.fixture
def enter(browser: Browser, server: Running) -> Iterator[Callable[[str], Page]]:
    """Return what signs a person in, in a window of their own; fails on anything that the CSP blocks."""
    contexts: list[BrowserContext] = []
    blocked: list[str] = []

    def sign_in(name: str) -> Page:
        context = browser.new_context(base_url=server.url)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: blocked.append(said.text) if "Content Security Policy" in said.text else None)
        page.goto("/")
        page.fill("[name=login]", f"{name}@example.com")
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert blocked == []
