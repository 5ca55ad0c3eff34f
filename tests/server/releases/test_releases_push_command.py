"""`roadworthy push` against a real server: received, there before, refused, no answer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from running_server import Running, free_port

RUN = "from roadworthy.cli.main import main; main()"


def push(*arguments: object, **environment: str) -> tuple[int, str]:
    words = [sys.executable, "-c", RUN, "push", *map(str, arguments)]
    given = {"PATH": "/usr/bin:/bin", **environment}
    given["PYTHONPATH"] = str(Path(__file__).parents[3] / "src")
    done = subprocess.run(words, env=given, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, " ".join(f"{done.stdout} {done.stderr}".split())


@pytest.mark.stress
def test_a_bundle_is_pushed_and_the_server_says_what_came_of_it(server: Running, works):
    server.start()
    environment = {"ROADWORTHY_SERVER": f"{server.url}/", "ROADWORTHY_TOKEN": server.extra["PUSH_TOKEN"]}
    code, text = push(works.bundle(), **environment)
    assert (code, "order-helper 1.0: hold under small 1, received." in text) == (0, True), text
    assert f"{server.url}/releases/" in text
    code, text = push(works.bundle(), **environment)
    assert (code, "It was there before." in text) == (0, True), text
    code, text = push(works.bundle(key=works.example.stranger), **environment)
    assert (code, "answered 403" in text, "not trusted here" in text) == (2, True, True), text
    code, text = push(works.bundle(), "--token-env", "OTHER", OTHER="rw_wrong", **environment)
    assert (code, "answered 401" in text) == (2, True), text
    assert "rw_wrong" not in text


def test_what_cannot_be_sent_is_told(works):
    address = f"http://127.0.0.1:{free_port()}"
    code, text = push(works.bundle(), ROADWORTHY_TOKEN="x")
    assert (code, "no server is named" in text) == (2, True)
    code, text = push(works.bundle(), "--server", address)
    assert (code, "there is no token in ROADWORTHY_TOKEN" in text) == (2, True)
    code, text = push(works.bundle(), "--server", address, ROADWORTHY_TOKEN="x")
    assert (code, "did not take the bundle" in text) == (2, True)
    code, text = push("nowhere.zip", "--server", address, ROADWORTHY_TOKEN="x")
    assert (code, "nowhere.zip: the bundle cannot be read" in text) == (2, True)
