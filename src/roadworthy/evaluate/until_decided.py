"""End a run as soon as its criteria are settled: a stopping rule whose decision depends on nothing but the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from roadworthy.evaluate.case import Work
from roadworthy.evaluate.dataset import Dataset
from roadworthy.evaluate.row import Row, SampleStatus
from roadworthy.evaluate.running_tally import Look, RunningTally, Tallies
from roadworthy.evaluate.unit_order import UnitOrder, key_of, place_of

GROWTH = 0.05
"""Samples between two looks, as a share of those that count already: looks are free, but each takes some time."""
LEAST = 5
"""And at least so many samples."""
_HELD = 4_096
"""Rows of earlier invocations that wait for others of their unit before the counting begins."""

Settle = Callable[[Tallies, bool], str | None]
"""Says why the criteria are settled by these tallies, or None; the second argument: whether they are of all units."""


@dataclass(frozen=True)
class Counted:
    """The units that entered the decision: the first ones in the order of asking, each whole."""

    units: int = 0
    samples: int = 0
    through: str | None = None
    """Place of the last one."""


class UntilDecided:
    """A stopping rule over whole units in a fixed order.

    It looks when the samples that count have grown by `GROWTH`, at points that the order alone decides. So neither the
    order in which answers arrive nor a run that was killed and taken up again changes the decision. Rows that were
    asked beyond the last unit that counts stay in the table and do not enter it.
    """

    def __init__(
        self,
        order: UnitOrder,
        epochs: int,
        looks: Sequence[Look],
        settle: Settle,
        *,
        slices: Sequence[str],
        scores: Sequence[str],
    ) -> None:
        self._order, self._epochs, self._settle = order, epochs, settle
        self._tally = RunningTally(looks, slices, scores)
        self._waiting: dict[int, dict[tuple[str, int], Row]] = {}
        self._held = 0
        self._next = Counted()
        """Units that are whole, in order; those up to the last look count."""
        self._block: list[Row] = []
        self.counted = Counted()
        self.why: str | None = None

    def order(self, dataset: Dataset, epochs: int) -> Iterator[Work]:
        """Yield every case and epoch, unit by unit in the order that the seed gives."""
        return self._order.work(dataset, epochs)

    def row(self, row: Row) -> None:
        """Take one recorded row; of several of one sample the last."""
        if self.why is not None:
            return
        place = _place(self._order.seed, row)
        self._waiting.setdefault(key_of(place), {})[row.key] = row
        self._held += 1
        if self._held >= _HELD:
            self._advance(with_errors=False)

    def settled(self) -> str | None:
        """Return why no further call is needed, None while one is."""
        self._advance(with_errors=True)
        return self.why

    def _advance(self, *, with_errors: bool) -> None:
        """Take the next units that are whole, and look wherever the order says.

        A row without an answer may be followed by a better one of the same sample while earlier invocations are read.
        """
        self._held = 0
        keys, sizes = self._order.keys, self._order.sizes
        while self.why is None and self._next.units < len(keys):
            rows = self._waiting.get(int(keys[self._next.units]), {})
            if len(rows) < int(sizes[self._next.units]) * self._epochs:
                return
            if not with_errors and any(row.status is SampleStatus.ERRORED for row in rows.values()):
                return
            self._take(list(self._waiting.pop(int(keys[self._next.units])).values()))

    def _take(self, rows: list[Row]) -> None:
        self._block += rows
        place = _place(self._order.seed, rows[0])
        self._next = Counted(self._next.units + 1, self._next.samples + len(rows), place)
        last = self._next.units == len(self._order.keys)
        if last or self._next.samples >= next_look(self.counted.samples):
            self._tally.add(self._block)
            self._block, self.counted = [], self._next
            answer = self._settle(self._tally.tallies, last)
            planned = int(self._order.sizes.sum()) * self._epochs
            if answer is not None:
                self.why = f"settled after {self.counted.samples:,} of {planned:,} samples: {answer}"


def next_look(samples: int) -> float:
    """Return how many samples must count for the next look."""
    return max(samples + LEAST, (1.0 + GROWTH) * samples)


def _place(seed: int, row: Row) -> str:
    return place_of(seed, row.sample if row.unit is None else row.unit)
