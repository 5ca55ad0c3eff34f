"""Judge a measurement: choose the evidence, tally it, estimate with an interval, apply the criterion."""

from __future__ import annotations

from roadworthy.core.errors import EvidenceError, InputError
from roadworthy.decide.criterion import AT_MOST, direction, threshold, worst
from roadworthy.decide.dossier import DeclaredSuite, Dossier
from roadworthy.decide.freshness import Doubt, doubt_about_fingerprint, doubt_about_time
from roadworthy.decide.gap import judge_groups
from roadworthy.decide.imported import doubt_about_source
from roadworthy.decide.instrument import calibrated_design, doubt_about_instrument
from roadworthy.decide.outcome import Judged, Status
from roadworthy.decide.rate import judge_rate
from roadworthy.decide.regression import judge_regression, nothing_shipped
from roadworthy.decide.sequential import refuse_unbounded
from roadworthy.decide.shown import Shown
from roadworthy.evaluate.metrics.metric import Aggregate, Metric
from roadworthy.evaluate.metrics.table import find_metric, nearest_metric
from roadworthy.evidence.predicate import Measured
from roadworthy.evidence.record import Record
from roadworthy.standard.model import Criterion, Measure, Requirement, Tier

CALIBRATE = "Label a random sample of the answers, name the file under 'calibration' of the scorer, and evaluate again."


def judge_measurement(requirement: Requirement, tier: Tier, dossier: Dossier) -> Shown:
    """Judge every suite that yields the metric; all of them must pass.

    Raises InputError when the standard names a metric that does not exist.
    """
    measure = requirement.measure
    if measure is None:
        raise InputError(f"requirement {requirement.id!r} has no measure", remedy="Add 'measure'.")
    metric, criterion = metric_named(measure.metric, requirement.id), requirement.criterion[tier]
    if criterion.no_worse_by is not None and (nothing := nothing_shipped(dossier)):
        return nothing
    found = _newest_by_suite(measure, dossier)
    if not found:
        return Shown(
            Status.NOT_SHOWN,
            f"No evidence: no suite has measured {metric.name}.",
            requirement.remedy or f"Add a suite that yields {metric.name}, then run 'roadworthy evaluate'.",
        )
    parts = [_judge_suite(record, measured, requirement, measure, tier, metric, dossier) for record, measured in found]
    status = worst([part.status for part in parts])
    deciding = [part for part in parts if part.status is status]
    return Shown(
        status,
        " ".join(dict.fromkeys(part.reason for part in deciding)),
        "" if status is Status.MET else " ".join(dict.fromkeys(part.next_step for part in deciding if part.next_step)),
        tuple(digest for part in parts for digest in part.evidence),
        tuple(judged for part in parts for judged in part.judged),
    )


def metric_named(name: str, requirement: str) -> Metric:
    """Find a metric by its name; raises InputError with the nearest known one."""
    metric = find_metric(name)
    if metric is None:
        raise InputError(
            f"requirement {requirement!r} is judged by the metric {name!r}, which does not exist",
            remedy=nearest_metric(name),
        )
    return metric


def _newest_by_suite(measure: Measure, dossier: Dossier) -> list[tuple[Record, Measured]]:
    """Take of each suite the newest record of this very system that is still good, else its newest."""
    chosen: dict[str, tuple[Record, Measured]] = {}
    for record, measured in dossier.measured():
        wanted = not measure.suites or measured.suite.id in measure.suites
        if measured.system != dossier.system.system or measure.metric not in measured.suite.metrics or not wanted:
            continue
        held = chosen.get(measured.suite.id)
        if held is None or (_same_parts(measured, dossier) and not _same_parts(held[1], dossier)):
            chosen[measured.suite.id] = (record, measured)
    return [chosen[suite] for suite in sorted(chosen)]


def _same_parts(measured: Measured, dossier: Dossier) -> bool:
    return dict(measured.fingerprint) == dict(dossier.fingerprint)


