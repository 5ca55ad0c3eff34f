"""Looking at one page after another as a browser, a screen reader's rules and a narrow screen see them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from playwright.sync_api import Browser, Page, Request

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LISTEN = """
window.blocked = [];
document.addEventListener('securitypolicyviolation', one =>
  window.blocked.push(`${one.violatedDirective}: ${one.blockedURI} ${one.sample}`));
"""
OPEN = "document.querySelectorAll('main details:not(.drop)').forEach(fold => { fold.open = true })"
SEEN = (Path(__file__).parent / "look.js").read_text("utf-8").partition("\n")[2]


@dataclass
class Walk:
    """A window of one width and scheme, in which pages are looked at; `faults` keeps what is wrong with any."""

    browser: Browser
    url: str
    width: int
    scheme: str
    session: str = ""
    place: str = "portfolio"
    faults: list[str] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.context = self.browser.new_context(
            viewport={"width": self.width, "height": 900},
            color_scheme=self.scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
            base_url=self.url,
        )
        self.context.add_init_script(LISTEN)
        if self.session:
            self.context.add_cookies([{"name": "sessionid", "value": self.session, "url": self.url}])
        self.page = self.context.new_page()
        self._told: list[str] = []
        self.page.on("console", lambda said: self._heard(said.text))
        self.page.on("pageerror", lambda error: self._told.append(f"error: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", lambda got: self._answered(got.status, got.url))

    def close(self) -> None:
        """Close the window."""
        self.context.close()

    def through(self, visits: Iterable[tuple[str, str]], *, tabs: bool = True) -> None:
        """Look at every page, and at the tabs that each shows."""
        for name, path in visits:
            for tab in self.look(name, path):
                if tabs:
                    self.look(name, tab)

    def look(self, name: str, path: str, status: int = 200) -> list[str]:
        """Look at a page; return the addresses of its tabs."""
        if path in self.seen:
            return []
        self.seen.add(path)
        self._told.clear()
        self._expected = status
        answer = self.page.goto(path)
        found = self.look_again(name, path)
        if answer is None or answer.status != status:
            self._fault(path, f"answered {answer and answer.status}")
        return found

    def look_again(self, name: str, path: str) -> list[str]:
        """Look at what is in the window now."""
        page, wrong = self.page, self._told
        picture(page, f"{self.place}-{self.width}-{self.scheme}", name, path)
        said = [*wrong]
        said += [f"CSP: {one}" for one in page.evaluate("window.blocked")]
        page.evaluate(OPEN)
        page.evaluate(AXE)
        got = page.evaluate(SEEN, RULES)
        self._told.clear()  # what the console says of axe itself, which styles the page, is none of ours
        said += [f"axe: {one}" for one in got["violations"]]
        if got["over"] > 0:
            said.append(f"{got['over']} px wider than the screen: {got['widest']}")
        if got["headings"] != 1 or got["mains"] != 1 or not got["title"].endswith("Roadworthy"):
            said.append(f"{got['headings']} h1, {got['mains']} main, title {got['title']!r}")
        if self.session and (got["navs"] != 1 or got["banners"] != 1):
            said.append(f"{got['navs']} nav, {got['banners']} banner")
        for one in said:
            self._fault(path, one)
        return [urljoin(path, tab) for tab in got["tabs"]]

    def _fault(self, path: str, what: str) -> None:
        self.faults.append(f"{self.place} {path} at {self.width} px, {self.scheme}: {what}")

    def _heard(self, text: str) -> None:
        if self._expected == 200 or "Failed to load resource" not in text:
            self._told.append(f"console: {text}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # the walk went on before the icon came
            self._told.append(f"no answer: {request.url} {request.failure}")

    def _answered(self, status: int, url: str) -> None:
        if status >= 400 and status != self._expected:
            self._told.append(f"{status}: {url}")

    _expected = 200


def picture(page: Page, folder: str, name: str, path: str) -> None:
    """Keep a picture of a page where PAGES_SCREENSHOTS says."""
    if kept := os.environ.get("PAGES_SCREENSHOTS"):
        parts = urlsplit(path)
        words = re.sub(r"[^\w.=-]+", "_", f"{name}__{parts.path.strip('/')}{'?' + parts.query if parts.query else ''}")
        target = Path(kept) / folder / f"{words[:120]}.png"
        target.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=target, full_page=True)
