"""Cohen's kappa of two raters, plain and weighted (Cohen 1960, 1968)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from roadworthy.core.errors import InputError
from roadworthy.stats.agreement import Agreement, undefined, with_error
from roadworthy.stats.ratings import Ratings, Weighting, agreement_weights


def cohen_kappa(ratings: Ratings, *, weighting: Weighting = Weighting.NONE, confidence: float = 0.95) -> Agreement:
    """Estimate kappa of two raters over the subjects that both rated.

    Standard error by Fleiss, Cohen and Everitt (1969), with the factor n / (n - 1). Assumes independent subjects (or
    clusters) and enough of them for the coefficient to be about normal; near full agreement, and where one
    category is rare, the interval covers too rarely. Raises InputError for other than two raters: there it is
    not defined, take Gwet's AC1 or Krippendorff's alpha.
    """
    if ratings.raters != 2:
        raise InputError(
            f"Cohen's kappa is defined for two raters, not for {ratings.raters}",
            remedy="Take Gwet's AC1 or Krippendorff's alpha, or compare two raters at a time.",
        )
    both = np.all(ratings.codes >= 0, axis=1)
    kept = replace(ratings, codes=ratings.codes[both], units=None if ratings.units is None else ratings.units[both])
    name = "Cohen's kappa" + ("" if weighting is Weighting.NONE else f", {weighting}")
    q, n = len(ratings.categories), int(both.sum())
    if n < 2:
        return undefined(kept, confidence=confidence, name=name)
    first, second = kept.codes.T
    weights = agreement_weights(ratings.categories, weighting)
    row, column = (np.bincount(codes, minlength=q) / n for codes in (first, second))
    seen, by_chance = float(weights[first, second].mean()), float(row @ weights @ column)
    if by_chance >= 1.0:
        return undefined(kept, confidence=confidence, name=name)
    kappa = (seen - by_chance) / (1.0 - by_chance)
    # By the first rater's category, the expected weight over the second's, and the other way round.
    expected = (weights @ column)[first] + (row @ weights)[second]
    influence = (weights[first, second] - (1.0 - kappa) * (expected - 2.0 * by_chance) - by_chance) / (1.0 - by_chance)
    return with_error(kept, kappa, influence, by_chance=by_chance, confidence=confidence, name=name)
