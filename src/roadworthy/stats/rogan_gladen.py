"""A rate corrected for the sensitivity and specificity of the scorer that measured it (Rogan and Gladen 1978).

What is measured is the apparent rate, sensitivity x rate + (1 - specificity) x (1 - rate). Sensitivity and specificity
come from another labelled set, so that all three are uncertain, and independent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from roadworthy.core.errors import InputError
from roadworthy.stats.clusters import standard_error
from roadworthy.stats.confidence import NOTHING_KNOWN, WEIGHTS, Beta, Distributions, Tabulated, distributions
from roadworthy.stats.mean import DECIMALS, DEFAULT_ICC, checked_levels, sides, unknowable
from roadworthy.stats.mean import method as method_of_mean
from roadworthy.stats.proportion import effective_samples
from roadworthy.stats.root import increasing_root
from roadworthy.stats.units import Array, Units

PRECISION = 1e-12


@dataclass(frozen=True, eq=False)
class Instrument:
    """How a yes-or-no scorer did on samples whose truth is known."""

    sensitivity: Units
    """1 for each true yes that the scorer found, 0 for each that it missed."""
    specificity: Units
    """1 for each true no that the scorer passed over, 0 for each that it flagged."""
    clustered: bool = False

    @property
    def complement(self) -> Instrument:
        """Return the same scorer with yes and no exchanged."""
        return Instrument(self.specificity, self.sensitivity, self.clustered)


@dataclass(frozen=True)
class CorrectedRate:
    """A true rate with everything that it rests on; numbers are rounded to ten decimals."""

    estimate: float | None
    """Between 0 and 1; None without samples, or where the scorer is no better than chance."""
    lower: float
    """One-sided lower bound at `confidence`."""
    upper: float
    """One-sided upper bound at `confidence`."""
    interval: tuple[float, float]
    """Two-sided at `confidence`."""
    standard_error: float | None
    """By the delta method, robust against clusters (Rogan and Gladen 1978)."""
    apparent: float | None
    sensitivity: float | None
    specificity: float | None
    n: int
    units: int
    confidence: float
    method: str


def true_rate(apparent: float, sensitivity: float, specificity: float) -> float | None:
    """Return the rate behind an apparent one, between 0 and 1; None where the scorer is no better than chance."""
    youden = sensitivity + specificity - 1.0
    if youden <= 0:
        return None
    return min(max((apparent + specificity - 1.0) / youden, 0.0), 1.0)


def corrected_rate(
    apparent: Units,
    instrument: Instrument,
    *,
    clustered: bool,
    confidence: float = 0.95,
    icc_at_most: float = DEFAULT_ICC,
) -> CorrectedRate:
    """Bound the true rate by melding the confidence distributions of the three rates.

    The upper bound is the quantile of the true rate made from the upper distributions of the apparent rate and of the
    specificity and the lower one of the sensitivity: the method of Bayer, Fay and Graubard (2023) with Gaffke's
    bounds, which respect clusters. Draws in which the scorer is no better than chance say nothing, and count as the
    end of the scale. Assumes that the scorer errs on these samples as often as on the labelled ones.
    """
    levels = checked_levels(sides(confidence), icc_at_most)
    seen = _beliefs(apparent, clustered, icc_at_most)
    found, passed = (
        _beliefs(units, instrument.clustered, icc_at_most) for units in (instrument.sensitivity, instrument.specificity)
    )
    upper = _upper(seen.upper, found.lower, passed.upper, levels)
    # With yes and no exchanged the upper bound of the complement is the lower bound.
    lower = 1.0 - _upper(_mirrored(seen.lower), passed.lower, found.upper, levels)
    how = f"Rogan-Gladen, melded; {method_of_mean(apparent, clustered, icc_at_most)}"
    return _described(apparent, instrument, lower, upper, confidence=confidence, method=how)


def lang_reiczigel(
    apparent: Units, instrument: Instrument, *, clustered: bool, confidence: float = 0.95
) -> CorrectedRate:
    """Estimate the true rate with the interval of Lang and Reiczigel (2014).

    Three adjusted proportions and a normal quantile; for a clustered apparent rate with its effective sample. Assumes
    sensitivity and specificity above a half. The authors show it for two-sided 95 % intervals; a side of it errs
    more often than half of the error. Raises InputError for labelled sets in clusters, or without a yes or a no.
    """
    if instrument.clustered:
        raise InputError("the interval of Lang and Reiczigel takes independent labels", remedy="Take corrected_rate.")
    if not instrument.sensitivity.samples or not instrument.specificity.samples:
        raise InputError("sensitivity and specificity need labels of both kinds", remedy="Label more samples.")
    from scipy.special import ndtri

    levels = checked_levels(sides(confidence), 0.0)
    z = np.asarray(ndtri(levels))
    samples = effective_samples(apparent, levels, clustered)
    number, rate = samples + z**2, (samples * float(apparent.rate or 0.0) + z**2 / 2.0) / (samples + z**2)
    (se, n_se), (sp, n_sp) = (_plus_one(units) for units in (instrument.sensitivity, instrument.specificity))
    true = (rate + sp - 1.0) / (se + sp - 1.0)
    of_se, of_sp = se * (1.0 - se) / n_se, sp * (1.0 - sp) / n_sp
    moved = true + 2.0 * z**2 * (true * of_se - (1.0 - true) * of_sp)
    spread = np.sqrt(rate * (1.0 - rate) / number + true**2 * of_se + (1.0 - true) ** 2 * of_sp) / (se + sp - 1.0)
    how = "Rogan-Gladen, Lang and Reiczigel"
    return _described(apparent, instrument, moved - z * spread, moved + z * spread, confidence=confidence, method=how)


def _upper(
    apparent: Beta | Tabulated, sensitivity: Beta | Tabulated, specificity: Beta | Tabulated, levels: Array
) -> Array:
    """Return the quantiles of (p + sp - 1) / (se + sp - 1), 1 where se + sp is 1 or less, at each level.

    Summed over the quantiles of se and sp, in which the chance that p is below the line is smooth.
    """
    se, sp = sensitivity.nodes[:, None], specificity.nodes[None, :]
    youden, weights = se + sp - 1.0, WEIGHTS[:, None] * WEIGHTS[None, :]

    def excess(rate: Array) -> Array:
        at = rate[:, None, None] * youden + 1.0 - sp
        chance = np.where(youden > 0, apparent.below(at), 0.0)
        return np.asarray((chance * weights).sum(axis=(1, 2)) - levels)

    return increasing_root(excess, np.zeros(len(levels)), np.ones(len(levels)), PRECISION)


def _mirrored(distribution: Beta | Tabulated) -> Beta | Tabulated:
    """Return the distribution of one minus the variable."""
    if isinstance(distribution, Beta):
        return Beta(distribution.b, distribution.a)
    return Tabulated((1.0 - distribution.nodes)[::-1])


def _beliefs(units: Units, clustered: bool, icc_at_most: float) -> Distributions:
    return NOTHING_KNOWN if unknowable(units, clustered) else distributions(units, icc_at_most)


def _plus_one(units: Units) -> tuple[float, float]:
    """Return a proportion and its sample with one more success and one more failure."""
    number = units.samples + 2.0
    return (float(units.counts @ units.totals) + 1.0) / number, number


def _described(
    apparent: Units, instrument: Instrument, lower: Array, upper: Array, *, confidence: float, method: str
) -> CorrectedRate:
    rates = apparent.rate, instrument.sensitivity.rate, instrument.specificity.rate
    p, se, sp = rates
    found = None if p is None or se is None or sp is None else true_rate(p, se, sp)
    middle = (1.0, 0.0) if found is None else (found, found)
    low = [round(float(v), DECIMALS) for v in np.clip(np.minimum(lower, middle[0]), 0.0, 1.0)]
    high = [round(float(v), DECIMALS) for v in np.clip(np.maximum(upper, middle[1]), 0.0, 1.0)]
    shown = [None if rate is None else round(rate, DECIMALS) for rate in rates]
    return CorrectedRate(
        estimate=None if found is None else round(found, DECIMALS),
        lower=low[0],
        upper=high[0],
        interval=(low[1], high[1]),
        standard_error=_error(apparent, instrument, found),
        apparent=shown[0],
        sensitivity=shown[1],
        specificity=shown[2],
        n=apparent.samples,
        units=apparent.number,
        confidence=confidence,
        method=method,
    )


def _error(apparent: Units, instrument: Instrument, rate: float | None) -> float | None:
    errors = [standard_error(units) for units in (apparent, instrument.sensitivity, instrument.specificity)]
    p, se, sp = errors
    if rate is None or p is None or se is None or sp is None:
        return None
    youden = float(instrument.sensitivity.rate or 0.0) + float(instrument.specificity.rate or 0.0) - 1.0
    return round(float(np.sqrt(p**2 + (rate * se) ** 2 + ((1.0 - rate) * sp) ** 2)) / youden, DECIMALS)
