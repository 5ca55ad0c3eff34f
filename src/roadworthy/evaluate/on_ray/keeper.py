"""One actor that all workers of a run ask: when the next call may go, and whether any may."""

from __future__ import annotations

import asyncio
from typing import Any

from roadworthy.evaluate.pace import Pace

_NEWS_EVERY = 0.2
"""Seconds between two looks of a worker at pauses and at the end of the run."""


class Keeper:
    """Keeps the pace of one service for all workers; lives in a process of its own on the driver's node."""

    def __init__(self, requests_per_second: float | None, tokens_per_minute: float | None) -> None:
        self._pace = Pace()
        self._pace.requests_per_second = requests_per_second
        self._pace.tokens_per_minute = tokens_per_minute
        self._halted = False

    def turn(self) -> tuple[bool, float]:
        """Return whether a call may go, and in how many seconds; else ask again after them."""
        paused = self._pace.paused_for
        return (False, paused) if paused > 0 else (True, self._pace.book())

    def took(self, tokens: int) -> None:
        """Count the tokens of one answer."""
        self._pace.took(tokens)

    def pause(self, seconds: float) -> None:
        """Hold back every call of every worker for so long."""
        self._pace.pause(seconds)

    def halt(self) -> None:
        """Let no further call go: the budget is used up, or the question is settled."""
        self._halted = True

    def news(self) -> tuple[float, bool]:
        """Return for how many seconds calls are held back, and whether the run is over."""
        return self._pace.paused_for, self._halted


class SharedPace(Pace):
    """The pace of a worker, kept together with all others."""

    def __init__(self, keeper: Any, *, limited: bool) -> None:
        super().__init__()
        self._keeper = keeper
        self._limited = limited
        self.halted = False

    async def turn(self) -> None:
        """Wait until the next call may go; without limits only pauses are shared, which costs no message a call."""
        if not self._limited:
            await super().turn()
            return
        while True:
            go, wait = await self._keeper.turn.remote()
            if wait > 0:
                await asyncio.sleep(wait)
            if go and self.paused_for <= 0:
                return

    def took(self, tokens: int) -> None:
        """Count the tokens of one answer."""
        if self._limited:
            self._keeper.took.remote(tokens)

    def pause(self, seconds: float) -> None:
        """Hold back every call of every worker for so long."""
        super().pause(seconds)
        self._keeper.pause.remote(seconds)

    async def listen(self) -> None:
        """Hear of the pauses of others and of the end, until cancelled."""
        while True:
            paused, self.halted = await self._keeper.news.remote()
            if paused > 0:
                super().pause(paused)
            await asyncio.sleep(_NEWS_EVERY)
