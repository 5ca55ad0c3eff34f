"""A server that was filled by a script, and who is signed in there."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "releases"))

from running_server import Running  # noqa: E402


@dataclass
class Filled:
    """A server, what is on it, and the browser that looks at it."""

    server: Running
    browser: Browser
    said: dict[str, Any]

    def session(self, email: str, password: str) -> str:
        """Sign somebody in, have them prove it afresh, and return their session."""
        context = self.browser.new_context(base_url=self.server.url)
        page = context.new_page()
        page.goto("/accounts/login/")
        page.fill("[name=login]", email)
        page.fill("[name=password]", password)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url("**/")
        page.goto("/accounts/reauthenticate/")
        page.fill("[name=password]", password)
        page.get_by_role("button", name="Confirm").click()
        page.wait_for_load_state()
        session = next(one["value"] for one in context.cookies() if one["name"] == "sessionid")
        context.close()
        return str(session)


def start_script(server: Running, script: str, *words: str) -> subprocess.Popen[str]:
    """Start a script of this directory on the data of a server."""
    environment = {**server.environment, "ROADWORTHY_ALLOW_PRIVATE_WEBHOOKS": "true"}
    command = [sys.executable, str(HERE / script), *words]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait for a script, and return what it printed last."""
    with process:
        out, said = process.communicate(timeout=600)
    assert process.returncode == 0, said
    return dict(json.loads(out.splitlines()[-1]))


def new_server(directory: Path) -> Running:
    running = Running(directory, "", {"ROADWORTHY_SIGN_IN_LIMIT": "1000/m"})
    running.data.mkdir(mode=0o700)
    running.extra |= {"ROADWORTHY_DRAFTER_URL": "http://127.0.0.1:9/v1", "ROADWORTHY_DRAFTER_MODEL": "tiny"}
    return running
