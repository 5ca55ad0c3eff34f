"""Tallies that grow with a run: each block of whole units is counted as a sealed table is, and added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from roadworthy.evaluate.metrics.metric import Metric
from roadworthy.evaluate.parts import Parts
from roadworthy.evaluate.results import Tally, tally, with_rounds
from roadworthy.evaluate.row import Row

Look = tuple[Metric, tuple[str, ...]]
"""A metric, and the slice columns by which it is counted."""
Tallies = dict[Look, list[Tally]]
_Held = dict[Look, dict[str, Tally]]


class RunningTally:
    """The counts of every look, over the units that were added: whole, or in two rounds."""

    def __init__(
        self, looks: Sequence[Look], slices: Sequence[str], scores: Sequence[str], *, in_rounds: bool = False
    ) -> None:
        self._looks, self._columns, self._in_rounds = looks, (slices, scores), in_rounds
        self._first: _Held = {look: {} for look in looks}
        self._whole: _Held = {look: {} for look in looks}
        self._again: _Held = {look: {} for look in looks}
        """What the first round asked of units that are whole, to be taken away."""

    def add(self, rows: Sequence[Row]) -> None:
        """Count rows that the first round, or the only one, asked; those of a unit must come together."""
        for look, items in self._counted(rows):
            self._first[look].update(_merged(self._first[look], items))

    def complete(self, rows: Sequence[Row], first: Sequence[Row]) -> None:
        """Count units that are whole now by all their `rows`; `first` are those of them that were added before."""
        for look, items in self._counted(rows):
            self._whole[look].update(_merged(self._whole[look], items))
        for look, items in self._counted(first):
            self._again[look].update(_merged(self._again[look], [_less(item) for item in items]))

    def _counted(self, rows: Sequence[Row]) -> Iterator[tuple[Look, list[Tally]]]:
        with TemporaryDirectory(prefix="roadworthy-") as folder:
            parts = Parts(Path(folder), *self._columns)
            parts.write(0, rows)
            for look in self._looks:
                yield look, tally(parts.path(0), *look)

    @property
    def tallies(self) -> Tallies:
        """Return the tallies of each look, sorted by slice."""
        return {look: self._tallies(look) for look in self._looks}

    def _tallies(self, look: Look) -> list[Tally]:
        first, whole = self._first[look], self._whole[look]
        if not self._in_rounds:
            return _sorted(first)
        open_ = first | _merged(first, self._again[look].values())
        counted = open_ | _merged(open_, whole.values())
        return with_rounds(_sorted(counted), _sorted(first), _sorted(whole))


def _sorted(held: dict[str, Tally]) -> list[Tally]:
    return [held[label] for label in sorted(held)]


def _merged(held: dict[str, Tally], items: Iterable[Tally]) -> dict[str, Tally]:
    """Return each of `items`, added to what is held of its slice."""
    return {item.label: _added(held[item.label], item) if item.label in held else item for item in items}


def _less(item: Tally) -> Tally:
    """Return a tally that takes away what it counts when it is added."""
    return replace(item, counts=-item.counts, n=-item.n, units=-item.units, errored=-item.errored)


def _added(one: Tally, other: Tally) -> Tally:
    """Add two tallies of one slice over different units; units that are alike become one row again."""
    totals, sizes = np.concatenate([one.totals, other.totals]), np.concatenate([one.sizes, other.sizes])
    counts = np.concatenate([one.counts, other.counts])
    alike, of_row = np.unique(np.stack([totals, sizes.astype(np.float64)]), axis=1, return_inverse=True)
    together = np.bincount(of_row.ravel(), counts).astype(np.int64)
    left = together != 0
    return replace(
        one,
        totals=alike[0][left],
        sizes=alike[1][left].astype(np.int64),
        counts=together[left],
        n=one.n + other.n,
        units=one.units + other.units,
        errored=one.errored + other.errored,
    )
