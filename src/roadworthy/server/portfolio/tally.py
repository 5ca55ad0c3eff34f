"""Tallies: what the database counts of one group of rows, and how groups add up to a value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Shape(StrEnum):
    """How a tally becomes a value."""

    SHARE = "share"
    """Numerator over denominator, from 0 to 1."""
    MEAN = "mean"
    """Numerator over denominator."""
    TOTAL = "total"
    """The numerator; unknown where nobody looked (denominator 0)."""
    MEDIAN = "median"
    """The median of spans in business days; of an even number, the mean of the middle two."""


@dataclass
class Tally:
    """Sums of one group of rows; tallies of groups add up to that of all."""

    numerator: float = 0
    denominator: float = 0
    n: int = 0
    """Rows of the population."""
    unknown: int = 0
    """Of those, how many say nothing; they count neither for nor against."""
    stale: int = 0
    """Of those, how many are too old to count."""
    spans: Counter[int] = field(default_factory=Counter)
    """Business days -> rows."""

    def add(self, other: Tally) -> None:
        """Add another tally."""
        self.numerator += other.numerator
        self.denominator += other.denominator
        self.n += other.n
        self.unknown += other.unknown
        self.stale += other.stale
        self.spans.update(other.spans)

    def value(self, shape: Shape) -> float | None:
        """Return the value; None is unknown, which is not zero."""
        if shape is Shape.MEDIAN:
            return median(self.spans)
        if not self.denominator:
            return None
        return self.numerator if shape is Shape.TOTAL else self.numerator / self.denominator


def total(tallies: Iterable[Tally]) -> Tally:
    """Add tallies up."""
    found = Tally()
    for one in tallies:
        found.add(one)
    return found


def median(spans: Counter[int]) -> float | None:
    """Return the median of counted spans; None where there is none."""
    number = sum(spans.values())
    if not number:
        return None
    low, high = (number - 1) // 2, number // 2
    seen, found = 0, []
    for span in sorted(spans):
        before, seen = seen, seen + spans[span]
        found += [span] * ((before <= low < seen) + (before <= high < seen))
    return sum(found) / len(found)
