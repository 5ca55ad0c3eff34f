"""A grid for many different units, so that a million of them are judged as fast as a thousand.

Each unit is split among the nearest grid points in proportion to nearness. That keeps every sum and adds a
little variance (a mean-preserving spread), so bounds move outward.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from roadworthy.stats.units import Array, Units

MOST_ROWS = 2_048
SIZE_POINTS = 16


def coarsened(units: Units) -> Units:
    """Return units with at most about `MOST_ROWS` different rows and the same number, samples and total."""
    if len(units.counts) <= MOST_ROWS:
        return units
    sizes = _points(units.sizes, SIZE_POINTS)
    totals = _points(units.totals, MOST_ROWS // len(sizes))
    across, along = _nearness(units.sizes, sizes), _nearness(units.totals, totals)
    cells = np.zeros(len(sizes) * len(totals))
    for row, row_share in across:
        for column, column_share in along:
            share = units.counts * row_share * column_share
            cells += np.bincount(row * len(totals) + column, share, minlength=len(cells))
    used = np.flatnonzero(cells)
    return replace(units, totals=totals[used % len(totals)], sizes=sizes[used // len(totals)], counts=cells[used])


def _points(values: Array, number: int) -> Array:
    """Lay grid points from the least to the greatest value, closer together where values are small."""
    least, greatest = float(values.min()), float(values.max())
    if least == greatest:
        return np.array([least])
    return least + (greatest - least) * np.linspace(0.0, 1.0, number) ** 2


def _nearness(values: Array, points: Array) -> list[tuple[NDArray[np.intp], Array]]:
    """Return, for each neighbour, the index of the grid point and the share of the unit that goes there."""
    if len(points) == 1:
        return [(np.zeros(len(values), dtype=np.intp), np.ones(len(values)))]
    above = np.clip(np.searchsorted(points, values), 1, len(points) - 1)
    share = (values - points[above - 1]) / (points[above] - points[above - 1])
    return [(above - 1, 1.0 - share), (above, share)]
