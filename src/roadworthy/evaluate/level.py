"""How many calls a service is given at the same time: more while it keeps up, half when it does not."""

from __future__ import annotations

import math
from statistics import median

_START = 8
_HOLDS = 2.0
"""Answers that take up to so many times the best median leave the level free to rise."""
_OWN_NOISE = 0.02
"""Seconds by which answers may be late because of our own work."""
_FORGET = 1.02
"""The best median is let go of so slowly, since later questions may simply take longer."""


class Level:
    """Additive increase, multiplicative decrease (Chiu and Jain 1989), after a slow start (Jacobson 1988).

    A round is as many answers as there may be calls at once. After a round whose median answer was in time the level
    rises: it doubles until the first sign of strain, then it goes up by one. After a slow round it falls in proportion.
    On refusal or silence it halves, once for all calls that were on their way by then.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.now = min(_START, most)
        self._doubling = True
        self._best = math.inf
        self._round: list[float] = []
        self._halved_at = -math.inf

    def limit(self, most: int) -> None:
        """Lower the ceiling."""
        self.most = min(self.most, most)
        self.now = min(self.now, self.most)

    def answered(self, seconds: float, *, wanted: bool) -> None:
        """Take the time of one answer. `wanted` tells whether calls are waiting for a higher level."""
        self._round.append(seconds)
        if len(self._round) < self.now:
            return
        typical, self._round = median(self._round), []
        self._best = min(typical, self._best * _FORGET)
        strain = typical / max(_HOLDS * self._best, self._best + _OWN_NOISE)
        if strain > 1.0:
            self._doubling = False
            self.now = max(1, int(self.now / min(strain, 2.0)))
        elif wanted:
            self.now = min(self.most, self.now * 2 if self._doubling else self.now + 1)

    def overloaded(self, started: float, at: float) -> None:
        """Take a refusal or a silence: a call that started at `started` and failed at `at`, in seconds of one clock."""
        if started < self._halved_at:
            return
        self._doubling, self._round, self._halved_at = False, [], at
        self.now = max(1, self.now // 2)
