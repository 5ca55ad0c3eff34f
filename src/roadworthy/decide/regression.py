"""Judge a measurement against the last shipped release: no worse by more than a margin, on the same cases."""

from __future__ import annotations

from pathlib import Path

from roadworthy.core.errors import EvidenceError
from roadworthy.decide.criterion import status_of, threshold
from roadworthy.decide.dossier import Dossier, ShippedMeasurement
from roadworthy.decide.outcome import Judged, Status
from roadworthy.decide.rate import cluster_name, slice_columns
from roadworthy.decide.shown import Shown
from roadworthy.evaluate.metrics.metric import Aggregate, Good, Metric
from roadworthy.evaluate.paired import PairedTally, overlap, paired_tally
from roadworthy.evidence.predicate import Measured
from roadworthy.standard.model import Criterion
from roadworthy.stats.clusters import standard_error
from roadworthy.stats.mean import DECIMALS
from roadworthy.stats.non_inferiority import NonInferiority, paired_non_inferiority
from roadworthy.stats.paired import paired_differences


def nothing_shipped(dossier: Dossier) -> Shown | None:
    """Return that there is nothing to compare with when no shipped release is given, or None when one is.

    That a release was measured does not tell that it shipped; it is named, since its bundle may have been taken away.
    """
    if dossier.baseline is not None:
        return None
    how = "keep its bundle as shipped.bundle.zip, or name it with --against."
    other = _other_release(dossier)
    if other is None:
        return Shown(Status.NOT_APPLICABLE, f"First release: nothing to compare with. Once it has shipped, {how}")
    reason = f"No shipped release is given to compare with, though release {other} was measured. If it shipped, {how}"
    return Shown(Status.NOT_APPLICABLE, reason)


def _other_release(dossier: Dossier) -> str | None:
    """Return the release that was measured last, other than this one."""
    own = (measured for _, measured in dossier.measured() if measured.system == dossier.system.system)
    return next((measured.release for measured in own if measured.release != dossier.system.release), None)


def judge_regression(
    table: Path, measured: Measured, metric: Metric, criterion: Criterion, dossier: Dossier
) -> list[Judged]:
    """Judge how much worse than in the shipped release the metric is, for the whole and each slice.

    Differences are taken sample by sample and added up by cluster, so that what both releases find hard cancels out. A
    sample without a score counts as bad now and as good in the shipped release, which is the side that can only hold.
    Raises EvidenceError when the shipped release was not measured on the same cases by somebody trusted.
    """
    if metric.aggregate is not Aggregate.MEAN:
        raise EvidenceError(
            f"{metric.name} compares groups, which 'no_worse_by' does not cover",
            remedy="Use 'no_worse_by' with rates and means.",
        )
    shipped = _comparable(table, measured, dossier)
    judged: list[Judged] = []
    for columns in [[], *slice_columns(criterion, measured)]:
        pairs = paired_tally(shipped.table(), table, metric, columns, errored_as=(1.0 - metric.bad, metric.bad))
        judged += [_judge(pair, measured, metric, criterion) for pair in pairs]
    return judged


def _comparable(table: Path, measured: Measured, dossier: Dossier) -> ShippedMeasurement:
    suite = measured.suite.id
    shipped = dossier.baseline.measurement(suite) if dossier.baseline else None
    if shipped is None:
        raise EvidenceError(
            f"the shipped release has no measurement by {suite}",
            remedy="Evaluate the shipped release with this suite, and name its bundle with --against.",
        )
    if not dossier.accepted_keys.intersection(shipped.record.signers):
        raise EvidenceError(
            "the measurement of the shipped release is signed by a key that is not trusted here",
            remedy="Name the key with --trust if you know it.",
        )
    found = overlap(shipped.table(), table)
    if found.only_second or shipped.measured.dataset.digest != measured.dataset.digest:
        raise EvidenceError(
            f"the shipped release was measured on other cases: {found.both:,} of "
            f"{found.both + found.only_second:,} are the same",
            remedy="Evaluate the shipped release on the present dataset, and name its bundle with --against.",
        )
    return shipped


def _judge(pair: PairedTally, measured: Measured, metric: Metric, criterion: Criterion) -> Judged:
    differences = paired_differences(pair.second, pair.first, pair.sizes)
    found = paired_non_inferiority(
        differences,
        threshold(criterion),
        higher_is_better=metric.good is Good.HIGHER,
        confidence=criterion.confidence,
        clustered=pair.clustered,
    )
    status, reason = _status(pair, found, metric, criterion, measured)
    few = pair.units < criterion.min_units
    error = standard_error(differences)
    return Judged(
        label=pair.label,
        suite=measured.suite.id,
        status=status,
        estimate=found.worsening,
        lower=found.lower,
        upper=found.upper,
        interval=found.interval,
        standard_error=None if error is None else round(error, DECIMALS),
        n=pair.n,
        units=pair.units,
        unit=cluster_name(measured) if pair.clustered else "samples",
        errored=pair.errored,
        method=found.method,
        reason=reason,
        needed_units=_needed(found, criterion.min_units - pair.units if few else None, status),
    )


def _needed(found: NonInferiority, missing: int | None, status: Status) -> int | None:
    return (missing or found.units_needed) if status is Status.INCONCLUSIVE else None


def _status(
    pair: PairedTally, found: NonInferiority, metric: Metric, criterion: Criterion, measured: Measured
) -> tuple[Status, str]:
    where = "" if pair.label == "all" else f" for {pair.label}"
    words = f"n = {pair.n:,} pairs" + (
        f" in {pair.units:,} clusters by {cluster_name(measured)}" if pair.clustered else ""
    )
    if found.worsening is None:
        return Status.NOT_SHOWN, f"{metric.title}{where}: no sample."
    if pair.units < criterion.min_units:
        reported = criterion.small_slices == "report" and pair.label != "all"
        status = Status.NOT_APPLICABLE if reported else Status.INCONCLUSIVE
        return status, f"{metric.title}{where}: {words}, too few to judge: {criterion.min_units:,} units are needed."
    status = status_of(criterion, found.lower, found.upper)
    bound, side = (found.lower, "lower") if status is Status.NOT_MET else (found.upper, "upper")
    relation = {Status.MET: "is inside", Status.NOT_MET: "is outside"}.get(status, "does not settle")
    change = "worse" if found.worsening >= 0 else "better"
    return status, (
        f"{metric.title}{where} is {change} than in the shipped release by {abs(found.worsening) * 100:.3g} points "
        f"({words}); the {criterion.confidence * 100:g} % {side} bound of the worsening, {bound * 100:.3g} points, "
        f"{relation} the margin of {found.margin * 100:g} points."
    )
