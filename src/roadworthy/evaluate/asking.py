"""Ask a target about every case that is not recorded yet: a pool of workers with retry, pace, budget and cache."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic

import msgspec

from roadworthy.core.clock import now
from roadworthy.core.errors import RoadworthyError
from roadworthy.evaluate.cache import Cache, CacheKey
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.judging import errored, judge
from roadworthy.evaluate.limits import Limits, Prices
from roadworthy.evaluate.pace import Budget, Pace, backoff
from roadworthy.evaluate.record_book import RecordBook
from roadworthy.evaluate.reply import Reply, TargetError
from roadworthy.evaluate.row import Row, SampleStatus
from roadworthy.evaluate.scorers.scorer import Score
from roadworthy.evaluate.targets.target import Asked

Work = tuple[Case, int]
"""A case and an epoch."""


class _Stop(Exception):
    """No further call may be made."""


@dataclass
class _Failed(Exception):
    """A sample whose calls all failed."""

    error: TargetError
    attempts: int


@dataclass
class Asking:
    """One invocation of a run against a live target."""

    target: Asked
    scores: dict[str, Score]
    limits: Limits
    prices: Prices | None
    book: RecordBook
    budget: Budget
    cache: Cache | None
    fingerprint: str
    seed: int
    not_before: int = 0
    """Cached answers from before, in seconds since 1970, are not taken."""
    recorded: Callable[[Row], None] = lambda _row: None
    """Called after each row."""
    stopped: str | None = field(default=None, init=False)
    """Why the run ended before its end."""

    def __post_init__(self) -> None:
        self._pace = Pace(self.limits)
        self._key = CacheKey(self.target.identity, self.fingerprint)

    async def run(self, todo: Iterator[Work]) -> None:
        """Ask everything in `todo`. Raises StorageError when rows cannot be kept; what is kept stays."""
        await self.target.open(self.limits.concurrency)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.limits.concurrency):
                    group.create_task(self._work(todo))
        except BaseExceptionGroup as errors:
            raise _first(errors) from None
        finally:
            await self.target.close()

    async def _work(self, todo: Iterator[Work]) -> None:
        for case, epoch in todo:
            try:
                row = await self._sample(case, epoch)
            except _Stop:
                return
            failed = row.status is SampleStatus.ERRORED
            self.budget.failures_in_a_row = self.budget.failures_in_a_row + 1 if failed else 0
            self.book.add(row)
            self.recorded(row)
            self.stopped = self.stopped or self.budget.used_up_by_failures()
            if self.stopped:
                return

    async def _sample(self, case: Case, epoch: int) -> Row:
        request = self.target.request(case, epoch)
        key = self._key(request, epoch)
        sent = msgspec.json.encode(request).decode()
        reply = self.cache.get(key, not_before=self.not_before) if self.cache else None
        if reply is not None:
            self.budget.usage.cached += 1
            # Without this, a long stretch of cached answers would starve the calls in flight.
            await asyncio.sleep(0)
            row = judge(case, epoch, reply, self.scores)
            return msgspec.structs.replace(row, cached=True, request=sent)
        try:
            reply, attempts = await self._ask(request, f"{case.id}:{epoch}")
        except _Failed as failed:
            said = self.target.redact(failed.error.problem)
            row = errored(case, epoch, said, failed.error.recorded)
            asked_at = int(now().timestamp())
            return msgspec.structs.replace(row, attempts=failed.attempts, request=sent, asked_at=asked_at)
        if self.cache:
            self.cache.put(key, reply)
        cost = self.prices.cost(reply.tokens_in, reply.tokens_out) if self.prices else None
        self.budget.usage.add(reply.tokens_in, reply.tokens_out, cost)
        row = judge(case, epoch, reply, self.scores)
        return msgspec.structs.replace(row, attempts=attempts, cost=cost, request=sent)

    async def _ask(self, request: dict[str, object], name: str) -> tuple[Reply, int]:
        """Call until there is an answer or patience ends. Returns the answer and the number of calls."""
        for attempt in range(1, self.limits.retries + 2):
            try:
                return await self._call(request), attempt
            except TargetError as error:
                dice = random.Random(f"{self.seed}:{name}:{attempt}")  # noqa: S311 - jitter, not a secret
                wait = backoff(self.limits, attempt, dice)
                if error.retry_after is not None:
                    wait = max(wait, error.retry_after)
                patient = wait <= self.limits.max_wait_seconds
                if not error.retry or not patient or attempt > self.limits.retries:
                    raise _Failed(error, attempt) from error
                if error.retry_after is not None:
                    self._pace.pause(wait)
                else:
                    await asyncio.sleep(wait)
        raise AssertionError("unreachable: the loop ends by return or raise")

    async def _call(self, request: dict[str, object]) -> Reply:
        await self._pace.turn()
        self.stopped = self.stopped or self.budget.used_up()
        if self.stopped:
            raise _Stop(self.stopped)
        self.budget.usage.calls += 1
        asked_at, start = int(now().timestamp()), monotonic()
        try:
            async with asyncio.timeout(self.limits.timeout_seconds):
                reply = await self.target.ask(request)
        except TimeoutError as error:
            raise TargetError(f"no answer within {self.limits.timeout_seconds:g} s", retry=True) from error
        text = self.target.redact(reply.text.encode("utf-8", "replace").decode("utf-8"))
        return msgspec.structs.replace(reply, text=text, seconds=monotonic() - start, asked_at=asked_at)


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the error that a person must read: one of ours if there is one."""
    flat = list(_flatten(errors))
    return next((error for error in flat if isinstance(error, RoadworthyError)), flat[0])


def _flatten(errors: BaseExceptionGroup[BaseException]) -> Iterator[BaseException]:
    for error in errors.exceptions:
        if isinstance(error, BaseExceptionGroup):
            yield from _flatten(error)
        else:
            yield error
