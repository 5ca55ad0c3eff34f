"""How wide the screen is."""

from __future__ import annotations

import subprocess
import sys

import pytest

PIPED = "from roadworthy.cli.screen import console; print(console().width)"


@pytest.mark.parametrize(
    ("said", "width"),
    [(None, 120), ("72", 72), ("200", 200), ("5", 40), ("0", 120), ("", 120), ("wide", 120), ("-3", 120)],
)
def test_a_pipe_is_as_wide_as_the_environment_says(
    said: str | None, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if said is not None:
        monkeypatch.setenv("COLUMNS", said)
    done = subprocess.run([sys.executable, "-c", PIPED], capture_output=True, text=True, timeout=60, check=True)
    assert int(done.stdout) == width
