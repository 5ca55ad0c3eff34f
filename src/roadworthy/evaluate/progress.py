"""How far a run is, told now and then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import monotonic

from roadworthy.evaluate.budget import Usage
from roadworthy.evaluate.row import Row, SampleStatus

_SHOW_EVERY = 0.1


@dataclass(frozen=True)
class Progress:
    """How far a run is."""

    done: int
    """Samples recorded, those of earlier invocations included."""
    total: int
    errors: int
    """Of this invocation."""
    per_second: float
    """Samples recorded in a second, over this invocation."""
    usage: Usage
    """Of this invocation."""
    in_all: Usage
    """Of all invocations of the run."""

    @property
    def seconds_left(self) -> float | None:
        """Return the time to the end at this rate; None before the first sample."""
        return (self.total - self.done) / self.per_second if self.per_second else None


ShowProgress = Callable[[Progress], None]


class Meter:
    """Counts the rows of one invocation and shows how far it is."""

    def __init__(self, show: ShowProgress | None, done: int, total: int, usage: Usage) -> None:
        self._show, self._done, self._total, self._usage = show, done, total, usage
        self._earlier = replace(usage)
        self._new, self._errors = 0, 0
        self._start = monotonic()
        self._shown = 0.0

    def count(self, rows: Sequence[Row]) -> None:
        """Count rows."""
        self._new += sum(row.weight for row in rows)
        self._errors += sum(row.weight for row in rows if row.status is SampleStatus.ERRORED)
        if self._show is not None and monotonic() - self._shown >= _SHOW_EVERY:
            self.show()

    def show(self) -> None:
        """Show the state at this moment."""
        if self._show is None:
            return
        self._shown = monotonic()
        in_all, rate = replace(self._usage), self._new / max(self._shown - self._start, 1e-9)
        done = self._done + self._new
        self._show(Progress(done, self._total, self._errors, rate, in_all.since(self._earlier), in_all))
