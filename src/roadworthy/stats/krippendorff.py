"""Krippendorff's alpha for any number of raters, with missing ratings (Krippendorff 1970, 2011)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

import numpy as np

from roadworthy.core.errors import InputError
from roadworthy.stats.agreement import (
    ALIKE,
    SCALE,
    Agreement,
    described,
    disagreement_interval,
    from_disagreement,
    undefined,
)
from roadworthy.stats.ratings import Ratings
from roadworthy.stats.units import Array

RESAMPLES = 2_000
FEWEST_RESAMPLES = 100
CELLS = 4_000_000


class Level(StrEnum):
    """Level of measurement: which differences between two ratings count, and how much."""

    NOMINAL = "nominal"
    ORDINAL = "ordinal"
    INTERVAL = "interval"


def krippendorff_alpha(
    ratings: Ratings,
    *,
    level: Level = Level.NOMINAL,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Agreement:
    """Estimate alpha over the subjects that two or more raters rated.

    The error is that of a bootstrap over subjects, or over clusters (Zapf, Castell, Morawietz and Karch 2016, who show
    that resampling pairs of ratings does not cover). Assumes independent subjects (or clusters), fifty or more of
    them, and no category so rare that few subjects carry it. The same seed gives the same interval.
    """
    if resamples < FEWEST_RESAMPLES:
        raise InputError(f"{resamples} resamples do not reach the tails", remedy=f"Take at least {FEWEST_RESAMPLES}.")
    name = f"Krippendorff's alpha, {level}"
    tallies, units = ratings.tallies, ratings.units
    paired = tallies.sum(axis=1) >= 2
    tallies = tallies[paired]
    codes = np.arange(len(tallies)) if units is None else np.unique(units[paired], return_inverse=True)[1]
    once = np.ones((1, len(tallies)))
    if len(tallies) < 2 or (found := float(_alphas(tallies, ratings.categories, once, level)[0])) != found:
        return undefined(ratings, confidence=confidence, name=name)
    drawn = [
        _alphas(tallies, ratings.categories, weights[:, codes], level)
        for weights in _draws(int(codes.max()) + 1, tallies.size, resamples, seed)
    ]
    alphas = np.concatenate(drawn)
    error = float(np.nanstd(alphas, ddof=1)) if np.sum(~np.isnan(alphas)) >= FEWEST_RESAMPLES else 0.0
    if error <= ALIKE:
        scale = _worst(tallies, ratings.categories, level)
        return from_disagreement(ratings, found, scale, confidence=confidence, name=name)
    ends = disagreement_interval(found, error, ratings.independent, confidence)
    over = "subjects" if units is None else "clusters"
    how = f"{name}; bootstrap error over {over}, {resamples:,} resamples, seed {seed}, {SCALE}"
    return described(ratings, found, ends, error, confidence, how)


def _draws(number: int, cells: int, resamples: int, seed: int) -> Iterator[Array]:
    """Yield how often each unit is drawn, in blocks that bound the memory."""
    generator = np.random.default_rng(seed)
    block = max(1, CELLS // max(cells, 1))
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        yield generator.multinomial(number, np.full(number, 1.0 / number), size=size).astype(np.float64)


def _alphas(tallies: Array, categories: Array, weights: Array, level: Level) -> Array:
    """Return alpha with each row of `weights` on the subjects; NaN where only one category was used.

    `tallies` has shape (subjects, categories), `weights` (rows, subjects).
    """
    raters = tallies.sum(axis=1)
    marginal = weights @ tallies
    total = marginal.sum(axis=1)
    values = _positions(categories, marginal, level)
    within = _disagreement(tallies, values, level) / (raters - 1.0)[None, :]
    observed = (weights * within).sum(axis=1) / total
    expected = _disagreement_of_rows(marginal, values, level) / (total * (total - 1.0))
    return np.where(expected > 0, 1.0 - observed / np.where(expected > 0, expected, 1.0), np.nan)


def _positions(categories: Array, marginal: Array, level: Level) -> Array:
    """Return where each category lies, shape (rows, categories): its value, or for ordinal its middle rank."""
    if level is Level.ORDINAL:
        return np.asarray(np.cumsum(marginal, axis=1) - marginal / 2.0)
    return np.broadcast_to(categories, marginal.shape)


def _disagreement(tallies: Array, values: Array, level: Level) -> Array:
    """Add the squared differences over all ordered pairs of ratings of each subject: shape (rows, subjects)."""
    raters = tallies.sum(axis=1)
    if level is Level.NOMINAL:
        return np.broadcast_to(raters**2 - (tallies**2).sum(axis=1), (len(values), len(tallies)))
    middle = values - values.mean(axis=1, keepdims=True)
    return np.asarray(2.0 * (raters * (middle**2 @ tallies.T) - (middle @ tallies.T) ** 2))


def _disagreement_of_rows(marginal: Array, values: Array, level: Level) -> Array:
    """Add the squared differences over all ordered pairs of all ratings: shape (rows,)."""
    total = marginal.sum(axis=1)
    if level is Level.NOMINAL:
        return np.asarray(total**2 - (marginal**2).sum(axis=1))
    middle = values - values.mean(axis=1, keepdims=True)
    return np.asarray(2.0 * (total * (marginal * middle**2).sum(axis=1) - (marginal * middle).sum(axis=1) ** 2))


def _worst(tallies: Array, categories: Array, level: Level) -> float:
    """Return by how much alpha falls for a share of disagreement of 1, each as large as can be."""
    marginal = tallies.sum(axis=0)[None, :]
    total, values = marginal.sum(), _positions(categories, marginal, level)
    expected = float(_disagreement_of_rows(marginal, values, level)[0]) / float(total * (total - 1.0))
    span = 1.0 if level is Level.NOMINAL else float(values.max() - values.min()) ** 2
    return span / expected
