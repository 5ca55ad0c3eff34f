"""How fast a target is asked, how long a failed call waits, and when the budget is used up."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field

from roadworthy.evaluate.limits import Limits


@dataclass
class Usage:
    """What a run has taken so far."""

    calls: int = 0
    cached: int = 0
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None

    def add(self, tokens_in: int | None, tokens_out: int | None, cost: float | None) -> None:
        """Count one answer; what is unknown stays unknown."""
        self.tokens_in = _sum(self.tokens_in, tokens_in)
        self.tokens_out = _sum(self.tokens_out, tokens_out)
        if cost is not None:
            self.cost = (self.cost or 0.0) + cost


def _sum(so_far: int | None, more: int | None) -> int | None:
    return so_far if more is None else (so_far or 0) + more


@dataclass
class Pace:
    """Let calls go at the agreed rate, and hold all of them back while the server asks for a pause."""

    limits: Limits
    _next: float = 0.0
    _paused_until: float = 0.0

    async def turn(self) -> None:
        """Wait until the next call may go."""
        loop = asyncio.get_running_loop()
        while True:
            now = loop.time()
            if now < self._paused_until:
                await asyncio.sleep(self._paused_until - now)
                continue
            if self.limits.requests_per_second is None:
                return
            start = max(now, self._next)
            self._next = start + 1.0 / self.limits.requests_per_second
            if start > now:
                await asyncio.sleep(start - now)
            if loop.time() >= self._paused_until:
                return

    def pause(self, seconds: float) -> None:
        """Hold back every call for so long."""
        loop = asyncio.get_running_loop()
        self._paused_until = max(self._paused_until, loop.time() + seconds)


def backoff(limits: Limits, attempt: int, dice: random.Random) -> float:
    """Return the wait after failed call number `attempt` (from 1): doubled each time, between half and the whole."""
    longest = min(limits.max_wait_seconds, limits.backoff_seconds * 2.0 ** (attempt - 1))
    return longest * (0.5 + 0.5 * dice.random())


@dataclass
class Budget:
    """Say when a run must stop."""

    limits: Limits
    usage: Usage = field(default_factory=Usage)
    failures_in_a_row: int = 0

    def used_up(self) -> str | None:
        """Return why no further call may be made, None while one may."""
        limits, usage = self.limits, self.usage
        if limits.max_calls is not None and usage.calls >= limits.max_calls:
            return f"the budget of {limits.max_calls:,} calls is used up"
        tokens = (usage.tokens_in or 0) + (usage.tokens_out or 0)
        if limits.max_tokens is not None and tokens >= limits.max_tokens:
            return f"the budget of {limits.max_tokens:,} tokens is used up"
        if limits.max_cost is not None and (usage.cost or 0.0) >= limits.max_cost:
            return f"the budget of {limits.max_cost:g} in cost is used up"
        return self.used_up_by_failures()

    def used_up_by_failures(self) -> str | None:
        """Return that the target seems to be down, after enough samples in a row without a usable answer."""
        if self.failures_in_a_row < self.limits.give_up_after:
            return None
        return f"{self.failures_in_a_row:,} samples in a row got no usable answer from the target"
