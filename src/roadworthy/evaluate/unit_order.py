"""The order in which units are asked when a run may end early: fixed by the seed, before the first answer."""

# ruff: noqa: S608 - nothing but a constant is put into the queries

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from roadworthy.core.errors import EvidenceError, Place
from roadworthy.evaluate.case import Case, Work
from roadworthy.evaluate.dataset import Dataset
from roadworthy.evaluate.result_table import ROUND
from roadworthy.evaluate.spill import Blocks, Placed
from roadworthy.evidence.predicate import PlannedUnits, Stopping

ORDER = "sha256(seed:unit)"
IN_ROUNDS = f"{ORDER}; first the cases of a unit that come first by sha256(seed:unit:case), then the others"
_PLACED = """SELECT *, sha256(getvariable('seed') || ':' || coalesce(unit, sample)) AS place
             FROM read_parquet(getvariable('results'))"""
_FIRST, _THROUGH = f"{ROUND} = 1", "place <= getvariable('through')"
MOST_AT_FIRST = 4
"""Cases of the largest unit that the first of two rounds asks; of others in proportion, so that each case weighs as it
does in the whole. With fewer, more units are needed; with more, further cases of a unit tell less than they cost."""
Columns = tuple[str, ...]
"""Slice columns that are looked at together; none for the whole."""
_KEY = 16
"""Hexadecimal digits of a place that are kept for each unit."""
_LOW = np.uint64(0xFFFFFFFF)
"""Bits of a key that say nothing of the order of the units."""
FIRST_BLOCK, LARGEST_BLOCK = 16_384, 65_536
"""Cases that are held in memory at once: of the first block, in which most runs end, and of others."""
MOST_BLOCKS = 64
"""Blocks that wait on disk, each in a file; of more than four million cases they are larger instead."""


def place_of(seed: int, unit: str) -> str:
    """Return the place of a unit in the order, as 64 hexadecimal digits."""
    return hashlib.sha256(f"{seed}:{unit}".encode()).hexdigest()


def key_of(place: str) -> int:
    """Return the start of a place, by which units are sorted."""
    return int(place[:_KEY], 16)


