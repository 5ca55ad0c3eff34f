"""What the walk over all pages shares: a server with everything, one with nothing, and a real browser."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest
from filled_server import Filled, answer, new_server, start_script
from playwright.sync_api import Browser, sync_playwright
from running_server import Running

CHROMIUM = os.environ.get("ROADWORTHY_CHROMIUM", "/usr/bin/chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


@pytest.fixture(scope="session")
def filling(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, subprocess.Popen[str]]]:
    """Begin to fill a server; the pages of an empty one are looked at meanwhile."""
    running = new_server(tmp_path_factory.mktemp("pages") / "everything")
    with start_script(running, "everything.py") as process:
        yield running, process
        process.kill()
    running.kill()


@pytest.fixture(scope="session")
def browser(filling: object) -> Iterator[Browser]:
    """Return Chromium."""
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def empty(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """Return a server on which nothing has happened; what was said is the link of its first administrator."""
    running = new_server(tmp_path_factory.mktemp("pages") / "nothing")
    try:
        running.start()
        yield Filled(running, browser, answer(start_script(running, "nothing.py")))
    finally:
        running.kill()


@pytest.fixture(scope="session")
def everything(browser: Browser, filling: tuple[Running, subprocess.Popen[str]]) -> Filled:
    """Return the server with everything."""
    running, process = filling
    said = answer(process)
    running.start()
    return Filled(running, browser, said)
