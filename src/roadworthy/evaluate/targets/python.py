"""A Python function as the system under test."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Literal

from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.callables import load_function, source_digest
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.prompt import Prompt
from roadworthy.evaluate.reply import Reply, TargetError
from roadworthy.evaluate.targets.answer import read_answer
from roadworthy.evaluate.targets.spec import AskedTarget, Given


class PythonTarget(AskedTarget):
    """A function of one argument, the request; plain or async."""

    kind: Literal["python"]
    function: str
    """module:function, or file.py:function beside the suite."""
    gives_scores: ClassVar[bool] = True

    @property
    def columns(self) -> None:
        """Read all: the function gets the whole row."""
        return None

    @property
    def reports_tools(self) -> bool:
        """Leave it to the function, which may return `tool_calls` or `messages`."""
        return True

    def problems(self, folder: Path, place: Place) -> list[InputError]:
        """Name the function that is not there."""
        return missing(self.function, folder, place)

    def bind(self, given: Given) -> PythonFunction:
        """Get ready to ask."""
        return PythonFunction(self, given.prompt, given.folder, given.place)


@dataclass
class PythonFunction:
    """The target, ready to be asked. The request has `id`, `epoch`, `fields` and, with a prompt, `messages`."""

    spec: PythonTarget
    prompt: Prompt
    folder: Path
    place: Place | None = None
    _function: Any = field(init=False)

    def __post_init__(self) -> None:
        self._function = load_function(self.spec.function, self.folder, self.place)

    @property
    def identity(self) -> dict[str, Any]:
        """Return the name of the function and the digest of its file."""
        digest = source_digest(self.spec.function, self.folder)
        return {"kind": "python", "function": self.spec.function, "source": digest}

    @property
    def service(self) -> str:
        """Name the function."""
        return f"python {self.spec.function} {self.folder}"

    def request(self, case: Case, epoch: int) -> dict[str, Any]:
        """Build the argument of the function."""
        request: dict[str, Any] = {"id": case.id, "epoch": epoch, "fields": case.fields}
        if self.prompt.messages:
            request["messages"] = self.prompt.render(case.fields)
        return request

    async def open(self, concurrency: int) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    def redact(self, text: str) -> str:
        """Return the text; there are no secrets here."""
        return text

    async def ask(self, request: dict[str, Any]) -> Reply:
        """Call the function; a plain one runs in a thread. What it raises becomes a TargetError."""
        try:
            if inspect.iscoroutinefunction(self._function):
                answer = await self._function(request)
            else:
                answer = await asyncio.to_thread(self._function, request)
            return read_answer(answer)
        except TargetError:
            raise
        except Exception as error:
            raise TargetError(f"{self.spec.function} raised {type(error).__name__}: {error}"[:400]) from error


def missing(function: str, folder: Path, place: Place) -> list[InputError]:
    """List what keeps a function from being loaded."""
    try:
        load_function(function, folder, place)
    except InputError as error:
        return [error]
    return []
