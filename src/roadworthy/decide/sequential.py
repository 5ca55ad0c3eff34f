"""How the units of a measurement came to be counted, and with it which bounds they bear.

A run that asks everything it planned is judged once, by bounds for a fixed number of units. A run that could end early
is judged by bounds that hold at every look (stats/confidence_sequence.py), also when it went on to its end.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from roadworthy.core.errors import EvidenceError, Place
from roadworthy.evaluate.metrics.metric import Aggregate, Metric
from roadworthy.evaluate.result_table import ROUND, columns_of, connect_tables
from roadworthy.evaluate.results import ALL, MISSING, RESULTS, Tally, tally, with_rounds
from roadworthy.evaluate.unit_order import write_counted
from roadworthy.evidence.predicate import Measured, PlannedUnits, Stopping
from roadworthy.standard.model import Criterion
from roadworthy.stats.betting import Bettor
from roadworthy.stats.confidence_sequence import (
    estimate_mean_anytime,
    estimate_mean_in_rounds,
    units_needed_anytime,
    units_needed_in_rounds,
)
from roadworthy.stats.mean import Estimate, estimate_mean
from roadworthy.stats.sample_size import units_needed
from roadworthy.stats.units import Units, from_table


@dataclass(frozen=True)
class Design:
    """How a suite counts its units."""

    suite: str
    column: str
    """The cluster column, or a template of several."""
    epochs: int = 1
    planned: tuple[PlannedUnits, ...] | None = None
    """Units of the dataset, for the whole and each slice; None when all were to be asked."""
    ended_early: bool = False
    """Not all planned units count."""

    @classmethod
    def of(cls, measured: Measured) -> Design:
        """Read it from the evidence."""
        stopping = measured.stopping
        return cls(
            suite=measured.suite.id,
            column=measured.dataset.cluster or "cluster",
            epochs=int(measured.settings.get("epochs") or 1),
            planned=stopping.planned if stopping else None,
            ended_early=stopping is not None and stopping.samples < measured.counts.planned,
        )

    @property
    def cluster(self) -> str:
        """Name the cluster column as people read it: `suite/task` for the template `{suite}/{task}`."""
        return self.column.replace("{", "").replace("}", "")

    def estimate(self, units: Units, item: Tally, metric: Metric, confidence: float) -> Estimate:
        """Estimate the mean of `units`, by the bounds that this design bears."""
        if self.planned is None:
            return estimate_mean(units, clustered=item.clustered, confidence=confidence)
        if item.rounds:
            bettors = self._bettors(item, metric)
            return estimate_mean_in_rounds(units, bettors, clustered=item.clustered, confidence=confidence)
        largest = self._largest(item, metric)
        return estimate_mean_anytime(units, clustered=item.clustered, confidence=confidence, largest=largest)

    def needed(self, units: Units, item: Tally, metric: Metric, threshold: float, confidence: float) -> int | None:
        """Return how many further units would settle on which side of `threshold` the mean lies."""
        if self.planned is None:
            return units_needed(units, threshold, confidence=confidence, clustered=item.clustered)
        if item.rounds:
            return units_needed_in_rounds(units, self._bettors(item, metric), threshold, confidence=confidence)
        largest = self._largest(item, metric)
        return units_needed_anytime(units, threshold, confidence=confidence, largest=largest)

    def most_units(self, item: Tally) -> int:
        """Return how many units of a slice there can be in the whole run."""
        return self._plan(item).units if self.ended_early else item.units

    def with_unseen(self, tallies: list[Tally], columns: Collection[str], metric: Metric) -> list[Tally]:
        """Add the slices of the dataset of which a run that ended early has no unit: nothing is known of them."""
        if not self.ended_early:
            return tallies
        seen = [item.columns for item in tallies]
        plans = [plan for plan in self.planned or () if set(plan.columns) == set(columns)]
        if not plans:
            raise EvidenceError(
                f"the run ended early without a look at the slices by {', '.join(columns)}",
                remedy="Evaluate the suite again.",
            )
        return tallies + [_unseen(plan, metric) for plan in plans if plan.columns not in seen]

    def _bettors(self, item: Tally, metric: Metric) -> list[Bettor]:
        """Return who bets on what the first of two rounds asked, and who on the units that are whole."""
        first, whole = item.rounds
        most = self._largest(first, metric, self._plan(item).first or 0)
        return [
            Bettor(from_table(first.totals, first.sizes, first.counts), most),
            Bettor(from_table(whole.totals, whole.sizes, whole.counts), self._largest(whole, metric)),
        ]

    def _largest(self, item: Tally, metric: Metric, cases: int | None = None) -> float:
        """Return the samples of the largest unit, or of so many cases; epochs that make one value are one sample."""
        once = any(rate.passes for rate in metric.rates)
        largest = (self._plan(item).largest if cases is None else cases) * (1 if once else self.epochs)
        if any(item.sizes > largest):
            raise EvidenceError(
                f"a unit of {item.label} has {item.sizes.max():,} samples, more than the {largest:,} that were planned",
                remedy="Evaluate the suite again.",
            )
        return float(largest)

    def _plan(self, item: Tally) -> PlannedUnits:
        for plan in self.planned or ():
            if plan.columns == item.columns:
                return plan
        raise EvidenceError(
            f"the size of the largest unit of {item.label} was not known before the run",
            remedy="Evaluate the suite again.",
        )


@contextmanager
def counted_tables(table: Path, measured: Measured) -> Iterator[list[Path]]:
    """Yield the table of the rows that count: all, unless the run ended early with others in flight.

    Of a run in two rounds also those of the first round and of the units that are whole. Raises EvidenceError when the
    table holds other units than the evidence says.
    """
    stopping = measured.stopping
    _check_rounds(table, stopping)
    if stopping is None or (stopping.round is None and stopping.samples == measured.counts.recorded):
        yield [table]
        return
    with TemporaryDirectory(prefix="roadworthy-") as folder:
        yield write_counted(table, stopping, Path(folder))


def _check_rounds(table: Path, stopping: Stopping | None) -> None:
    """Raise EvidenceError when a table of two rounds would be judged as one, or the other way round."""
    with connect_tables(results=table) as database:
        in_rounds = ROUND in columns_of(database, RESULTS)
    if in_rounds != (stopping is not None and stopping.round is not None):
        raise EvidenceError(
            "the result table and the evidence differ in whether the run was in two rounds",
            place=Place(table),
            remedy="Evaluate the suite again.",
        )


def counted_tallies(tables: Sequence[Path], metric: Metric, columns: Sequence[str]) -> list[Tally]:
    """Count a metric over counted tables: over the rows that count, and of a run in two rounds over each of them."""
    counted, *rounds = [tally(each, metric, columns) for each in tables]
    return with_rounds(counted, *rounds) if rounds else counted


def refuse_unbounded(metric: Metric, criterion: Criterion) -> None:
    """Raise EvidenceError on what has no bounds that hold at every look: such a run cannot show it."""
    if criterion.no_worse_by is not None or metric.aggregate is not Aggregate.MEAN:
        what = "a comparison" if criterion.no_worse_by is not None else metric.name
        raise EvidenceError(
            f"the run could end early, and {what} has no bounds that allow it",
            remedy="Run 'roadworthy evaluate --again' for this suite, without --until-decided.",
        )


def _unseen(plan: PlannedUnits, metric: Metric) -> Tally:
    nothing: np.ndarray[Any, Any] = np.zeros(0)
    return Tally(
        rate=metric.rates[0].name,
        label=", ".join(f"{name}={value or MISSING}" for name, value in plan.columns.items()) or ALL,
        columns=plan.columns,
        totals=nothing,
        sizes=nothing,
        counts=nothing,
        n=0,
        units=0,
        clustered=False,
        errored=0,
        errored_as=metric.bad,
    )
