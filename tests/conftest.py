"""What holds for every test: keys in a directory of its own, the true clock, and no network beyond this machine."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from worked_example import Command, Example, write_example

LOCAL = ("127.0.0.1", "::1", "localhost")
KEYS_AND_CLOCK = ("ROADWORTHY_NOW", "ROADWORTHY_SIGNING_KEY", "ROADWORTHY_SIGNING_KEY_FILE")


# Developers search for new examples on every run; CI repeats the same ones, so that a landing never fails by chance.
settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ci" if os.environ.get("CI") else "developer")


def _stay_on_this_machine(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse connections to other machines; a test that needs one is a fault."""
    if event not in {"socket.connect", "socket.sendto"}:
        return
    address = arguments[-1]
    if isinstance(address, tuple) and address[0] not in LOCAL:
        raise RuntimeError(f"a test tried to reach {address[0]}")


sys.addaudithook(_stay_on_this_machine)


def pytest_collection_finish() -> None:
    """Take what stays for the whole session out of the collector's sight: walking through it takes a twentieth."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _home_of_the_session(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep keys and settings of whoever runs the tests out of them, in subprocesses too."""
    home = tmp_path_factory.mktemp("home")
    os.environ["HOME"] = str(home)
    os.environ["ROADWORTHY_HOME"] = str(home / "roadworthy")
    for name in ("XDG_CONFIG_HOME", "COLUMNS"):
        os.environ.pop(name, None)


@pytest.fixture(autouse=True)
def _true_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take away what would fix the clock or the key."""
    for name in KEYS_AND_CLOCK:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def own_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the test a key home that no other test shares."""
    home = tmp_path / "key-home"
    monkeypatch.setenv("ROADWORTHY_HOME", str(home))
    return home


@pytest.fixture
def example(tmp_path: Path, own_key: Path, monkeypatch: pytest.MonkeyPatch) -> Example:
    """Write the small project, judged by the small standard in the place of the default one."""
    from roadworthy.standard import load

    written = write_example(tmp_path)
    monkeypatch.setattr(load, "DEFAULT", written.standard)
    return written


@pytest.fixture
def command(example: Example, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run commands on the small project, as a user does."""
    return Command(example, capsys, monkeypatch)
