"""Ask targets about every case that is not recorded yet: a pool of workers that share one loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from itertools import islice

from roadworthy.core.errors import RoadworthyError
from roadworthy.evaluate.caller import Answered, Question
from roadworthy.evaluate.case import Work
from roadworthy.evaluate.lane import Lane
from roadworthy.evaluate.plan import Plan

_BLOCK = 64
"""Cases that are looked up in the cache together."""

Task = tuple[Lane, Work]
"""A case and an epoch, for one target."""


Ask = Callable[[Plan, Lane, Iterator[Work]], None]
"""Asks a lane everything; the lane keeps the record."""


class Asking:
    """One invocation of one or several lanes. Every worker has one sample in hand until it is on disk."""

    def __init__(self, lanes: list[Lane], todo: Iterator[Task]) -> None:
        self._lanes = lanes
        self._todo = todo
        self._open: deque[tuple[Lane, Question]] = deque()
        self._waiting: list[tuple[Lane, Answered]] = []
        self._kept: asyncio.Future[None] | None = None

    async def run(self) -> None:
        """Ask everything. Raises StorageError when rows cannot be kept; what is kept stays."""
        workers = max(lane.caller.limits.concurrency for lane in self._lanes)
        try:
            for lane in self._lanes:
                await lane.caller.target.open(lane.caller.limits.concurrency)
            async with asyncio.TaskGroup() as group:
                for _ in range(workers):
                    group.create_task(self._work())
        except BaseExceptionGroup as errors:
            raise _first(errors) from None
        finally:
            for lane in self._lanes:
                await lane.caller.target.close()

    async def _work(self) -> None:
        while (task := await self._next()) is not None:
            lane, question = task
            answered = await lane.caller.ask(question)
            if answered is not None:
                await self._keep(lane, answered)

    async def _next(self) -> tuple[Lane, Question] | None:
        """Take the next question of a lane that is not over; None at the end of the work."""
        while not all(lane.caller.over for lane in self._lanes):
            if not self._open and not await self._pull():
                return None
            while self._open:
                lane, question = self._open.popleft()
                if not lane.caller.over:
                    return lane, question
        return None

    async def _pull(self) -> bool:
        """Turn the next block of work into questions; cached answers are kept at once. False when there is none."""
        block = list(islice(self._todo, _BLOCK))
        of = {id(lane): iter(lane.questions([w for whose, w in block if whose is lane])) for lane in self._lanes}
        for lane, _ in block:
            found = next(of[id(lane)])
            if isinstance(found, Question):
                self._open.append((lane, found))
            else:
                self._waiting.append((lane, found))
        if self._waiting:
            await self._written()
        return bool(block)

    async def _keep(self, lane: Lane, answered: Answered) -> None:
        self._waiting.append((lane, answered))
        await self._written()

    async def _written(self) -> None:
        """Wait until everything that has come in is on disk: all answers of one turn of the loop together."""
        if self._kept is None:
            loop = asyncio.get_running_loop()
            self._kept = loop.create_future()
            loop.call_soon(self._write)
        await self._kept

    def _write(self) -> None:
        kept, self._kept = self._kept, None
        batch, self._waiting = self._waiting, []
        assert kept is not None
        try:
            for lane in self._lanes:
                if own := [answered for whose, answered in batch if whose is lane]:
                    lane.settle(own)
        except Exception as error:
            kept.set_exception(error)
        else:
            kept.set_result(None)


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
