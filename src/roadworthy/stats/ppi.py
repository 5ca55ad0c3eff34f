"""Prediction-powered inference for a mean, tuned for power: PPI++ (Angelopoulos, Duchi and Zrnic 2023).

The published interval leans on the central limit theorem. `ppi_bounds` gives what a criterion reads: the
same estimate with bounds that hold for few labels, and where labels and scores never differ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from roadworthy.stats.confidence import NOTHING_KNOWN, distributions
from roadworthy.stats.mean import DEFAULT_ICC, checked_levels, limits, sides, unknowable
from roadworthy.stats.mean import method as method_of_mean
from roadworthy.stats.melding import confidence_in
from roadworthy.stats.rectified import Labelling, Rectified, described, estimate_of
from roadworthy.stats.root import increasing_root
from roadworthy.stats.units import Array

PRECISION = 1e-12
ALIKE = 1e-15


@dataclass(frozen=True)
class Spread:
    """Variance of the human mean and of its control, the mean score without labels minus that with labels."""

    human: float
    control: float
    both: float
    """Their covariance."""


def tuned_power(labelling: Labelling) -> float:
    """Return the power that makes the estimate vary least, in [0, 1] (section 6 of the paper).

    With clusters the variances are those of sums over clusters. Without two units on either side it is 0: labels only.
    """
    spread = _spread(labelling)
    if spread is None or spread.control <= ALIKE:
        return 0.0
    return min(max(-spread.both / spread.control, 0.0), 1.0)


def ppi_mean(labelling: Labelling, *, confidence: float = 0.95, power: float | None = None) -> Rectified:
    """Estimate the mean of the truth with the interval of the paper, for clusters with the robust variance.

    Student's t with Satterthwaite's degrees of freedom stands for the normal quantile. Assumes labels on a random draw
    of the samples, and enough labels that differ from the scores for the rectifier to be about normal: with rare
    differences the interval covers too rarely. Labels that leave no spread at all get the bounds of `ppi_bounds`.
    """
    chosen = _power(labelling, power)
    error = standard_error(labelling, chosen)
    if error is None or _alike(labelling, chosen):
        return ppi_bounds(labelling, confidence=confidence, power=chosen)
    from scipy.special import stdtrit

    levels = checked_levels(sides(confidence), 0.0)
    freedom = _freedom(labelling, chosen)
    width = error * np.asarray(stdtrit(freedom, levels))
    middle = estimate_of(labelling, chosen)
    how = f"PPI++, power {chosen:.2f}, {freedom:.0f} degrees of freedom, {_units(labelling)}"
    return described(labelling, chosen, (middle - width, middle + width), error, confidence=confidence, method=how)


def ppi_bounds(
    labelling: Labelling, *, confidence: float = 0.95, power: float | None = None, icc_at_most: float = DEFAULT_ICC
) -> Rectified:
    """Estimate the mean of the truth as PPI++ does, with Gaffke's bounds of its two means, melded.

    Bounded are the mean score without labels and the mean rectifier. Where they have no cluster in common they are
    independent, and their confidence distributions are melded (Fay, Proschan and Brittain 2015); else both bounds are
    taken at half of the error (Bonferroni). Assumes labels on a random draw of the samples. Fewer than two
    labelled units say nothing.
    """
    chosen = _power(labelling, power)
    levels = checked_levels(sides(confidence), icc_at_most)
    error = standard_error(labelling, chosen)
    if labelling.labelled.sum() == 0 or unknowable(labelling.rectifiers(chosen), labelling.clustered):
        nothing = (np.zeros(2), np.ones(2))
        how = "PPI++: fewer than two labelled units, nothing can be said"
        return described(labelling, chosen, nothing, error, confidence=confidence, method=how)
    bound, combined = _melded, "melded"
    if chosen == 0:
        bound, combined = _labels_only, "labels only"
    elif labelling.shared:
        bound, combined = _boxed, "box of bounds, labels share clusters with scores"
    lower, upper = bound(labelling, chosen, levels, icc_at_most)
    middle = estimate_of(labelling, chosen)
    bounds = (np.minimum(lower, middle), np.maximum(upper, middle))
    of = method_of_mean(labelling.rectifiers(chosen), labelling.clustered, icc_at_most)
    how = f"PPI++, power {chosen:.2f}, {combined}; {of}"
    return described(labelling, chosen, bounds, error, confidence=confidence, method=how)


def standard_error(labelling: Labelling, power: float) -> float | None:
    """Return the cluster-robust standard error of the estimate; None where it is not known."""
    spread = _spread(labelling)
    if spread is None:
        return None
    return math.sqrt(max(spread.human + power**2 * spread.control + 2.0 * power * spread.both, 0.0))


def _spread(labelling: Labelling) -> Spread | None:
    """Return the variances by unit; a unit adds what it moves each mean by, with the factor G / (G - 1)."""
    human = _moves(labelling.labels, labelling.labelled)
    on, off = _moves(labelling.labelled_scores, labelling.labelled), _moves(labelling.scores, labelling.unlabelled)
    if human is None or on is None:
        return None
    if off is None:
        return Spread(float(human @ human), 0.0, 0.0) if labelling.unlabelled.sum() == 0 else None
    control = off - on
    return Spread(float(human @ human), float(control @ control), float(human @ control))


def _moves(totals: Array, sizes: Array) -> Array | None:
    """Return by how much each unit moves a ratio mean, scaled so that the squares add up to its variance."""
    number, samples = float((sizes > 0).sum()), float(sizes.sum())
    if number < 2:
        return None
    residual = totals - totals.sum() / samples * sizes
    return np.asarray(residual / samples * math.sqrt(number / (number - 1.0)))


def _alike(labelling: Labelling, power: float) -> bool:
    rectifier = _moves(labelling.labels - power * labelling.labelled_scores, labelling.labelled)
    return rectifier is None or float(rectifier @ rectifier) <= ALIKE


def _freedom(labelling: Labelling, power: float) -> float:
    """Return Satterthwaite's degrees of freedom of the two parts of the variance."""
    parts = [
        (labelling.labels - power * labelling.labelled_scores, labelling.labelled),
        (power * labelling.scores, labelling.unlabelled),
    ]
    moves = [
        (found, float((sizes > 0).sum())) for totals, sizes in parts if (found := _moves(totals, sizes)) is not None
    ]
    variances = [(float(move @ move), number - 1.0) for move, number in moves]
    return sum(v for v, _ in variances) ** 2 / sum(v**2 / freedom for v, freedom in variances)


