"""How fast a service is asked: one gate for everything in this process that uses the same address with the same key."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from time import monotonic
from weakref import WeakValueDictionary

from roadworthy.evaluate.level import Level
from roadworthy.evaluate.limits import Limits

_SECONDS_PER_MINUTE = 60.0


class Pace:
    """When the next call may go: so many a second, so many tokens a minute, and not while the service wants a pause.

    What a call will take in tokens is known only afterwards; until then it counts as the mean of those before.
    """

    def __init__(self) -> None:
        self.requests_per_second: float | None = None
        self.tokens_per_minute: float | None = None
        self._paused_until = 0.0
        self._next_request = 0.0
        self._next_tokens = 0.0
        self._tokens, self._answers = 0, 0

    @property
    def _expected(self) -> float:
        return self._tokens / self._answers if self._answers else 0.0

    async def turn(self) -> None:
        """Wait until the next call may go."""
        while True:
            if self.paused_for > 0:
                await asyncio.sleep(self.paused_for)
                continue
            wait = self.book()
            if wait <= 0:
                return
            await asyncio.sleep(wait)
            if self.paused_for <= 0:
                return

    @property
    def paused_for(self) -> float:
        """Return for how many seconds every call is held back, 0 or less when none is."""
        return self._paused_until - monotonic()

    def book(self) -> float:
        """Take the next free moment and return in how many seconds it is."""
        now = start = monotonic()
        if self.requests_per_second is not None:
            start = max(start, self._next_request)
        if self.tokens_per_minute is not None:
            start = max(start, self._next_tokens)
            self._next_tokens = start + self._expected * _SECONDS_PER_MINUTE / self.tokens_per_minute
        if self.requests_per_second is not None:
            self._next_request = start + 1.0 / self.requests_per_second
        return start - now

    def took(self, tokens: int) -> None:
        """Count the tokens of one answer."""
        if self.tokens_per_minute is not None:
            self._next_tokens += (tokens - self._expected) * _SECONDS_PER_MINUTE / self.tokens_per_minute
            self._tokens += tokens
            self._answers += 1

    def pause(self, seconds: float) -> None:
        """Hold back every call for so long."""
        self._paused_until = max(self._paused_until, monotonic() + seconds)


class Gate:
    """Lets calls to one service through, in the order in which they came."""

    def __init__(self, most: int) -> None:
        self.level = Level(most)
        self.pace = Pace()
        self._inside = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    def tighten(self, limits: Limits) -> None:
        """Keep these limits too; the stricter ones hold."""
        self.level.limit(limits.concurrency)
        pace = self.pace
        pace.requests_per_second = _least(pace.requests_per_second, limits.requests_per_second)
        pace.tokens_per_minute = _least(pace.tokens_per_minute, limits.tokens_per_minute)

    async def enter(self) -> None:
        """Wait until a call may go. Every call that enters must leave."""
        if self._inside >= self.level.now:
            await self._stand_in_line()
        else:
            self._inside += 1
        try:
            await self.pace.turn()
        except BaseException:
            self.leave()
            raise

    async def _stand_in_line(self) -> None:
        place = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self.leave()
            raise

    def leave(self) -> None:
        """Make room for the next calls."""
        self._inside -= 1
        while self._waiting and self._inside < self.level.now:
            place = self._waiting.popleft()
            if not place.done():
                self._inside += 1
                place.set_result(None)

    def answered(self, seconds: float, tokens: int) -> None:
        """Take note of an answer."""
        self.level.answered(seconds, wanted=bool(self._waiting))
        self.pace.took(tokens)


_gates: WeakValueDictionary[str, Gate] = WeakValueDictionary()


def gate_of(service: str, limits: Limits) -> Gate:
    """Return the gate of a service, shared by all who hold it at this time."""
    gate = _gates.get(service)
    if gate is None:
        gate = _gates[service] = Gate(limits.concurrency)
    gate.tighten(limits)
    return gate


def _least(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def backoff(limits: Limits, attempt: int, dice: random.Random) -> float:
    """Return the wait after failed call number `attempt` (from 1): doubled each time, between half and the whole."""
    longest = min(limits.max_wait_seconds, limits.backoff_seconds * 2.0 ** (attempt - 1))
    return longest * (0.5 + 0.5 * dice.random())
