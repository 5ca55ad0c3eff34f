"""Judge differences between groups: every pair must pass; one group is accused only after correction."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from roadworthy.core.errors import EvidenceError
from roadworthy.core.names import did_you_mean
from roadworthy.decide.criterion import direction, percent, status_of, threshold, worst
from roadworthy.decide.outcome import Judged, Status
from roadworthy.decide.rate import cluster_name
from roadworthy.evaluate.metrics.metric import Aggregate, Metric, Rate
from roadworthy.evaluate.results import MISSING, Tally, tally
from roadworthy.evidence.predicate import Measured
from roadworthy.standard.model import Criterion, Measure
from roadworthy.stats.contrast import Sampling, Scale
from roadworthy.stats.groups import Comparison, Disparity, max_gap, min_ratio
from roadworthy.stats.sample_size import group_units_needed
from roadworthy.stats.units import Units, from_table


@dataclass(frozen=True)
class _Groups:
    """One rate by one group column, read both ways: samples without a score as 0, and as 1."""

    column: str
    rate: Rate
    low: dict[str, Tally]
    high: dict[str, Tally]

    @property
    def sampling(self) -> Sampling:
        clustered = any(item.clustered for item in self.low.values())
        return Sampling(clustered=clustered, shared_clusters=clustered)


def judge_groups(
    table: Path, measured: Measured, metric: Metric, criterion: Criterion, measure: Measure
) -> list[Judged]:
    """Judge every rate of the metric by every group column: the whole disparity first, then each comparison.

    Raises EvidenceError when the evidence declares no groups, or the reference group is not there.
    """
    judged: list[Judged] = []
    for column in _columns(measured, measure):
        low, high = (tally(table, metric, [column], errored_as=value) for value in (0.0, 1.0))
        for rate in metric.rates:
            groups = _Groups(column, rate, _by_name(low, rate, column), _by_name(high, rate, column))
            judged += _judge_column(groups, measured, metric, criterion, measure)
    return judged


def _columns(measured: Measured, measure: Measure) -> list[str]:
    declared = [str(name) for name in measured.settings.get("groups") or []] or list(measured.dataset.slices)
    if measure.group_by is not None:
        if measure.group_by not in measured.dataset.slices:
            raise EvidenceError(
                f"groups are compared by {measure.group_by!r}, which the evidence does not have",
                remedy=f"Declare the column as a slice. {did_you_mean(measure.group_by, measured.dataset.slices)}",
            )
        return [measure.group_by]
    if not declared:
        raise EvidenceError(
            "no groups are declared, so none can be compared",
            remedy="Name the columns that hold groups under 'groups' in the suite.",
        )
    return declared


def _by_name(tallies: list[Tally], rate: Rate, column: str) -> dict[str, Tally]:
    return {item.columns[column] or MISSING: item for item in tallies if item.rate == rate.name}


def _judge_column(
    groups: _Groups, measured: Measured, metric: Metric, criterion: Criterion, measure: Measure
) -> list[Judged]:
    small = {name for name, item in groups.low.items() if item.units < criterion.min_units}
    left_out = small if criterion.small_slices == "report" else set()
    compared = [name for name in groups.low if name not in left_out]
    if measure.reference_group is not None and measure.reference_group not in compared:
        raise EvidenceError(
            f"the reference group {measure.reference_group!r} is not among {groups.column}",
            remedy=did_you_mean(measure.reference_group, compared),
        )
    readings = [
        _disparity(metric, {name: _units(side[name]) for name in compared}, criterion, measure, groups.sampling)
        for side in (groups.low, groups.high)
    ] + _crossed(groups, compared, metric, criterion, measure)
    label = f"{groups.column}: {_rate_name(groups.rate)}"
    comparisons = [
        _compare(pair, groups, measured, criterion, small, readings[0].method)
        for pair in zip(*(reading.comparisons for reading in readings), strict=True)
    ]
    too_small = [_too_small(name, groups, measured, criterion) for name in sorted(left_out)]
    whole = _whole(label, readings, comparisons, groups, measured, metric, criterion, measure)
    return [whole, *comparisons, *too_small]


def _crossed(
    groups: _Groups, compared: list[str], metric: Metric, criterion: Criterion, measure: Measure
) -> list[Disparity]:
    """Read samples without a score against each group in turn, so that no reading of them is kinder than the worst."""
    if not any(item.errored for item in groups.low.values()):
        return []
    return [
        _disparity(
            metric,
            {n: _units((groups.high if n == name else groups.low)[n]) for n in compared},
            criterion,
            measure,
            groups.sampling,
        )
        for name in compared
    ]


def _disparity(
    metric: Metric, units: Mapping[str, Units], criterion: Criterion, measure: Measure, sampling: Sampling
) -> Disparity:
    compute = max_gap if metric.aggregate is Aggregate.GROUP_GAP else min_ratio
    return compute(units, confidence=criterion.confidence, reference=measure.reference_group, sampling=sampling)


def _units(item: Tally) -> Units:
    return from_table(item.totals, item.sizes, item.counts)


def _compare(
    pair: tuple[Comparison, ...],
    groups: _Groups,
    measured: Measured,
    criterion: Criterion,
    small: set[str],
    method: str,
) -> Judged:
    first = pair[0]
    lower, upper = min(c.lower for c in pair), max(c.upper for c in pair)
    status = _status(criterion, first.estimate, lower, upper)
    rates = f"{_share(groups, first.first)} against {_share(groups, first.second)}"
    reason = f"{rates}."
    tiny = sorted(small & {first.first, first.second})
    if tiny and status is not Status.NOT_MET:
        status = Status.INCONCLUSIVE
        reason = f"{rates}: too few in {', '.join(tiny)}, at least {criterion.min_units:,} are needed."
    return Judged(
        label=f"{first.first} against {first.second} ({groups.column}, {_rate_name(groups.rate)})",
        suite=measured.suite.id,
        status=status,
        estimate=first.estimate,
        lower=_finite(lower),
        upper=_finite(upper),
        interval=_interval([c.interval for c in pair]),
        standard_error=None,
        n=first.n,
        units=first.units,
        unit=_unit(groups, measured),
        errored=groups.low[first.first].errored + groups.low[first.second].errored,
        method=method,
        reason=reason,
    )


def _whole(
    label: str,
    readings: list[Disparity],
    comparisons: list[Judged],
    groups: _Groups,
    measured: Measured,
    metric: Metric,
    criterion: Criterion,
    measure: Measure,
) -> Judged:
    first = readings[0]
    lower, upper = min(r.lower for r in readings), max(r.upper for r in readings)
    status = worst([judged.status for judged in comparisons])
    if not comparisons:
        reason = f"{metric.title} by {label}: fewer than two groups can be compared."
    elif first.worst is not None:
        reason = _sentence(metric, groups, first.worst, lower, upper, criterion, status)
    else:
        reason = f"{metric.title} by {label}: no group has samples."
    needed = None
    if status is Status.INCONCLUSIVE and first.estimate is not None:
        scale = Scale.DIFFERENCE if metric.aggregate is Aggregate.GROUP_GAP else Scale.RATIO
        units = {name: _units(groups.low[name]) for pair in first.comparisons for name in (pair.first, pair.second)}
        needed = group_units_needed(
            scale,
            units,
            threshold(criterion),
            confidence=criterion.confidence,
            reference=measure.reference_group,
            sampling=groups.sampling,
        )
    return Judged(
        label=label,
        suite=measured.suite.id,
        status=status,
        estimate=first.estimate,
        lower=_finite(lower),
        upper=_finite(upper),
        interval=_interval([reading.interval for reading in readings]),
        standard_error=first.standard_error,
        n=first.n,
        units=first.units,
        unit=_unit(groups, measured),
        errored=sum(item.errored for item in groups.low.values()),
        method=first.method,
        reason=reason,
        needed_units=needed,
    )


def _too_small(name: str, groups: _Groups, measured: Measured, criterion: Criterion) -> Judged:
    item = groups.low[name]
    missing = criterion.min_units - item.units
    return Judged(
        label=f"{name} ({groups.column}, {_rate_name(groups.rate)})",
        suite=measured.suite.id,
        status=Status.NOT_APPLICABLE,
        estimate=None,
        lower=None,
        upper=None,
        interval=None,
        standard_error=None,
        n=item.n,
        units=item.units,
        unit=_unit(groups, measured),
        errored=item.errored,
        method="",
        reason=(
            f"{item.units:,} {_unit(groups, measured)} are too few to compare {name}: at least "
            f"{criterion.min_units:,} are needed, {missing:,} more."
        ),
        needed_units=missing,
    )


def _status(criterion: Criterion, estimate: float | None, lower: float, upper: float) -> Status:
    return Status.NOT_SHOWN if estimate is None else status_of(criterion, lower, upper)


def _sentence(
    metric: Metric,
    groups: _Groups,
    worst_pair: Comparison,
    lower: float,
    upper: float,
    criterion: Criterion,
    status: Status,
) -> str:
    relation = {Status.MET: "inside", Status.NOT_MET: "outside"}.get(status, "not settled against")
    value, low, high, limit = (_size(metric, n) for n in (worst_pair.estimate, lower, upper, threshold(criterion)))
    one, two = (f"{name} ({_share(groups, name)})" for name in (worst_pair.first, worst_pair.second))
    return (
        f"{metric.title} by {groups.column}{_of_rate(metric, groups.rate)} is {value}, between {one} and {two}; its "
        f"{criterion.confidence * 100:g} % bounds {low} and {high} are {relation} '{direction(criterion)} {limit}'."
    )


def _size(metric: Metric, value: float | None) -> str:
    """Write a ratio in per cent, and a gap in percentage points."""
    if value is None or metric.aggregate is Aggregate.GROUP_RATIO:
        return percent(value)
    return f"{value * 100:.3g} points"


def _of_rate(metric: Metric, rate: Rate) -> str:
    return f" ({_rate_name(rate)})" if len(metric.rates) > 1 else ""


def _share(groups: _Groups, name: str) -> str:
    item = groups.low[name]
    return f"{percent(item.mean if item.n else None)} of {item.n:,}"


def _rate_name(rate: Rate) -> str:
    return rate.name.replace("_", " ")


def _unit(groups: _Groups, measured: Measured) -> str:
    return cluster_name(measured) if groups.sampling.clustered else "samples"


def _interval(intervals: list[tuple[float, float]]) -> tuple[float, float] | None:
    low, high = min(i[0] for i in intervals), max(i[1] for i in intervals)
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