@dataclass(frozen=True, eq=False)
class UnitOrder:
    """Every unit of a dataset, in the order of asking: whole, or in two rounds.

    Calls are saved by asking a few cases of many units, as those of one unit are alike. So where the largest unit is
    not small, a first round asks some cases of each unit, and a second one the others.
    """

    seed: int
    keys: NDArray[np.uint64]
    """Sorted."""
    sizes: NDArray[np.int64]
    """Cases of each unit."""
    first: NDArray[np.int64]
    """Cases of each unit that the first round asks: all where there is but one."""
    last: NDArray[np.uint64]
    """Key of the last of these by the order of the cases of a unit; 0 where there is none."""
    planned: tuple[PlannedUnits, ...]

    @classmethod
    def of(cls, dataset: Dataset, looked_at: Sequence[Columns], *, in_rounds: bool = True) -> UnitOrder:
        """Read the dataset once; `looked_at` names the slices whose units are counted, beside the whole."""
        seed, keys, places = dataset.seed, array("Q"), array("Q")
        slices = [_Slices(columns) for columns in dict.fromkeys([(), *looked_at])]
        for case in dataset.cases(surveyed=True):
            keys.append(_key(seed, case))
            places.append(_key_within(seed, case))
            for item in slices:
                item.add(case)
        found, of_case, sizes = np.unique(np.frombuffer(keys, dtype=np.uint64), return_inverse=True, return_counts=True)
        first = _asked_first(found, sizes) if in_rounds else sizes
        within = np.frombuffer(places, dtype=np.uint64)
        by_place = within[np.lexsort((within, of_case))]
        last = np.where(first > 0, by_place[np.cumsum(sizes) - sizes + np.maximum(first, 1) - 1], np.uint64(0))
        at_first = (within <= last[of_case]) & (first > 0)[of_case]
        two = bool(np.any(first < sizes))
        planned = [units for item in slices for units in item.planned(keys, at_first if two else None)]
        return cls(seed, found, sizes, first, last, tuple(planned))

    @cached_property
    def in_rounds(self) -> bool:
        """Tell whether it asks in two rounds."""
        return bool(np.any(self.first < self.sizes))

    @property
    def rounds(self) -> tuple[NDArray[np.int64], ...]:
        """Return how many cases of each unit each round asks."""
        return (self.first, self.sizes - self.first) if self.in_rounds else (self.sizes,)

    def work(self, dataset: Dataset, epochs: int) -> Iterator[Work]:
        """Yield every case and epoch, round by round and unit by unit.

        The dataset is read once for the first block, in which most runs end, and once for all others, which wait on
        disk. Raises StorageError when that is full.
        """
        starts = self._blocks()
        yield from _in_order((placed for placed in self._placed(dataset) if placed[0] < starts[1]), epochs)
        if starts[1] == starts[-1]:
            return
        with Blocks(len(starts) - 2) as blocks:
            for placed in self._placed(dataset):
                if placed[0] >= starts[1]:
                    blocks.add(bisect_right(starts, placed[0]) - 2, placed)
            for block in range(len(starts) - 2):
                yield from _in_order(blocks.read(block), epochs)

    def _blocks(self) -> list[int]:
        """Return at which units of which round blocks begin, and the end; units of the second round count on."""
        ends = np.cumsum(np.concatenate(self.rounds))
        largest = max(LARGEST_BLOCK, -(-int(ends[-1]) // MOST_BLOCKS))
        starts, most = [0], FIRST_BLOCK
        while starts[-1] < len(ends):
            before = int(ends[starts[-1] - 1]) if starts[-1] else 0
            starts.append(max(starts[-1] + 1, int(np.searchsorted(ends, before + most, side="right"))))
            most = min(2 * most, largest)
        return starts

    def _placed(self, dataset: Dataset) -> Iterator[Placed]:
        """Yield the cases as the dataset has them, each with the number of its unit, which counts on in round two."""
        in_rounds = self.in_rounds
        for case in dataset.cases(surveyed=True):
            at = int(np.searchsorted(self.keys, np.uint64(_key(self.seed, case))))
            if in_rounds and not (self.first[at] and _key_within(self.seed, case) <= int(self.last[at])):
                yield len(self.keys) + at, msgspec.structs.replace(case, round=2)
            else:
                yield at, case


def _in_order(placed: Iterable[Placed], epochs: int) -> Iterator[Work]:
    units: dict[int, list[Case]] = {}
    for at, case in placed:
        units.setdefault(at, []).append(case)
    for at in sorted(units):
        cases = units.pop(at)
        yield from ((case, epoch) for epoch in range(epochs) for case in cases)


def _asked_first(keys: NDArray[np.uint64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many cases of each unit the first round asks: in proportion, rounded up or down by chance.

    The chance is such that each case is as likely to be asked as any other. Two rounds are not worth their price where
    the first would ask more than half.
    """
    largest = int(sizes.max())
    if largest < 2 * MOST_AT_FIRST:
        return sizes
    chance = (keys & _LOW).astype(np.float64) / 2.0**32
    return np.floor(sizes * MOST_AT_FIRST / largest + chance).astype(np.int64)


class _Slices:
    """The values of some slice columns, case by case."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._codes: dict[tuple[str | None, ...], int] = {}
        self._of_case = array("L")

    def add(self, case: Case) -> None:
        value = tuple(case.slices[name] for name in self._columns)
        self._of_case.append(self._codes.setdefault(value, len(self._codes)))

    def planned(self, keys: array[int], at_first: NDArray[np.bool_] | None) -> Iterator[PlannedUnits]:
        """Count the units of each slice; `at_first` marks the cases of a first round, None where there is but one."""
        codes, places = np.frombuffer(self._of_case, dtype=np.uint), np.frombuffer(keys, dtype=np.uint64)
        order = np.lexsort((places, codes))
        codes, places = codes[order], places[order]
        starts = np.flatnonzero(np.r_[True, (np.diff(codes) != 0) | (np.diff(places) != 0)])
        sizes, of_unit = np.diff(np.r_[starts, len(codes)]), codes[starts]
        first = None if at_first is None else np.add.reduceat(at_first[order].astype(np.int64), starts)
        for value, code in sorted(self._codes.items(), key=lambda item: [part or "" for part in item[0]]):
            own = of_unit == code
            yield PlannedUnits(
                columns=dict(zip(self._columns, value, strict=True)),
                units=int(own.sum()),
                largest=int(sizes[own].max()),
                first=None if first is None else int(first[own].max()),
            )


def _key(seed: int, case: Case) -> int:
    return key_of(place_of(seed, _unit(case)))


def _key_within(seed: int, case: Case) -> int:
    return key_of(place_of(seed, f"{_unit(case)}:{case.id}"))


def _unit(case: Case) -> str:
    return case.id if case.unit is None else case.unit


def write_counted(table: Path, stopping: Stopping, folder: Path) -> list[Path]:
    """Write to `folder` the rows of the sealed `table` that count, those of the first units; return where.

    Of a run in two rounds also, as tables of their own, those of the first round and those of units that are whole.
    Raises EvidenceError when the table cannot be read, or holds other units than `stopping` says.
    """
    import duckdb

    given = {"seed": str(stopping.seed), "results": str(table), "through": stopping.through or ""}
    counted, *others = _conditions(stopping)
    targets = [folder / f"counted-{number}.parquet" for number in range(1 + len(others))]
    try:
        with duckdb.connect(config={"threads": 1, "memory_limit": "256MB"}) as database:
            for name, value in given.items():
                database.execute(f"SET VARIABLE {name} = ?", [value])
            units = f"count(DISTINCT place) FILTER (WHERE {_THROUGH})"
            [found] = database.execute(f"SELECT {units}, count(*) FROM ({_PLACED}) WHERE {counted}").fetchall()
            for condition, target in zip((counted, *others), targets, strict=True):
                rows = database.sql(f"SELECT * EXCLUDE (place) FROM ({_PLACED}) WHERE {condition}")
                rows.write_parquet(str(target))
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
    return targets


def _conditions(stopping: Stopping) -> list[str]:
    """Write which rows count; of a run in two rounds also which of the first one, and which of units that are whole."""
    if stopping.round is None:
        return [_THROUGH]
    if stopping.round == 1:
        return [f"{_FIRST} AND {_THROUGH}", f"{_FIRST} AND {_THROUGH}", "FALSE"]
    return [f"{_FIRST} OR {_THROUGH}", _FIRST, _THROUGH]
