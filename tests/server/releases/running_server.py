"""A real server in a process of its own, which can be killed and started again on the same data."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

HERE = Path(__file__).parent
SERVE = "from roadworthy.server.serve import run; run(lambda text: None, worker=False)"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def database(name: str) -> Iterator[str]:
    """Give the address of an empty database of its own: PostgreSQL where the tests run on it, else SQLite."""
    base = os.environ.get("ROADWORTHY_TEST_DATABASE_URL", "")
    if not base:
        yield ""
        return
    url = base.rpartition("/")[0] + f"/{name}"
    with psycopg.connect(base, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield url
    finally:
        with psycopg.connect(base, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@dataclass
class Running:
    """A server with its data; `script` runs something else on the same data."""

    data: Path
    database_url: str
    extra: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "ROADWORTHY_DATA": str(self.data),
            "DATABASE_URL": self.database_url,
            "ROADWORTHY_PORT": str(self.port),
            "ROADWORTHY_BASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "roadworthy.server.settings",
            **self.extra,
        }

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def script(self, name: str, *arguments: object, check: bool = True, seconds: int = 120) -> Any:
        """Run a script of this directory on the data, and return what it prints as JSON."""
        words = [sys.executable, str(HERE / name), *map(str, arguments)]
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=seconds, check=False)
        assert not check or done.returncode == 0, done.stderr
        return json.loads(done.stdout) if check else done.returncode

    def start(self) -> None:
        """Start and wait until it is ready."""
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE], env=self.environment, start_new_session=True, stderr=subprocess.DEVNULL
        )
        end = time.monotonic() + 60
        while time.monotonic() < end:
            assert self.process.poll() is None, "the server ended"
            with (
                contextlib.suppress(OSError, http.client.HTTPException),
                contextlib.closing(self.connection()) as connection,
            ):
                connection.request("GET", "/readyz")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.1)
        raise AssertionError("the server is not ready")

    def kill(self) -> None:
        """End it as a power cut would."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def memory(self) -> int:
        """Return the most bytes that any of its processes ever held."""
        assert self.process is not None
        peaks = [0]
        for status in Path("/proc").glob("[0-9]*/status"):
            with contextlib.suppress(OSError, ProcessLookupError):
                if os.getpgid(int(status.parent.name)) == self.process.pid:
                    peaks += [int(line.split()[1]) for line in status.read_text().splitlines() if "VmHWM" in line]
        return max(peaks) * 1024

    def connection(self) -> http.client.HTTPConnection:
        parts = urlsplit(self.url)
        return http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=60)
