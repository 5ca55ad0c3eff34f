"""A Python function as the system under test."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec

from roadworthy.core.errors import Place
from roadworthy.core.model import FileModel
from roadworthy.evaluate.callables import load_function, source_digest
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.prompt import Prompt
from roadworthy.evaluate.reply import Reply, TargetError
from roadworthy.evaluate.template import as_text


class PythonTarget(FileModel):
    """A function of one argument, the request; plain or async."""

    kind: Literal["python"]
    function: str
    """module:function, or file.py:function beside the suite."""


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    """What a function may return instead of a text."""

    text: str
    model: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    finish: str | None = None
    scores: dict[str, float | None] = {}


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


def read_answer(answer: Any) -> Reply:
    """Read what a function returned: a text, a number, or a mapping with `text`. Raises TargetError else."""
    if isinstance(answer, Mapping):
        try:
            known = msgspec.convert(dict(answer), _Answer)
        except msgspec.ValidationError as error:
            raise TargetError(f"the function returned a mapping that is not an answer: {error}") from error
        return Reply(
            text=known.text,
            model=known.model,
            finish=known.finish,
            tokens_in=known.tokens_in,
            tokens_out=known.tokens_out,
            recorded=known.scores,
        )
    if isinstance(answer, str | bool | int | float):
        return Reply(text=as_text(answer))
    raise TargetError(f"the function returned {type(answer).__name__}, not a text or a mapping with 'text'")
