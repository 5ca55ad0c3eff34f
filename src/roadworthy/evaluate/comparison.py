"""Two runs side by side: paired differences for each metric and slice, and which of them are real."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from roadworthy.core.errors import InputError
from roadworthy.evaluate.metrics.metric import Aggregate, Good, Metric
from roadworthy.evaluate.metrics.table import METRICS, metric_named
from roadworthy.evaluate.paired import Overlap, PairedTally, overlap, paired_tally, shared_columns
from roadworthy.evidence.predicate import Measured
from roadworthy.stats.multiplicity import holm
from roadworthy.stats.paired import PairedDifference, compare_paired

ERROR = 0.05
"""Family-wise error of saying that something differs, over all rows of a comparison."""


class Finding(StrEnum):
    """What a difference says."""

    BETTER = "better"
    WORSE = "worse"
    MAYBE_WORSE = "maybe worse"
    """Alone it may be real; among so many looks, or with so few units, it may be chance."""
    MAYBE_BETTER = "maybe better"
    NOISE = "noise"
    """It may well be chance: the sample cannot tell."""
    NOTHING = "no pair"


@dataclass(frozen=True)
class NamedRun:
    """A run to compare, with what is known of it."""

    name: str
    table: Path
    measured: Measured | None
    """None for a table without a record."""


@dataclass(frozen=True)
class ComparisonRow:
    """One metric on one slice."""

    metric: Metric
    rate: str
    label: str
    first: float | None
    second: float | None
    difference: PairedDifference
    adjusted: float
    """p-value, corrected over all rows by Holm's method."""
    finding: Finding
    clustered: bool
    errored: int
    """Pairs in which one of the runs has no score."""


@dataclass(frozen=True)
class Comparison:
    """All rows, and what must be known to read them."""

    first: NamedRun
    second: NamedRun
    overlap: Overlap
    rows: tuple[ComparisonRow, ...]
    confidence: float
    caveats: tuple[str, ...]

    @property
    def worse(self) -> tuple[ComparisonRow, ...]:
        """Return the rows in which the second run is really worse."""
        return tuple(row for row in self.rows if row.finding is Finding.WORSE)


def compare_runs(first: NamedRun, second: NamedRun, *, confidence: float = 0.95) -> Comparison:
    """Compare the samples that both runs hold, metric by metric, for the whole and by each slice.

    A sample without a score counts as bad in the run where it has none. Raises InputError when no sample, or no
    metric, is in both; EvidenceError on a table that cannot be read.
    """
    shared = overlap(first.table, second.table)
    if not shared.both:
        raise InputError(
            f"{first.name} and {second.name} share no sample",
            remedy="Compare runs of one dataset: samples are paired by their ids.",
        )
    pairs = [(metric, pair) for metric in _metrics(first, second) for pair in _pairs(first, second, metric)]
    if not pairs:
        raise InputError("the two runs share no metric", remedy="Compare runs whose suites score the same things.")
    differences = [_difference(pair, confidence) for _, pair in pairs]
    adjusted = holm([difference.p_value for difference in differences])
    rows = tuple(
        _row(metric, pair, difference, float(p))
        for (metric, pair), difference, p in zip(pairs, differences, adjusted, strict=True)
    )
    return Comparison(first, second, shared, rows, confidence, tuple(_caveats(first, second, shared)))


def _pairs(first: NamedRun, second: NamedRun, metric: Metric) -> list[PairedTally]:
    _, slices = shared_columns(first.table, second.table)
    return [
        pair
        for columns in [[], *([name] for name in slices)]
        for pair in paired_tally(first.table, second.table, metric, columns)
    ]


def _difference(pair: PairedTally, confidence: float) -> PairedDifference:
    return compare_paired(pair.second, pair.first, pair.sizes, clustered=pair.clustered, confidence=confidence)


def _row(metric: Metric, pair: PairedTally, difference: PairedDifference, adjusted: float) -> ComparisonRow:
    size = float(pair.sizes.sum())
    first, second = (float(total.sum()) / size if size else None for total in (pair.first, pair.second))
    return ComparisonRow(
        metric,
        pair.rate,
        pair.label,
        first,
        second,
        difference,
        adjusted,
        _finding(metric, difference, adjusted),
        pair.clustered,
        pair.errored,
    )


def _finding(metric: Metric, difference: PairedDifference, adjusted: float) -> Finding:
    if difference.difference is None:
        return Finding.NOTHING
    around_zero = difference.lower <= 0.0 <= difference.upper
    if difference.p_value > ERROR and around_zero:
        return Finding.NOISE
    worse = (difference.difference > 0) is (metric.good is Good.LOWER)
    if adjusted > ERROR:
        return Finding.MAYBE_WORSE if worse else Finding.MAYBE_BETTER
    return Finding.WORSE if worse else Finding.BETTER


def _metrics(first: NamedRun, second: NamedRun) -> list[Metric]:
    """Take the metrics that a suite of the two asked for, else all that the scores of both give.

    Of metrics that mirror each other, or read the same rows, the first is taken: they are one hypothesis.
    """
    scores, _ = shared_columns(first.table, second.table)
    asked = [name for run in (first, second) if run.measured for name in run.measured.suite.metrics]
    named = [metric_named(name) for name in dict.fromkeys(asked or METRICS)]
    usable = [metric for metric in named if metric.aggregate is Aggregate.MEAN and metric.scores <= set(scores)]
    return list({_hypothesis(metric): metric for metric in reversed(usable)}.values())[::-1]


def _hypothesis(metric: Metric) -> tuple[object, ...]:
    return tuple((rate.reads, rate.label, rate.leaves_out) for rate in metric.rates)


def _caveats(first: NamedRun, second: NamedRun, shared: Overlap) -> Iterator[str]:
    for count, run in ((shared.only_first, first), (shared.only_second, second)):
        if count:
            yield f"{count:,} samples are in {run.name} only; they are left out of every difference."
    a, b = first.measured, second.measured
    for run in (first, second):
        if run.measured and run.measured.stopping:
            yield f"{run.name} could end early, which these intervals do not allow for: take what they say with care."
    if a is None or b is None:
        return
    if a.dataset.digest != b.dataset.digest:
        yield "The datasets differ; samples are paired by id, whatever their content is now."
    if a.scorers != b.scorers:
        yield "The scorers differ, so that a difference may be theirs."
    if a.settings != b.settings:
        yield "The settings differ (sampling, epochs, prompt or groups)."
