"""A program as the system under test: one JSON line in, an answer out, one process for each sample."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

import msgspec
from pydantic import Field

from roadworthy.core.digests import sha256_file
from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.environment import variable
from roadworthy.evaluate.reply import Reply, TargetError
from roadworthy.evaluate.targets.answer import read_answer
from roadworthy.evaluate.targets.compression import MAX_BODY_BYTES
from roadworthy.evaluate.targets.spec import AskedTarget, Given
from roadworthy.evaluate.targets.wire import Wire, parse_json

_ALWAYS = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
_TAIL = 2000
_SHOWN = 200
_CHUNK = 65_536
_LEFT_SECONDS = 1.0
"""What a killed program left is read for so long, should something that it started hold on to the pipe."""


class CommandTarget(AskedTarget):
    """A program that reads one line of JSON and prints an answer; it is started directly, never by a shell."""

    kind: Literal["command"]
    command: list[str] = Field(min_length=1)
    """The program and its arguments; it runs in the folder of the suite."""
    output: Literal["json", "text"] = "json"
    """What it prints: a JSON text or object as a Python target returns it, or the answer itself."""
    env: list[str] = []
    """Environment variables that it sees beside PATH, HOME, LANG, LC_ALL, TMPDIR and TZ; their values are secrets."""
    gives_scores: ClassVar[bool] = True

    @property
    def columns(self) -> None:
        """Read all: the program gets the whole row."""
        return None

    @property
    def reports_tools(self) -> bool:
        """Leave it to the program, which may print `tool_calls` or `messages`."""
        return self.output == "json"

    def problems(self, folder: Path, place: Place) -> list[InputError]:
        """Name the program that is not there."""
        if program(self.command[0], folder) is not None:
            return []
        remedy = "Write the name of a program on the PATH, or a path that starts at the folder of the suite."
        return [InputError(f"there is no program {self.command[0]!r}", place=place, remedy=remedy)]

    def bind(self, given: Given) -> Command:
        """Get ready to ask."""
        return Command(self, given)


@dataclass
class Command:
    """The target, ready to be asked. The line has `id`, `epoch`, `fields` and, with a prompt, `messages`."""

    spec: CommandTarget
    given: Given
    _environment: dict[str, str] = field(init=False, repr=False)
    _program: str = field(init=False)
    _wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        for problem in self.spec.problems(self.given.folder, self.given.place or Place(self.given.folder)):
            raise problem
        own = {name: variable(name, self.given.place) for name in self.spec.env}
        self._environment = {name: os.environ[name] for name in _ALWAYS if name in os.environ} | own
        self._program = program(self.spec.command[0], self.given.folder) or ""
        self._wire = Wire(frozenset(own.values()))

    @property
    def identity(self) -> dict[str, Any]:
        """Return the command, and the digests of those of its words that are files beside the suite."""
        files = {word: sha256_file(path) for word in self.spec.command if (path := self.given.folder / word).is_file()}
        return {**self.spec.model_dump(mode="json"), "files": files}

    @property
    def service(self) -> str:
        """Name the command."""
        return f"command {self.spec.command} {self.given.folder}"

    def request(self, case: Case, epoch: int) -> dict[str, Any]:
        """Build the line that the program reads."""
        request: dict[str, Any] = {"id": case.id, "epoch": epoch, "fields": case.fields}
        if self.given.prompt.messages:
            request["messages"] = self.given.prompt.render(case.fields)
        return request

    async def open(self, concurrency: int) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    def redact(self, text: str) -> str:
        """Take the values of `env` out of a text."""
        return self._wire.redact(text)

    async def ask(self, request: dict[str, Any]) -> Reply:
        """Run the program once. Whatever happens, nothing that it started is left running."""
        printed = await self._run(msgspec.json.encode(request) + b"\n")
        if self.spec.output == "json":
            return read_answer(parse_json(printed), "the program")
        try:
            return Reply(text=printed.decode("utf-8").removesuffix("\n"))
        except UnicodeDecodeError as error:
            raise TargetError("the program printed bytes that are not UTF-8 text") from error

    async def _run(self, line: bytes) -> bytes:
        try:
            process = await asyncio.create_subprocess_exec(
                self._program,
                *self.spec.command[1:],
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=self.given.folder,
                env=self._environment,
                start_new_session=True,
            )
        except OSError as error:
            raise TargetError(f"the program cannot be started: {error}") from error
        reading, tail = asyncio.create_task(_read(process)), asyncio.create_task(_tail(process))
        writing = asyncio.create_task(_write(process, line))
        try:
            printed, complaint, _ = await asyncio.gather(reading, tail, writing)
            code = await process.wait()
        finally:
            _end(process)
            await asyncio.wait((reading, tail, writing))
            await _drain(process)
            await process.wait()
        if code:
            said = self.redact(" ".join(complaint.decode("utf-8", "replace").split())[-_SHOWN:])
            raise TargetError(f"the program ended with {code}: {said or 'it said nothing'}")
        return printed


def program(word: str, folder: Path) -> str | None:
    """Find a program: by a path that starts at `folder`, or by its name on the PATH."""
    return shutil.which(str(folder / word) if "/" in word else word)


async def _write(process: asyncio.subprocess.Process, line: bytes) -> None:
    assert process.stdin is not None
    # A program that does not read its input has closed the pipe (uvloop: RuntimeError); what it prints still counts.
    with suppress(BrokenPipeError, ConnectionResetError, RuntimeError):
        process.stdin.write(line)
        await process.stdin.drain()
    process.stdin.close()


async def _read(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    parts: list[bytes] = []
    size = 0
    while chunk := await process.stdout.read(_CHUNK):
        size += len(chunk)
        if size > MAX_BODY_BYTES:
            raise TargetError(f"the program printed more than {MAX_BODY_BYTES:,} bytes")
        parts.append(chunk)
    return b"".join(parts)


async def _tail(process: asyncio.subprocess.Process) -> bytes:
    assert process.stderr is not None
    said = b""
    while chunk := await process.stderr.read(_CHUNK):
        said = (said + chunk)[-_TAIL:]
    return said


async def _drain(process: asyncio.subprocess.Process) -> None:
    """Read what a killed program left in its pipes, so that they close."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LEFT_SECONDS):
            for pipe in (process.stdout, process.stderr):
                while pipe is not None and await pipe.read(_CHUNK):
                    pass


def _end(process: asyncio.subprocess.Process) -> None:
    """Kill the program and everything that it started in its own session."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