def _melded(labelling: Labelling, power: float, levels: Array, icc_at_most: float) -> tuple[Array, Array]:
    """Meld score and rectifier: power p + r, with r = 1 - (1 + power) q for the mirrored rectifier q on [0, 1]."""
    scores, rectifiers = labelling.score_units(), labelling.rectifiers(power)
    of_scores = NOTHING_KNOWN if unknowable(scores, labelling.clustered) else distributions(scores, icc_at_most)
    mirrored = distributions(rectifiers.mirrored(), icc_at_most)
    first, second = np.full(len(levels), power), np.full(len(levels), 1.0 + power)

    def above(bound: Array) -> Array:
        return confidence_in(of_scores, mirrored, first, second, bound - 1.0) - levels

    def below(turned: Array) -> Array:
        return confidence_in(mirrored, of_scores, second, first, turned) - levels

    zero, one = np.zeros(len(levels)), np.ones(len(levels))
    upper = increasing_root(above, zero, one, PRECISION)
    lower = 1.0 - increasing_root(below, zero, one, PRECISION)
    return lower, upper


def _labels_only(labelling: Labelling, power: float, levels: Array, icc_at_most: float) -> tuple[Array, Array]:
    """Bound the mean label, for a power of 0."""
    found = limits(labelling.rectifiers(power), tuple(levels), clustered=labelling.clustered, icc_at_most=icc_at_most)
    return found.lower, found.upper


def _boxed(labelling: Labelling, power: float, levels: Array, icc_at_most: float) -> tuple[Array, Array]:
    halved = tuple((1.0 + levels) / 2.0)
    scores = limits(labelling.score_units(), halved, clustered=labelling.clustered, icc_at_most=icc_at_most)
    rectifiers = limits(labelling.rectifiers(power), halved, clustered=labelling.clustered, icc_at_most=icc_at_most)
    low, high = (side * (1.0 + power) - power for side in (rectifiers.lower, rectifiers.upper))
    return power * scores.lower + low, power * scores.upper + high


def _power(labelling: Labelling, given: float | None) -> float:
    """Return the power to use; without scores that have no label there is nothing to lend any."""
    if labelling.unlabelled.sum() == 0:
        return 0.0
    return tuned_power(labelling) if given is None else given


def _units(labelling: Labelling) -> str:
    return "independent clusters" if labelling.clustered else "independent samples"
