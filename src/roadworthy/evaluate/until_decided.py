"""End a run as soon as its criteria are settled: a stopping rule whose decision depends on nothing but the answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from roadworthy.evaluate.case import Work
from roadworthy.evaluate.dataset import Dataset
from roadworthy.evaluate.row import Row, SampleStatus
from roadworthy.evaluate.running_tally import Look, RunningTally, Tallies
from roadworthy.evaluate.spill import Strings
from roadworthy.evaluate.unit_order import UnitOrder, key_of, place_of

GROWTH = 0.05
"""Samples between two looks, as a share of those that count already: looks are free, but each takes some time."""
LEAST = 5
"""And at least so many samples."""
_HELD = 4_096
"""Rows of earlier invocations that wait for others of their unit before the counting begins."""
_BLOCK = 16_384
"""Rows that are held until they are counted together, if no look comes before."""
_ROUNDS = {1: "first", 2: "second"}
_UNTOLD: dict[str, Any] = {"request": None, "response": None, "steps": None}
"""What of a row is not kept until its unit is whole: it does not enter the counts."""
_ENCODE = msgspec.msgpack.Encoder().encode
_DECODE = msgspec.msgpack.Decoder(list[Row]).decode

Settle = Callable[[Tallies, bool], str | None]
"""Says why the criteria are settled by these tallies, or None; the second argument: whether they are of all units."""


@dataclass(frozen=True)
class Counted:
    """The units that entered the decision: the first ones in the order of asking.

    They are whole, or as the first of two rounds asks them. In the second, `units` are those that are whole, and what
    the first asked of all others counts as well.
    """

    round: int = 1
    units: int = 0
    samples: int = 0
    through: str | None = None
    """Place of the last one."""


class UntilDecided:
    """A stopping rule over units in a fixed order, whole or in two rounds.

    It looks when the samples that count have grown by `GROWTH`, and at the end of a round: the order alone decides
    when. So neither the order in which answers arrive nor a run that was killed and taken up again changes the
    decision. Rows that were asked beyond the last unit that counts stay in the table and do not enter it.
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
        self._order, self._asked, self._epochs, self._settle = order, order.rounds, epochs, settle
        self._tally = RunningTally(looks, slices, scores, in_rounds=order.in_rounds)
        self._waiting: dict[tuple[int, int], dict[tuple[str, int], Row]] = {}
        self._held = 0
        self._at = 0
        """How many units were gone through, in all rounds."""
        self._next = Counted()
        """What is there in order; what was at the last look counts."""
        self._block: list[Row] = []
        self._first = Strings(len(order.keys))
        """What the first of two rounds asked of each unit that is not whole yet."""
        self._completed: list[Row] = []
        """Rows of the block that the first round asked."""
        self.counted = Counted()
        self.why: str | None = None

    @property
    def in_rounds(self) -> bool:
        """Tell whether it asks in two rounds."""
        return self._order.in_rounds

    def order(self, dataset: Dataset, epochs: int) -> Iterator[Work]:
        """Yield every case and epoch, round by round and unit by unit in the order that the seed gives."""
        return self._order.work(dataset, epochs)

    def row(self, row: Row) -> None:
        """Take one recorded row; of several of one sample the last."""
        if self.why is not None:
            return
        place = _place(self._order.seed, row)
        self._waiting.setdefault((row.round, key_of(place)), {})[row.key] = row
        self._held += 1
        if self._held >= _HELD:
            self._advance(with_errors=False)

    def settled(self) -> str | None:
        """Return why no further call is needed, None while one is."""
        self._advance(with_errors=True)
        return self.why

    def _advance(self, *, with_errors: bool) -> None:
        """Take the next units that are there as their round asks them, and look wherever the order says.

        A row without an answer may be followed by a better one of the same sample while earlier invocations are read.
        """
        self._held = 0
        keys = self._order.keys
        while self.why is None and self._at < len(keys) * len(self._asked):
            number, unit = divmod(self._at, len(keys))
            place = (number + 1, int(keys[unit]))
            rows = self._waiting.get(place, {})
            if len(rows) < int(self._asked[number][unit]) * self._epochs:
                return
            if not with_errors and any(row.status is SampleStatus.ERRORED for row in rows.values()):
                return
            self._waiting.pop(place, None)
            self._at += 1
            self._take(place[0], unit, list(rows.values()))

    def _take(self, number: int, unit: int, rows: list[Row]) -> None:
        known = self._known(unit) if number > 1 else []
        self._block += known + rows
        self._completed += known
        if known or rows:
            units = self._next.units if self._next.round == number else 0
            place = _place(self._order.seed, (known or rows)[0])
            self._next = Counted(number, units + 1, self._next.samples + len(rows), place)
        if number < len(self._asked) and rows:
            self._first.put(unit, _ENCODE([msgspec.structs.replace(row, **_UNTOLD) for row in rows]))
        ended = self._at % len(self._order.keys) == 0
        if len(self._block) >= _BLOCK:
            self._count()
        if (ended and self._next != self.counted) or self._next.samples >= next_look(self.counted.samples):
            self._look()

    def _known(self, unit: int) -> list[Row]:
        """Return what the first round asked of a unit."""
        found = self._first.pop(unit)
        return [] if found is None else _DECODE(found)

    def _count(self) -> None:
        if self._next.round == 1:
            self._tally.add(self._block)
        else:
            self._tally.complete(self._block, self._completed)
        self._block, self._completed = [], []

    def _look(self) -> None:
        if self._block:
            self._count()
        self.counted = self._next
        sizes, rounds = self._order.sizes, len(self._asked)
        answer = self._settle(self._tally.tallies, self._at == len(sizes) * rounds)
        if answer is not None:
            planned = int(sizes.sum()) * self._epochs
            where = f", in the {_ROUNDS[self.counted.round]} of two rounds" if rounds > 1 else ""
            self.why = f"settled after {self.counted.samples:,} of {planned:,} samples{where}: {answer}"


def next_look(samples: int) -> float:
    """Return how many samples must count for the next look."""
    return max(samples + LEAST, (1.0 + GROWTH) * samples)


def _place(seed: int, row: Row) -> str:
    return place_of(seed, row.sample if row.unit is None else row.unit)
