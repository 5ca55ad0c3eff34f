"""Run the console sessions of a page as a reader would, and compare the lines that it shows."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from documentation import Block, blocks

LEFT_OUT = "..."
PORT = "8000"
"""The port that the pages write; a free one takes its place."""


@dataclass(frozen=True)
class Step:
    """A command and the lines that the page shows below it."""

    command: str
    expected: tuple[str, ...]


def steps(block: Block) -> list[Step]:
    """Split a console block into its commands."""
    parts = re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]
    return [Step(part.splitlines()[0], tuple(part.splitlines()[1:])) for part in parts]


def free_port() -> str:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def comparable(line: str) -> str:
    """Take out of a line what differs from run to run: digests, times, frames, spaces."""
    line = re.sub(r"[0-9a-f]{12,64}", "#", line)
    line = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "#", line)
    return " ".join(line.replace("│", " ").split())


def missing(expected: tuple[str, ...], output: str) -> list[str]:
    """List the expected lines that do not follow each other in `output`; `...` stands for any lines or any rest."""
    lines = iter([comparable(line) for line in output.splitlines()])
    wanted = [comparable(line) for line in expected if line.strip() not in {"", LEFT_OUT}]
    return [line for line in wanted if not any(_same(line, found) for found in lines)]


def _same(wanted: str, found: str) -> bool:
    return found.startswith(wanted.removesuffix(LEFT_OUT)) if wanted.endswith(LEFT_OUT) else found == wanted


@dataclass
class Session:
    """A shell in a directory of its own, with its own keys."""

    directory: Path
    keys: Path
    port: str = field(default_factory=free_port)
    last_code: int = 0
    servers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def save(self, block: Block) -> None:
        """Save a block that names its file."""
        path = self.directory / block.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._own(block.text), encoding="utf-8")

    def run(self, step: Step) -> list[str]:
        """Run one command; return what its output lacks."""
        command = self._own(step.command)
        if command.endswith("server.py"):
            self._serve(command)
            return []
        script = f"(exit {self.last_code}); {command}"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self.directory,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.last_code = done.returncode
        lacking = missing(tuple(self._own(line) for line in step.expected), done.stdout)
        return [f"$ {command}", f"does not show: {lacking}", done.stdout] if lacking else []

    def _serve(self, command: str) -> None:
        self.servers.append(subprocess.Popen(command.split(), cwd=self.directory, env=self._environment()))
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", int(self.port))) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError(f"{command} does not answer")

    def _own(self, text: str) -> str:
        return text.replace(PORT, self.port)

    def _environment(self) -> dict[str, str]:
        programs = Path(sys.executable).parent
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ROADWORTHY_")}
        path = f"{programs}{os.pathsep}{os.environ['PATH']}"
        return {
            **kept,
            "PATH": path,
            "ROADWORTHY_HOME": str(self.keys),
            "NO_COLOR": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
        }


@contextmanager
def opened(directory: Path, keys: Path) -> Iterator[Session]:
    """Open a session and stop at the end what it started."""
    session = Session(directory, keys)
    try:
        yield session
    finally:
        for server in session.servers:
            server.terminate()
            server.wait(10)


def play(page: Path, session: Session, prefix: str = "") -> tuple[int, list[str]]:
    """Run the commands of a page that begin with `prefix`; return how many ran, and what went wrong first."""
    ran = 0
    for block in blocks(page):
        if block.file:
            session.save(block)
        if block.language != "console":
            continue
        for step in steps(block):
            if step.command.startswith(prefix):
                ran += 1
                problem = session.run(step)
                if problem:
                    return ran, problem
    return ran, []
