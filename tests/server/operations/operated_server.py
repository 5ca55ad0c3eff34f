"""Real servers in processes of their own, and databases of their own for them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

HERE = Path(__file__).parent
IMPATIENT = HERE / "impatient_server.py"
COMMAND = (sys.executable, "-c", "from roadworthy.cli.main import main; main()")
"""How the command line is called without being installed."""
POSTGRES = os.environ.get("ROADWORTHY_TEST_DATABASE_URL", "")
PATIENCE = 90.0
"""Seconds until something that must happen is taken not to happen; a loaded machine is slow."""


def clean_environment(**more: str) -> dict[str, str]:
    """Return the environment without any setting of the server, and with some."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("ROADWORTHY_") and name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    }
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", **more}


@contextmanager
def fresh_database() -> Iterator[dict[str, str]]:
    """Give the setting of a database that is empty: on the PostgreSQL server of the tests, else SQLite's default."""
    if not POSTGRES:
        yield {}
        return
    name = f"roadworthy_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    try:
        yield {"DATABASE_URL": urlsplit(POSTGRES)._replace(path=f"/{name}").geturl()}
    finally:
        with psycopg.connect(POSTGRES, autocommit=True) as server:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def eventually(found: Callable[[], object], what: str) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not found():
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    """List the processes that one started."""
    listed = Path(f"/proc/{pid}/task")
    tasks = [task / "children" for task in listed.iterdir()] if listed.is_dir() else []
    return [int(child) for task in tasks for child in task.read_text().split()]


def lives(pid: int) -> bool:
    """Tell whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def command_of(pid: int) -> str:
    """Return how a process was called."""
    return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")


@dataclass
class Running:
    """A server that was started; what it says goes to a file."""

    environment: dict[str, str]
    log: Path
    program: tuple[str, ...] = (*COMMAND, "serve")
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        with self.log.open("wb") as stream:
            self.process = subprocess.Popen(
                self.program, env=self.environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=subprocess.STDOUT
            )

    @property
    def said(self) -> str:
        return self.log.read_text(encoding="utf-8")

    @property
    def url(self) -> str:
        """Wait until it greets, and return its address."""
        eventually(lambda: "Press Ctrl-C" in self.said or self.process.poll() is not None, "the greeting")
        found = re.search(r"Roadworthy is at (\S+)", self.said)
        assert found, self.said
        return found[1]

    @property
    def link(self) -> str:
        """Return the path of the one-time link, empty where none was printed."""
        found = re.search(rf"{re.escape(self.url)}(/set-up/\S+)", self.said)
        return found[1] if found else ""

    def get(self, path: str) -> tuple[int, str]:
        """Ask for a page."""
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def worker(self) -> int:
        """Wait for the worker and return its process."""
        found: list[int] = []

        def look() -> bool:
            found[:] = [pid for pid in children(self.process.pid) if f" {self.process.pid}" in command_of(pid)]
            return bool(found)

        eventually(look, "a worker")
        return found[0]

    def answering(self) -> list[int]:
        """Return the processes that answer requests."""
        return [pid for pid in children(self.process.pid) if command_of(pid) == command_of(self.process.pid)]

    def kill(self) -> None:
        """End the server as a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self, sign: int = signal.SIGTERM) -> int:
        """End the server as an operator does, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(PATIENCE)
