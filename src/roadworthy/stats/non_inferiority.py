"""Non-inferiority: is the new release worse than the shipped one by no more than a margin?

A release shows that it is when the upper bound of its worsening is at most the margin. The bound is the one by which
every criterion is judged (Gaffke's, over units), so its error holds for few cases, few clusters and rates near 0
and 1. Score and t intervals are shorter there because they are wrong more often.
"""

from __future__ import annotations

from dataclasses import dataclass

from roadworthy.core.errors import InputError
from roadworthy.stats.contrast import Sampling, difference
from roadworthy.stats.mean import DEFAULT_ICC, estimate_mean
from roadworthy.stats.sample_size import units_needed
from roadworthy.stats.units import Units


@dataclass(frozen=True)
class NonInferiority:
    """What there is to decide by: met when `upper` is at most `margin`, not met when `lower` is above it."""

    worsening: float | None
    """How much worse the new release is, in units of the score; negative when it is better. None without cases."""
    lower: float
    """One-sided lower bound of the worsening at `confidence`."""
    upper: float
    """One-sided upper bound of the worsening at `confidence`."""
    interval: tuple[float, float]
    """Two-sided, half of the error on each side."""
    margin: float
    n: int
    """Pairs; without pairing, the samples of both releases."""
    units: int
    units_needed: int | None
    """Further units of the same make-up that would settle it; None when unknown or beyond a million."""
    confidence: float
    method: str


def paired_non_inferiority(
    differences: Units,
    margin: float,
    *,
    higher_is_better: bool,
    confidence: float,
    clustered: bool,
    icc_at_most: float = DEFAULT_ICC,
) -> NonInferiority:
    """Bound the worsening over the cases that both releases have; `differences` are new minus shipped.

    `differences` comes from `paired_differences` or `pair_scores`, `margin` is in units of the score. The unit that was
    not seen is taken to be as much worse as `icc_at_most` allows for the differences. Fewer than two clusters say
    nothing. Raises InputError unless the margin is between 0 and the range of the scores.
    """
    checked_margin(margin, differences.high)
    worse = differences.mirrored() if higher_is_better else differences
    found = estimate_mean(worse, clustered=clustered, confidence=confidence, icc_at_most=icc_at_most)
    needed = units_needed(worse, margin, confidence=confidence, clustered=clustered, icc_at_most=icc_at_most)
    return NonInferiority(
        worsening=found.estimate,
        lower=found.lower,
        upper=found.upper,
        interval=found.interval,
        margin=margin,
        n=found.n,
        units=found.units,
        units_needed=needed,
        confidence=confidence,
        method=f"paired differences: {found.method}",
    )


def unpaired_non_inferiority(
    new: Units,
    shipped: Units,
    margin: float,
    *,
    higher_is_better: bool,
    confidence: float,
    sampling: Sampling | None = None,
) -> NonInferiority:
    """Bound the worsening between samples that are not the same cases, by melded bounds.

    Samples that share clusters are not independent; say so in `sampling`. It takes more cases than pairs do, as a
    rule. Raises InputError unless the margin is between 0 and the range of the scores.
    """
    checked_margin(margin, new.high - new.low)
    first, second = (shipped, new) if higher_is_better else (new, shipped)
    found = difference(first, second, confidence=confidence, sampling=sampling)
    return NonInferiority(
        worsening=found.estimate,
        lower=found.lower,
        upper=found.upper,
        interval=found.interval,
        margin=margin,
        n=found.n,
        units=found.units,
        units_needed=None,
        confidence=confidence,
        method=f"unpaired: {found.method}",
    )


def checked_margin(margin: float, span: float) -> None:
    if not 0.0 < margin < span:
        raise InputError(
            f"a margin of non-inferiority lies between 0 and {span:g}, not {margin:g}",
            remedy="Say by how much the new release may be worse, in units of the score.",
        )
