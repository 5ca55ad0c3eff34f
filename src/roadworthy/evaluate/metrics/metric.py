"""A metric: which score it reads, over which rows, and which direction is good."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from roadworthy.evaluate.metrics.passes import Passes


class Aggregate(StrEnum):
    """How scores become one number."""

    MEAN = "mean"
    GROUP_GAP = "group_gap"
    """Largest difference between two groups."""
    GROUP_RATIO = "group_ratio"
    """Smallest ratio of one group to another."""


class Good(StrEnum):
    """Which direction is good."""

    LOWER = "lower"
    HIGHER = "higher"


class Dimension(StrEnum):
    """What a metric is about."""

    SAFETY = "safety"
    FAIRNESS = "fairness"
    PRIVACY = "privacy"
    SECURITY = "security"
    ROBUSTNESS = "robustness"
    EXPLAINABILITY = "explainability"
    GROUNDING = "grounding"
    QUALITY = "quality"


@dataclass(frozen=True)
class Rate:
    """The mean of one score column over some rows."""

    name: str
    reads: str
    """Id of the score, without the `score.` of the column."""
    complement: bool = False
    """Take 1 minus the score."""
    label: int | None = None
    """Only rows whose `score.label` is this; rows without a known label stay in, as bad."""
    leaves_out: tuple[str, str] | None = None
    """Slice and value whose rows do not count, where the table has that slice."""
    passes: Passes | None = None
    """How the epochs of a sample become one value; without it every epoch counts by itself."""

    @property
    def scores(self) -> frozenset[str]:
        """Ids of the scores that a table must have."""
        return frozenset({self.reads} if self.label is None else {self.reads, "label"})


@dataclass(frozen=True)
class Metric:
    """One row of the table of metrics. Values are in [0, 1]."""

    name: str
    title: str
    dimension: Dimension
    rates: tuple[Rate, ...]
    """One, except where a metric is the worst of several."""
    good: Good
    definition: str
    source: str
    aggregate: Aggregate = Aggregate.MEAN

    @property
    def scores(self) -> frozenset[str]:
        """Ids of the scores that a suite must produce."""
        return frozenset[str]().union(*(rate.scores for rate in self.rates))

    @property
    def epochs(self) -> int:
        """How often each sample must have been asked, at least."""
        return max(rate.passes.k if rate.passes else 1 for rate in self.rates)

    @property
    def bad(self) -> float:
        """Value that a sample without a score counts as: the worst one. For gaps and ratios the judge tries both."""
        return 1.0 if self.good is Good.LOWER else 0.0


def mean_of(
    name: str,
    title: str,
    dimension: Dimension,
    reads: str,
    good: Good,
    definition: str,
    source: str,
    *,
    complement: bool = False,
    leaves_out: tuple[str, str] | None = None,
) -> Metric:
    """Make a metric that is the mean of one score over all rows."""
    rate = Rate(name, reads, complement=complement, leaves_out=leaves_out)
    return Metric(name, title, dimension, (rate,), good, definition, source)
