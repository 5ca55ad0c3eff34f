"""Tallies that grow with a run: each block of whole units is counted as a sealed table is, and added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from roadworthy.evaluate.metrics.metric import Metric
from roadworthy.evaluate.parts import Parts
from roadworthy.evaluate.results import Tally, tally
from roadworthy.evaluate.row import Row

Look = tuple[Metric, tuple[str, ...]]
"""A metric, and the slice columns by which it is counted."""
Tallies = dict[Look, list[Tally]]


class RunningTally:
    """The counts of every look, over the units that were added."""

    def __init__(self, looks: Sequence[Look], slices: Sequence[str], scores: Sequence[str]) -> None:
        self._columns = (slices, scores)
        self._held: dict[Look, dict[str, Tally]] = {look: {} for look in looks}

    def add(self, rows: Sequence[Row]) -> None:
        """Count rows; those of a unit must come together."""
        with TemporaryDirectory(prefix="roadworthy-") as folder:
            parts = Parts(Path(folder), *self._columns)
            parts.write(0, rows)
            for (metric, columns), held in self._held.items():
                for item in tally(parts.path(0), metric, columns):
                    known = held.get(item.label)
                    held[item.label] = _added(known, item) if known else item

    @property
    def tallies(self) -> Tallies:
        """Return the tallies of each look, sorted by slice."""
        return {look: [held[label] for label in sorted(held)] for look, held in self._held.items()}


def _added(one: Tally, other: Tally) -> Tally:
    """Add two tallies of one slice over different units; units that are alike become one row again."""
    totals, sizes = np.concatenate([one.totals, other.totals]), np.concatenate([one.sizes, other.sizes])
    counts = np.concatenate([one.counts, other.counts])
    alike, of_row = np.unique(np.stack([sizes.astype(np.float64), totals]), axis=1, return_inverse=True)
    return replace(
        one,
        totals=alike[1],
        sizes=alike[0].astype(np.int64),
        counts=np.bincount(of_row.ravel(), counts).astype(np.int64),
        n=one.n + other.n,
        units=one.units + other.units,
        errored=one.errored + other.errored,
    )
