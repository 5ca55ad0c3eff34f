"""Calls to one target: in turn, made again where that may help, and cleared of secrets."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import msgspec

from roadworthy.core.clock import now
from roadworthy.evaluate.budget import Budget
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.limits import Limits
from roadworthy.evaluate.pace import Gate, backoff, gate_of
from roadworthy.evaluate.reply import Reply, TargetError
from roadworthy.evaluate.targets.target import Asked
from roadworthy.evaluate.tool_call import ToolCall

_TEXTS = ("text", "model", "finish", "response_id", "system_fingerprint")


@dataclass(frozen=True, slots=True)
class Question:
    """A case in an epoch, as it is put to the target."""

    case: Case
    epoch: int
    request: dict[str, object]
    sent: str
    """The request as JSON."""
    key: bytes
    """Under which the answer is cached."""

    @property
    def name(self) -> str:
        """Return what tells it apart from every other question of the run."""
        return f"{self.case.id}:{self.epoch}"


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of a question; there is either a reply or an error."""

    question: Question
    reply: Reply | None
    attempts: int = 0
    """Calls made; 0 when the answer was cached."""
    error: TargetError | None = None


@dataclass(frozen=True, slots=True)
class Tried:
    """What a call, made again where that may help, came to; there is either a reply or an error."""

    reply: Reply | None
    attempts: int
    error: TargetError | None = None


@dataclass
class Caller:
    """One target with its limits, its budget and the gate of its service."""

    target: Asked
    limits: Limits
    budget: Budget
    seed: int
    stopped: str | None = field(default=None, init=False)
    """Why it ended before its end."""
    enough: str | None = field(default=None, init=False)
    """Why no further call is needed."""

    def __post_init__(self) -> None:
        self.gate: Gate = gate_of(self.target.service, self.limits)

    @property
    def over(self) -> bool:
        """Tell whether nothing more is to be asked."""
        return self.stopped is not None or self.enough is not None

    async def ask(self, question: Question) -> Answered | None:
        """Call until there is an answer or patience ends; None when no further call may be made."""
        tried = await self.call(question.name, question.request)
        return None if tried is None else Answered(question, tried.reply, tried.attempts, tried.error)

    async def call(self, name: str, request: dict[str, object]) -> Tried | None:
        """Call until there is an answer or patience ends; `name` seeds the jitter of the waits."""
        limits = self.limits
        for attempt in range(1, limits.retries + 2):
            try:
                reply = await self._call(request)
                return None if reply is None else Tried(reply, attempt)
            except TargetError as error:
                dice = random.Random(f"{self.seed}:{name}:{attempt}")  # noqa: S311 - jitter, not a secret
                wait = max(backoff(limits, attempt, dice), error.retry_after or 0.0)
                patient = wait <= limits.max_wait_seconds
                if not error.retry or not patient or attempt > limits.retries:
                    return Tried(None, attempt, error)
                if error.retry_after is not None:
                    self.gate.pace.pause(wait)
                else:
                    await asyncio.sleep(wait)
        raise AssertionError("unreachable: the loop ends by return")

    async def _call(self, request: dict[str, object]) -> Reply | None:
        gate = self.gate
        await gate.enter()
        started = monotonic()
        try:
            self.stopped = self.stopped or self.budget.used_up()
            if self.over:
                return None
            self.budget.usage.calls += 1
            asked_at = int(now().timestamp())
            async with asyncio.timeout(self.limits.timeout_seconds):
                reply = await self.target.ask(request)
            seconds = monotonic() - started
            gate.answered(seconds, (reply.tokens_in or 0) + (reply.tokens_out or 0))
        except TimeoutError as error:
            gate.level.overloaded(started, monotonic())
            raise TargetError(f"no answer within {self.limits.timeout_seconds:g} s", retry=True) from error
        except TargetError as error:
            if error.overloaded:
                gate.level.overloaded(started, monotonic())
            raise
        finally:
            gate.leave()
        said: dict[str, Any] = {name: self.clean(text) for name in _TEXTS if (text := getattr(reply, name)) is not None}
        if reply.steps:
            said["steps"] = msgspec.convert(self._clean_all(msgspec.to_builtins(reply.steps)), tuple[ToolCall, ...])
        return msgspec.structs.replace(reply, **said, seconds=seconds, asked_at=asked_at)

    def _clean_all(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.clean(str(key)): self._clean_all(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean_all(inner) for inner in value]
        return self.clean(value) if isinstance(value, str) else value

    def clean(self, text: str) -> str:
        """Take out secrets, and halves of surrogate pairs, which no file can hold."""
        return self.target.redact(text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8"))
