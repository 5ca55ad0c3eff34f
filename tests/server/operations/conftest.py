"""What the tests of operations share: an environment for a server, and servers that are ended with the test."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from operated_server import COMMAND, Running, children, clean_environment, fresh_database


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Give the environment of a server with a data directory and a database of its own."""
    with fresh_database() as database:
        yield clean_environment(ROADWORTHY_DATA=str(tmp_path / "data"), ROADWORTHY_PORT="0", **database)


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Give what starts a server: with further settings, or as another program."""
    started: list[Running] = []

    def begin(*program: str, **settings: str) -> Running:
        log = tmp_path / f"server-{len(started)}.log"
        running = Running({**environment, **settings}, log, program or (*COMMAND, "serve"))
        started.append(running)
        return running

    yield begin
    for running in started:
        found = children(running.process.pid)
        running.process.kill()
        running.process.wait()
        for pid in found:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
