"""Judge a rate or mean: the whole, then every slice that the criterion names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from roadworthy.core.errors import EvidenceError
from roadworthy.core.names import did_you_mean
from roadworthy.decide.criterion import direction, percent, status_of, threshold
from roadworthy.decide.outcome import Judged, Status
from roadworthy.decide.sequential import Design, counted_tables, counted_tallies
from roadworthy.evaluate.metrics.metric import Metric
from roadworthy.evaluate.results import Tally
from roadworthy.evidence.predicate import Measured
from roadworthy.standard.model import Criterion
from roadworthy.stats.mean import Estimate
from roadworthy.stats.units import Units, from_table

EVERY = "*"
"""In `slices`: every slice column that the dataset declares, one by one."""


def judge_rate(
    table: Path, measured: Measured, metric: Metric, criterion: Criterion, design: Design | None = None
) -> list[Judged]:
    """Judge the whole table and each slice; raises EvidenceError when the table cannot be read or lacks a column.

    Of a run that could end early, the units that were settled on are judged, by bounds that hold at every look.
    Another `design` brings bounds of its own.
    """
    judged: list[Judged] = []
    design = design or Design.of(measured)
    with counted_tables(table, measured) as tables:
        for columns in [[], *slice_columns(criterion, measured)]:
            judged += judge_tallies(counted_tallies(tables, metric, columns), columns, design, metric, criterion)
    if not judged:
        raise EvidenceError(f"no sample counts towards {metric.name}", remedy="Check the dataset and the scorers.")
    return judged


def slice_columns(criterion: Criterion, measured: Measured) -> Iterable[list[str]]:
    """Expand the slices of a criterion; raises EvidenceError on a column that the evidence does not have."""
    known = measured.dataset.slices
    for entry in criterion.slices:
        if entry == [EVERY]:
            yield from ([name] for name in known)
            continue
        for name in entry:
            if name not in known:
                raise EvidenceError(
                    f"the criterion asks for slices by {name!r}, which the evidence does not have",
                    remedy=f"Declare the column under 'slices' in the suite. {did_you_mean(name, known)}",
                )
        yield entry


def judge_tallies(
    tallies: list[Tally], columns: Sequence[str], design: Design, metric: Metric, criterion: Criterion
) -> list[Judged]:
    """Judge the whole, or the slices by some columns, those included that a run which ended early has not met."""
    return [judge_tally(item, design, metric, criterion) for item in design.with_unseen(tallies, columns, metric)]


def judge_tally(item: Tally, design: Design, metric: Metric, criterion: Criterion) -> Judged:
    """Judge one slice: too small, or by its bound."""
    units = from_table(item.totals, item.sizes, item.counts)
    estimate = design.estimate(units, item, metric, criterion.confidence)
    status, reason = _status(item, estimate, metric, criterion, design)
    needed = None
    if status is Status.INCONCLUSIVE:
        needed = _needed(units, criterion, item, metric, design)
    return Judged(
        label=item.label,
        suite=design.suite,
        status=status,
        estimate=estimate.estimate,
        lower=estimate.lower,
        upper=estimate.upper,
        interval=estimate.interval,
        standard_error=estimate.standard_error,
        n=item.n,
        units=item.units,
        unit=unit_name(item, design),
        errored=item.errored,
        method=estimate.method,
        reason=reason,
        needed_units=needed,
    )


def unit_name(item: Tally, design: Design) -> str:
    """Name the independent unit: clusters by their column, or samples."""
    return design.cluster if item.clustered else "samples"


def cluster_name(measured: Measured) -> str:
    """Name the cluster column as people read it: `suite/injection_task` for the template `{suite}/{injection_task}`."""
    return Design.of(measured).cluster


def sample_words(item: Tally, design: Design) -> str:
    """Write the sample: `n = 629 in 27 clusters by injection_task`, with errors."""
    words = f"n = {item.n:,}"
    if item.clustered:
        words += f" in {item.units:,} clusters by {design.cluster}"
    return f"{words}, {item.errored:,} without a score" if item.errored else words


def _status(
    item: Tally, estimate: Estimate, metric: Metric, criterion: Criterion, design: Design
) -> tuple[Status, str]:
    where = "" if item.label == "all" else f" for {item.label}"
    words = sample_words(item, design)
    if item.units < criterion.min_units and (item.n or design.ended_early):
        most = design.most_units(item)
        return _too_small(item, most, criterion, f"{metric.title}{where}: {item.units:,} {unit_name(item, design)}")
    if item.n == 0 or estimate.estimate is None:
        return Status.NOT_SHOWN, f"{metric.title}{where}: no sample."
    status = status_of(criterion, estimate.lower, estimate.upper)
    upper = direction(criterion) == "at most"
    bound = estimate.upper if (status is not Status.NOT_MET) == upper else estimate.lower
    relation = {
        Status.MET: "is inside",
        Status.NOT_MET: "is outside",
        Status.INCONCLUSIVE: "does not settle",
    }.get(status, "against")
    side = "upper" if (status is not Status.NOT_MET) == upper else "lower"
    return status, (
        f"{metric.title}{where} is {percent(estimate.estimate)} ({words}); the {criterion.confidence * 100:g} % {side} "
        f"bound {percent(bound)} {relation} '{direction(criterion)} {percent(threshold(criterion))}'."
    )


def _too_small(item: Tally, most: int, criterion: Criterion, words: str) -> tuple[Status, str]:
    """Say what becomes of too few units; only a slice that can never have more of them is left to the report."""
    missing = criterion.min_units - item.units
    reason = f"{words}, too few to judge: at least {criterion.min_units:,} are needed, {missing:,} more."
    reported = criterion.small_slices == "report" and item.label != "all" and most < criterion.min_units
    return (Status.NOT_APPLICABLE if reported else Status.INCONCLUSIVE), reason


def _needed(units: Units, criterion: Criterion, item: Tally, metric: Metric, design: Design) -> int | None:
    if item.units < criterion.min_units:
        return criterion.min_units - item.units
    return design.needed(units, item, metric, threshold(criterion), criterion.confidence)
