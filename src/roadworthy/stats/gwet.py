"""Gwet's AC1 and its weighted form AC2 (Gwet 2008): agreement that stays steady where one category is rare."""

from __future__ import annotations

import numpy as np

from roadworthy.stats.agreement import Agreement, undefined, with_error
from roadworthy.stats.ratings import Ratings, Weighting, agreement_weights


def gwet_ac1(ratings: Ratings, *, weighting: Weighting = Weighting.NONE, confidence: float = 0.95) -> Agreement:
    """Estimate AC1 (with weights AC2) of two or more raters; missing ratings are allowed.

    Agreement is over the subjects that two or more raters rated, shares of categories over all that anybody rated.
    Variance by Gwet (2008; Handbook of Inter-Rater Reliability, 4th edition 2014, for missing ratings), with shares of
    categories estimated. Assumes independent subjects (or clusters) and a fixed set of raters. Name all categories when
    the ratings are read: one that nobody used counts in the agreement by chance.
    """
    name = "Gwet's AC1" if weighting is Weighting.NONE else f"Gwet's AC2, {weighting}"
    tallies, q = ratings.tallies, len(ratings.categories)
    number = tallies.sum(axis=1)
    paired = number >= 2
    if q < 2 or paired.sum() < 2:
        return undefined(ratings, confidence=confidence, name=name)
    weights = agreement_weights(ratings.categories, weighting)
    pairs = np.where(paired, number * (number - 1.0), 1.0)
    agree = (tallies * (tallies @ weights - 1.0)).sum(axis=1) / pairs
    seen, up = float(agree[paired].mean()), len(tallies) / float(paired.sum())
    shares = tallies / number[:, None]
    share, factor = shares.mean(axis=0), float(weights.sum()) / (q * (q - 1.0))
    by_chance = factor * float(share @ (1.0 - share))
    coefficient = (seen - by_chance) / (1.0 - by_chance)
    own = up * np.where(paired, agree - by_chance, 0.0) / (1.0 - by_chance)
    own_chance = factor * shares @ (1.0 - share)
    influence = own - 2.0 * (1.0 - coefficient) * (own_chance - by_chance) / (1.0 - by_chance)
    return with_error(ratings, coefficient, influence, by_chance=by_chance, confidence=confidence, name=name)
