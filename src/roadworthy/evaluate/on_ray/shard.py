"""What travels between the driver and a worker: questions one way, what became of them the other."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from roadworthy.evaluate.caller import Answered, Question
from roadworthy.evaluate.reply import Reply, TargetError


class Job(msgspec.Struct, frozen=True):
    """What a worker must know of the run. Keys and passwords are not in it: they come from the worker's environment."""

    suite: str
    """Path of the suite below the project."""
    version: str
    """Of Roadworthy, on the driver."""
    identity: str
    """SHA-256 of who is asked, as the driver sees it; a worker that sees somebody else asks nobody."""
    concurrency: int
    """Calls at the same time, of this worker."""
    most_calls: int | None
    """Calls that this shard may make, retries included."""


class Asked(msgspec.Struct, frozen=True):
    """One question as a worker needs it."""

    name: str
    request: msgspec.Raw


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What became of one question."""

    attempts: int
    reply: Reply | None = None
    problem: str | None = None
    recorded: dict[str, float | None] = {}


class Report(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of a shard."""

    outcomes: list[Outcome | None] = []
    """In the order of the questions; null where none was asked, because the worker was told to stop."""
    calls: int = 0
    refused: str | None = None
    """Why the worker could not begin."""
    remedy: str | None = None


def pack(questions: Sequence[Question]) -> bytes:
    """Write questions for a worker."""
    encode = msgspec.json.encode
    return encode([Asked(q.name, msgspec.Raw(encode(q.request))) for q in questions])


def unpack(data: bytes) -> list[Asked]:
    """Read questions on a worker."""
    return msgspec.json.decode(data, type=list[Asked])


def answers(questions: Sequence[Question], report: Report) -> tuple[list[Answered], list[Question]]:
    """Pair a report with its questions: those that are answered, and those that are still open."""
    answered, left = [], []
    for question, outcome in zip(questions, report.outcomes, strict=True):
        if outcome is None:
            left.append(question)
            continue
        error = TargetError(outcome.problem, recorded=outcome.recorded) if outcome.problem is not None else None
        answered.append(Answered(question, outcome.reply, outcome.attempts, error))
    return answered, left
