"""A scorer as an instrument: what people say of its answers corrects the bound that a criterion reads.

Labels of answers of this very run: prediction-powered inference. Labels of another sample: sensitivity and specificity
(Rogan and Gladen). Without labels the bound takes the scores as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roadworthy.core.errors import EvidenceError
from roadworthy.decide.criterion import percent
from roadworthy.decide.freshness import Doubt
from roadworthy.decide.outcome import Status
from roadworthy.decide.rate import slice_columns
from roadworthy.decide.sequential import Design
from roadworthy.evaluate.labels import LabelledRows, Labels, SliceKey, labelled_rows, read_labels
from roadworthy.evaluate.metrics.metric import Aggregate, Metric
from roadworthy.evaluate.results import Tally
from roadworthy.evidence.predicate import Calibration, Measured
from roadworthy.standard.model import Criterion
from roadworthy.stats.agreement import Agreement
from roadworthy.stats.cohen_kappa import cohen_kappa
from roadworthy.stats.gwet import gwet_ac1
from roadworthy.stats.mean import Estimate
from roadworthy.stats.ppi import ppi_bounds
from roadworthy.stats.ratings import Weighting, read_ratings
from roadworthy.stats.rectified import Rectified, read_labelling
from roadworthy.stats.rogan_gladen import CorrectedRate, Instrument, corrected_rate
from roadworthy.stats.units import Units, from_clusters, from_samples

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class CalibratedDesign(Design):
    """Units whose scores are corrected by labels."""

    calibration: Calibration
    labels: Labels
    complement: bool
    """The rate counts one minus the score."""
    rows: Mapping[SliceKey, LabelledRows]
    """Labelled rows of this run by slice; empty where another sample is labelled."""

    def estimate(self, units: Units, item: Tally, metric: Metric, confidence: float) -> Estimate:
        """Estimate the rate that people would find."""
        if self.labels.samples is None:
            return self._by_errors(units, item, confidence)
        return self._by_labels(item, metric, confidence)

    def needed(self, *_: object) -> int | None:
        """Return None: how far more labels or more answers would bring it is not forecast."""
        return None

    def _by_errors(self, units: Units, item: Tally, confidence: float) -> Estimate:
        if np.any(units.totals != np.round(units.totals)):
            raise EvidenceError(
                f"the score {self.calibration.score!r} is not 0 or 1, and has no sensitivity",
                remedy="Label answers of this run ('id' under 'calibration').",
            )
        labels, scores = self._pairs()
        found = corrected_rate(
            units, _instrument(labels, scores, self.labels.units), clustered=item.clustered, confidence=confidence
        )
        words = (
            f"sensitivity {percent(found.sensitivity)} of {int(labels.sum()):,} and specificity "
            f"{percent(found.specificity)} of {int((1 - labels).sum()):,} labels"
        )
        agreement = _agreement(labels, scores, _indices(self.labels.units), confidence)
        return _estimate(found, item, f"{found.method}; {words} ({self.calibration.file}); {agreement}")

    def _by_labels(self, item: Tally, metric: Metric, confidence: float) -> Estimate:
        rows = with_errors_labelled(self.rows[frozenset(item.columns.items())], metric.bad)
        found = ppi_bounds(read_labelling(rows.labels, rows.values, rows.units), confidence=confidence)
        own = ~np.isnan(rows.labels) & ~rows.errored
        rectifier = "no" if found.rectifier is None else f"{found.rectifier * 100:+.2g} points"
        words = f"rectifier {rectifier} by {int(own.sum()):,} labels ({self.calibration.file})"
        units = None if rows.units is None else rows.units[own]
        agreement = _agreement(rows.labels[own], rows.values[own], units, confidence)
        return _estimate(found, item, f"{found.method}; {words}; {agreement}")

    def _pairs(self) -> tuple[Array, Array]:
        """Return labels and scores of another sample, as the rate counts them."""
        labels, scores = np.array(self.labels.labels), np.array(self.labels.scores or ())
        return (1.0 - labels, 1.0 - scores) if self.complement else (labels, scores)


def calibrated_design(
    table: Path, measured: Measured, metric: Metric, criterion: Criterion, objects: Callable[[str], Path]
) -> Design | None:
    """Return the design of a rate whose scorer people have checked; None where they have not, or it is not a rate.

    Raises EvidenceError for a run that could end early, for labels that cannot be read, and where no label is of an
    answer of this run.
    """
    found = calibration_of(measured, metric)
    if found is None or not correctable(metric, criterion):
        return None
    if measured.stopping is not None:
        raise EvidenceError(
            "the run could end early, and a rate corrected for its scorer has no bounds that allow it",
            remedy="Run 'roadworthy evaluate --again' for this suite, without --until-decided.",
        )
    labels, rows = read_labels(objects(found.labels)), dict[SliceKey, LabelledRows]()
    if not labels.labels:
        raise EvidenceError(
            f"none of the {found.left_out:,} labels in {found.file} is of an answer of this run",
            remedy="Label answers of this run, then run 'roadworthy evaluate' again; nothing is asked twice.",
        )
    if labels.samples is not None:
        for columns in [[], *slice_columns(criterion, measured)]:
            rows |= labelled_rows(table, labels, metric, columns)
    plain = Design.of(measured)
    return CalibratedDesign(
        suite=plain.suite,
        column=plain.column,
        epochs=plain.epochs,
        calibration=found,
        labels=labels,
        complement=metric.rates[0].complement,
        rows=rows,
    )


def calibration_of(measured: Measured, metric: Metric) -> Calibration | None:
    """Return the labels behind the score that a metric reads."""
    read = {rate.reads for rate in metric.rates}
    return next((each for each in measured.calibrations if {each.score} == read), None)


def correctable(metric: Metric, criterion: Criterion) -> bool:
    """Tell whether there is a correction: for a plain rate, not for gaps, pass@k or a comparison of releases."""
    plain = metric.aggregate is Aggregate.MEAN and len(metric.rates) == 1 and metric.rates[0].passes is None
    return plain and criterion.no_worse_by is None


def doubt_about_instrument(measured: Measured, metric: Metric, criterion: Criterion) -> Doubt | None:
    """Say why a criterion that asks for a calibrated judge is not shown; None where it is, or does not ask.

    A recorded prediction that is compared with its label has no judge, unless its error is stated.
    """
    if criterion.judge == "any" or _exact(measured):
        return None
    if calibration_of(measured, metric) is None:
        scores = ", ".join(sorted({rate.reads for rate in metric.rates}))
        return Doubt(
            Status.NOT_SHOWN,
            f"The score {scores} has not been checked by people, and this criterion asks for a calibrated judge.",
        )
    if not correctable(metric, criterion):
        return Doubt(Status.NOT_SHOWN, f"{metric.title} cannot be corrected for the error of its scorer.")
    return None


def with_errors_labelled(rows: LabelledRows, bad: float) -> LabelledRows:
    """Count rows without a score as bad in both samples, in the share in which the others are labelled.

    Nobody can label an answer that is not there. Left out of the labelled sample it would count for less than in full.
    """
    labels = np.where(rows.errored, np.nan, rows.labels)
    scored = int((~rows.errored).sum())
    share = int((~np.isnan(labels)).sum()) / scored if scored else 0.0
    missing = np.flatnonzero(rows.errored)
    labels[missing[: int(np.ceil(share * len(missing)))]] = bad
    return LabelledRows(labels, rows.values, rows.errored, rows.units)


def _exact(measured: Measured) -> bool:
    stated = any(scorer.known_error is not None for scorer in measured.scorers)
    return measured.target.get("kind") == "predictions" and not stated


def _instrument(labels: Array, scores: Array, units: tuple[str, ...] | None) -> Instrument:
    yes = labels == 1.0
    codes = _indices(units)
    if codes is None:
        return Instrument(from_samples(scores[yes]), from_samples(1.0 - scores[~yes]))
    sensitivity = from_clusters(scores[yes], codes[yes])
    return Instrument(sensitivity, from_clusters(1.0 - scores[~yes], codes[~yes]), clustered=True)


def _indices(units: tuple[str, ...] | None) -> Array | None:
    return None if units is None else np.unique(np.array(units), return_inverse=True)[1]


def _agreement(labels: Array, scores: Array, units: Array | None, confidence: float) -> str:
    """Write how well scorer and people agree; weighted where they use more than yes and no."""
    pairs = np.stack([labels, scores], axis=1)
    binary = bool(np.isin(pairs, (0.0, 1.0)).all())
    ratings = read_ratings(pairs, categories=(0.0, 1.0) if binary else None, clusters=units)
    weighting = Weighting.NONE if binary else Weighting.QUADRATIC
    kappa = cohen_kappa(ratings, weighting=weighting, confidence=confidence)
    steady = gwet_ac1(ratings, weighting=weighting, confidence=confidence)
    name = "AC1" if binary else "AC2"
    return f"agreement with people: kappa {_coefficient(kappa)}, {name} {_coefficient(steady)}"


def _coefficient(found: Agreement) -> str:
    if found.coefficient is None:
        return "not defined"
    low, high = found.interval
    return f"{found.coefficient:.2f} [{low:.2f}, {high:.2f}]"


def _estimate(found: Rectified | CorrectedRate, item: Tally, method: str) -> Estimate:
    return Estimate(
        estimate=found.estimate,
        lower=found.lower,
        upper=found.upper,
        interval=found.interval,
        standard_error=found.standard_error,
        n=item.n,
        units=item.units,
        clustered=item.clustered,
        confidence=found.confidence,
        method=method,
    )
