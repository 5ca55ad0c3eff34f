"""Correction for many looks, where something is accused: this metric regressed, this group is treated worse.

To pass, all must pass, and nothing is corrected (intersection-union). To accuse, the p-values of all accusations
that could have been made are adjusted together, those of the ones that were not made included.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from roadworthy.core.errors import InputError
from roadworthy.stats.units import Array


def holm(p_values: Iterable[float] | NDArray[Any]) -> Array:
    """Return adjusted p-values, in the order given (Holm 1979).

    Accusing where the adjusted value is at most alpha makes any false accusation with probability at most alpha,
    however the tests depend on each other. Raises InputError unless every value lies in [0, 1].
    """
    values = _checked(p_values)
    order = np.argsort(values, kind="stable")
    grown = values[order] * np.arange(len(values), 0, -1)
    return _in_place(np.minimum(1.0, np.maximum.accumulate(grown)), order)


def benjamini_hochberg(p_values: Iterable[float] | NDArray[Any]) -> Array:
    """Return adjusted p-values, in the order given (Benjamini and Hochberg 1995).

    Accusing where the adjusted value is at most q makes at most a share q of the accusations false, on average.
    Assumes that the tests are independent or positively dependent (Benjamini and Yekutieli 2001). Raises
    InputError unless every value lies in [0, 1].
    """
    values = _checked(p_values)
    order = np.argsort(values, kind="stable")
    grown = values[order] * len(values) / np.arange(1, len(values) + 1)
    return _in_place(np.minimum(1.0, np.minimum.accumulate(grown[::-1])[::-1]), order)


def _in_place(adjusted: Array, order: NDArray[np.intp]) -> Array:
    placed = np.empty_like(adjusted)
    placed[order] = adjusted
    return placed


def _checked(p_values: Iterable[float] | NDArray[Any]) -> Array:
    values = np.asarray(p_values if isinstance(p_values, np.ndarray) else list(p_values), dtype=np.float64)
    if not np.all((values >= 0.0) & (values <= 1.0)):
        raise InputError("a p-value lies between 0 and 1", remedy="Leave out what was not tested, and say so.")
    return values
