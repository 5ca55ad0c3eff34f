"""What runs on a worker: bind the suite from the project's files, ask, and report."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import RoadworthyError
from roadworthy.core.version import VERSION
from roadworthy.declare.load import load_system
from roadworthy.evaluate import loop
from roadworthy.evaluate.budget import Budget
from roadworthy.evaluate.caller import Caller
from roadworthy.evaluate.on_ray.keeper import SharedPace
from roadworthy.evaluate.on_ray.shard import Asked, Job, Outcome, Report, unpack
from roadworthy.evaluate.plan import bind
from roadworthy.evaluate.suite import read_suite


def ask_shard(job: bytes, questions: bytes, keeper: Any) -> bytes:
    """Ask the questions of a shard; whatever goes wrong comes back as a report, without secrets."""
    try:
        shard = _Shard(msgspec.json.decode(job, type=Job), unpack(questions), keeper)
        loop.run(shard.run())
        report = shard.report
    except RoadworthyError as error:
        report = Report(refused=error.problem, remedy=error.remedy)
    except Exception as error:
        # Its text may hold what the environment holds; the kind of error says enough to look on the worker.
        report = Report(refused=f"{type(error).__name__} while the worker got ready")
    return msgspec.json.encode(report)


class _Shard:
    """The questions of one task, asked in this process."""

    def __init__(self, job: Job, asked: list[Asked], keeper: Any) -> None:
        if job.version != VERSION:
            raise RoadworthyError(
                f"the worker has Roadworthy {VERSION}, the driver {job.version}",
                remedy="Install the same version on every node.",
            )
        suite = read_suite(Path(job.suite))
        target = bind(suite, load_system(Path()), Path()).asked
        if target is None or sha256_json(target.identity) != job.identity:
            raise RoadworthyError(
                "the worker would ask somebody else than the driver",
                remedy="Set the same environment on every node; functions must come from files below the project.",
            )
        limits = suite.limits.model_copy(
            update={
                "concurrency": job.concurrency,
                "max_calls": job.most_calls,
                "max_tokens": None,
                "max_cost": None,
            }
        )
        self._caller = Caller(target, limits, Budget(limits), suite.seed)
        limited = limits.requests_per_second is not None or limits.tokens_per_minute is not None
        self._pace = SharedPace(keeper, limited=limited)
        self._caller.gate.pace = self._pace
        self._open = deque(enumerate(asked))
        self._outcomes: list[Outcome | None] = [None] * len(asked)

    @property
    def report(self) -> Report:
        """Return what became of each question."""
        return Report(self._outcomes, self._caller.budget.usage.calls)

    async def run(self) -> None:
        """Ask until nothing is left, or no further call may go."""
        target, width = self._caller.target, self._caller.limits.concurrency
        listening = asyncio.create_task(self._pace.listen())
        await target.open(width)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(width, len(self._open))):
                    group.create_task(self._work())
        finally:
            await target.close()
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    async def _work(self) -> None:
        caller = self._caller
        while self._open and not caller.over:
            if self._pace.halted:
                caller.stopped = "the run is over"
                return
            at, asked = self._open.popleft()
            tried = await caller.call(asked.name, msgspec.json.decode(asked.request))
            if tried is None:
                return
            error = tried.error
            caller.budget.answered(usable=error is None)
            self._outcomes[at] = Outcome(
                tried.attempts,
                tried.reply,
                caller.target.redact(error.problem) if error else None,
                error.recorded if error else {},
            )
