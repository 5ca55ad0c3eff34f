"""The example of the API guide does what the guide says, on a real server."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from running_server import Running

pytestmark = pytest.mark.stress

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "api" / "release.py"


def release(bundle: Path, environment: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the example as a pipeline does."""
    words = [sys.executable, str(EXAMPLE), str(bundle), environment]
    return subprocess.run(words, env=settings, capture_output=True, text=True, timeout=300, check=False)


def test_it_pushes_lists_findings_and_asks_for_clearance(server: Running, works) -> None:
    server.start()
    access = {"ROADWORTHY_SERVER": server.url, "ROADWORTHY_TOKEN": server.extra["PUSH_TOKEN"]}
    held = release(works.bundle(right=10, wrong=50), "prod", **access)
    assert held.returncode == 1, held.stderr
    lines = held.stdout.splitlines()
    assert lines[0].startswith("order-helper ")
    assert lines[0].endswith(": hold")
    assert "not cleared for prod" in lines
    assert any(line.startswith("  open: ") for line in lines), held.stdout
    again = release(works.bundle(right=10, wrong=50), "prod", **access)
    assert again.stdout == held.stdout


@pytest.mark.parametrize(
    ("token", "told"), [("rw_no_such_token", "401 Unauthorized"), ("", "401 Unauthorized")], ids=["wrong", "none"]
)
def test_it_says_what_the_server_refuses(server: Running, works, token: str, told: str) -> None:
    server.start()
    done = release(works.bundle(), "prod", ROADWORTHY_SERVER=server.url, ROADWORTHY_TOKEN=token)
    assert (done.returncode, done.stderr.startswith(told)) == (2, True), done.stderr


def test_a_server_that_does_not_answer_is_no_clearance(works) -> None:
    done = release(works.bundle(), "prod", ROADWORTHY_SERVER="http://127.0.0.1:1", ROADWORTHY_TOKEN="rw_x")
    assert done.returncode == 2
    assert "does not answer" in done.stderr
