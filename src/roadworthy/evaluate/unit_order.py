"""The order in which units are asked when a run may end early: fixed by the seed, before the first answer."""

# ruff: noqa: S608 - nothing but a constant is put into the queries

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from roadworthy.core.errors import EvidenceError, Place
from roadworthy.evaluate.case import Case, Work
from roadworthy.evaluate.dataset import Dataset
from roadworthy.evidence.predicate import PlannedUnits, Stopping

ORDER = "sha256(seed:unit)"
Columns = tuple[str, ...]
"""Slice columns that are looked at together; none for the whole."""
_KEY = 16
"""Hexadecimal digits of a place that are kept for each unit."""
_WITHIN = """SELECT * FROM (SELECT *, sha256(? || ':' || coalesce(unit, sample)) AS place FROM read_parquet(?))
             WHERE place <= ?"""
FIRST_BLOCK, LARGEST_BLOCK = 16_384, 65_536
"""Cases that are held in memory at once: the dataset is read once for each block, and most runs end in the first."""


def place_of(seed: int, unit: str) -> str:
    """Return the place of a unit in the order, as 64 hexadecimal digits."""
    return hashlib.sha256(f"{seed}:{unit}".encode()).hexdigest()


def key_of(place: str) -> int:
    """Return the start of a place, by which units are sorted."""
    return int(place[:_KEY], 16)


@dataclass(frozen=True, eq=False)
class UnitOrder:
    """Every unit of a dataset, in the order of asking."""

    seed: int
    keys: NDArray[np.uint64]
    """Sorted."""
    sizes: NDArray[np.int64]
    """Cases of each unit."""
    planned: tuple[PlannedUnits, ...]

    @classmethod
    def of(cls, dataset: Dataset, looked_at: Sequence[Columns]) -> UnitOrder:
        """Read the dataset once; `looked_at` names the slices whose units are counted, beside the whole."""
        keys = array("Q")
        slices = [_Slices(columns) for columns in dict.fromkeys([(), *looked_at])]
        for case in dataset.cases(surveyed=True):
            keys.append(_key(dataset.seed, case))
            for item in slices:
                item.add(case)
        found, sizes = np.unique(np.frombuffer(keys, dtype=np.uint64), return_counts=True)
        planned = [units for item in slices for units in item.planned(keys)]
        return cls(dataset.seed, found, sizes, tuple(planned))

    def work(self, dataset: Dataset, epochs: int) -> Iterator[Work]:
        """Yield every case and epoch, unit by unit."""
        ends, low, most = np.cumsum(self.sizes), 0, FIRST_BLOCK
        while low < len(self.keys):
            before = int(ends[low - 1]) if low else 0
            high = max(low + 1, int(np.searchsorted(ends, before + most, side="right")))
            for unit in self._units(dataset, int(self.keys[low]), int(self.keys[high - 1])):
                yield from ((case, epoch) for epoch in range(epochs) for case in unit)
            low, most = high, min(2 * most, LARGEST_BLOCK)

    def _units(self, dataset: Dataset, first: int, last: int) -> Iterator[list[Case]]:
        found: dict[int, list[Case]] = {}
        for case in dataset.cases(surveyed=True):
            if first <= (key := _key(self.seed, case)) <= last:
                found.setdefault(key, []).append(case)
        for key in sorted(found):
            yield found.pop(key)


class _Slices:
    """The values of some slice columns, case by case."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._codes: dict[tuple[str | None, ...], int] = {}
        self._of_case = array("L")

    def add(self, case: Case) -> None:
        value = tuple(case.slices[name] for name in self._columns)
        self._of_case.append(self._codes.setdefault(value, len(self._codes)))

    def planned(self, keys: array[int]) -> Iterator[PlannedUnits]:
        codes, places = np.frombuffer(self._of_case, dtype=np.uint), np.frombuffer(keys, dtype=np.uint64)
        order = np.lexsort((places, codes))
        codes, places = codes[order], places[order]
        starts = np.flatnonzero(np.r_[True, (np.diff(codes) != 0) | (np.diff(places) != 0)])
        sizes, of_unit = np.diff(np.r_[starts, len(codes)]), codes[starts]
        for value, code in sorted(self._codes.items(), key=lambda item: [part or "" for part in item[0]]):
            own = sizes[of_unit == code]
            yield PlannedUnits(
                columns=dict(zip(self._columns, value, strict=True)), units=len(own), largest=int(own.max())
            )


def _key(seed: int, case: Case) -> int:
    return key_of(place_of(seed, case.id if case.unit is None else case.unit))


def write_counted(table: Path, stopping: Stopping, target: Path) -> None:
    """Write to `target` the rows of the sealed `table` that count: those of the first units, each whole.

    Raises EvidenceError when the table cannot be read, or holds other units than `stopping` says.
    """
    import duckdb

    given = [str(stopping.seed), str(table), stopping.through or ""]
    try:
        with duckdb.connect(config={"threads": 1, "memory_limit": "256MB"}) as database:
            [found] = database.execute(f"SELECT count(DISTINCT place), count(*) FROM ({_WITHIN})", given).fetchall()
            database.sql(f"SELECT * EXCLUDE (place) FROM ({_WITHIN})", params=given).write_parquet(str(target))
    except duckdb.Error as error:
        raise EvidenceError(
            f"the result table cannot be read: {str(error).splitlines()[0]}",
            place=Place(table),
            remedy="Evaluate the suite again.",
        ) from error
    if found != (stopping.units, stopping.samples):
        raise EvidenceError(
            f"the result table holds {found} units and samples up to where the run was settled, "
            f"the evidence says {(stopping.units, stopping.samples)}",
            place=Place(table),
            remedy="Evaluate the suite again.",
        )
