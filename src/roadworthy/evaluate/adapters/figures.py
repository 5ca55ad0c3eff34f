"""The figures of a log, score by score: what is there, what is missing, and the mean with its interval."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from roadworthy.evaluate.adapters.peer import SCORES, PeerLog, PeerScore
from roadworthy.evaluate.readers.row import Row

if TYPE_CHECKING:
    from roadworthy.stats.mean import Estimate

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Figure:
    """One score over a log."""

    score: PeerScore
    n: int
    """Samples that have it."""
    missing: int
    """Samples that were planned and have none: failed, not recorded, or not judged."""
    low: float
    """Smallest value, like `high` the largest; NaN without any."""
    high: float
    estimate: Estimate | None
    """Mean of the samples that have it; repetitions of a case are one unit. None for values outside [0, 1]."""


@dataclass
class _Sums:
    by_case: dict[str, list[float]] = field(default_factory=dict)
    n: int = 0
    low: float = math.inf
    high: float = -math.inf

    def add(self, case: str, value: float) -> None:
        total = self.by_case.setdefault(case, [0.0, 0.0])
        total[0] += value
        total[1] += 1
        self.n += 1
        self.low, self.high = min(self.low, value), max(self.high, value)


def figures(log: PeerLog, rows: Iterable[Row]) -> list[Figure]:
    """Sum up each score of the log in one pass."""
    sums = {score.name: _Sums() for score in log.scores}
    for _, fields in rows:
        if fields["error"]:
            continue
        for name, found in sums.items():
            value = fields.get(SCORES + name)
            if value is not None:
                found.add(fields["case"], float(value))
    return [_figure(score, sums[score.name], log) for score in log.scores]


def _figure(score: PeerScore, found: _Sums, log: PeerLog) -> Figure:
    inside = found.n > 0 and found.low >= 0.0 and found.high <= 1.0
    low, high = (found.low, found.high) if found.n else (math.nan, math.nan)
    estimate = _estimate(found, clustered=log.cluster is not None) if inside else None
    return Figure(score, found.n, log.planned - found.n, low, high, estimate)


def _estimate(found: _Sums, *, clustered: bool) -> Estimate:
    import numpy

    from roadworthy.stats.mean import estimate_mean
    from roadworthy.stats.units import from_table

    table = numpy.array(list(found.by_case.values()))
    units = from_table(table[:, 0], table[:, 1], numpy.ones(len(table)))
    return estimate_mean(units, clustered=clustered, confidence=CONFIDENCE)