def _judge_suite(
    record: Record,
    measured: Measured,
    requirement: Requirement,
    measure: Measure,
    tier: Tier,
    metric: Metric,
    dossier: Dossier,
) -> Shown:
    suite, criterion = measured.suite.id, requirement.criterion[tier]
    again = f"Run 'roadworthy evaluate {suite}'."
    doubt = _doubt(record, measured, requirement, tier, dossier)
    if doubt:
        return Shown(doubt.status, f"{suite}: {doubt.reason}", f"{doubt.first} {again}".strip(), (record.digest,))
    unchecked = doubt_about_instrument(measured, metric, criterion)
    if unchecked:
        return Shown(unchecked.status, f"{suite}: {unchecked.reason}", CALIBRATE, (record.digest,))
    try:
        table = dossier.table(measured.results)
        if measured.stopping is not None:
            refuse_unbounded(metric, criterion)
        if criterion.no_worse_by is not None:
            judged = judge_regression(table, measured, metric, criterion, dossier)
        elif metric.aggregate is Aggregate.MEAN:
            design = calibrated_design(table, measured, metric, criterion, dossier.table)
            judged = judge_rate(table, measured, metric, criterion, design)
        else:
            judged = judge_groups(table, measured, metric, criterion, measure)
    except EvidenceError as error:
        return Shown(Status.NOT_SHOWN, f"{suite}: {error.problem}.", error.remedy or again, (record.digest,))
    status = worst([item.status for item in judged])
    deciding = [item for item in judged if item.status is status]
    return Shown(
        status,
        _reason(deciding, judged),
        _next_step(deciding, suite, requirement, criterion),
        (record.digest,),
        tuple(judged),
    )


def _doubt(record: Record, measured: Measured, requirement: Requirement, tier: Tier, dossier: Dossier) -> Doubt | None:
    if not dossier.accepted_keys.intersection(record.signers):
        key = record.signers[0][:12] if record.signers else "nobody"
        return Doubt(Status.NOT_SHOWN, f"The evidence is signed by {key}, a key that is not trusted here.")
    changed = _doubt_about_suite(measured, dossier)
    if changed:
        return changed
    late = doubt_about_time(measured.finished, dossier.as_of, requirement.expires)
    if late:
        return late
    other = doubt_about_fingerprint(measured.fingerprint, dossier.fingerprint, requirement.expires.on_change)
    if other:
        return other
    source = doubt_about_source(measured.source, dossier.system, tier, requirement.expires)
    if source:
        return source
    counts = measured.counts
    if counts.recorded == 0:
        return Doubt(Status.NOT_SHOWN, "The suite ran 0 samples, which shows nothing.")
    if counts.recorded < counts.planned and (measured.stopping is None or measured.stopping.settled is None):
        return Doubt(
            Status.NOT_SHOWN,
            f"The run is incomplete: {counts.recorded:,} of {counts.planned:,} samples are recorded.",
        )
    return None


def _doubt_about_suite(measured: Measured, dossier: Dossier) -> Doubt | None:
    """A suite or dataset that was changed has not been run: easier or harder, it is another measurement."""
    declared = dossier.suites.get(measured.suite.id)
    if declared is None:
        return Doubt(Status.STALE, "The suite is no longer declared.")
    if declared.digest != measured.suite.digest:
        return Doubt(Status.STALE, "The suite was changed since it was run.")
    if declared.dataset != measured.dataset.digest:
        return Doubt(Status.STALE, "The dataset was changed since the suite was run, or cannot be read.")
    if declared != DeclaredSuite.of(measured):
        return Doubt(Status.STALE, "The labels of people were changed since the suite was evaluated.")
    return None


def _reason(deciding: list[Judged], judged: list[Judged]) -> str:
    lead = deciding[0].reason if deciding else "Nothing could be judged."
    others = len(deciding) - 1
    if deciding and deciding[0].status is not Status.MET and others > 0:
        return f"{lead} {others} more of {len(judged)} estimates fall short as well."
    return lead


def _next_step(deciding: list[Judged], suite: str, requirement: Requirement, criterion: Criterion) -> str:
    first = deciding[0] if deciding else None
    if first is None or first.status is Status.MET:
        return ""
    remedy = requirement.remedy or f"Improve the system, then run 'roadworthy evaluate {suite}'."
    if first.errored and first.errored * 10 >= first.n:
        return f"Mend the target first: {first.errored:,} of {first.n:,} samples of the suite {suite} gave no score."
    if first.status is not Status.INCONCLUSIVE or not first.needed_units:
        return remedy
    where = "" if first.label == "all" else f" for {first.label}"
    more = f"{first.needed_units:,} " + ("cases" if first.unit == "samples" else f"clusters by {first.unit}")
    if _inside(criterion, first.estimate):
        return f"Add {more}{where} to the suite {suite} to settle this at the present rate, then evaluate again."
    return f"{remedy} At the present rate, {more}{where} more would only show that it is not met."


def _inside(criterion: Criterion, estimate: float | None) -> bool:
    if estimate is None:
        return True
    limit = threshold(criterion)
    return estimate < limit if direction(criterion) == AT_MOST else estimate > limit
