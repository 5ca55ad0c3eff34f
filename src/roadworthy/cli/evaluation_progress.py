"""How an evaluation shows how far it is: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from roadworthy.cli.screen import console, print_line

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

    from roadworthy.evaluate.budget import Usage
    from roadworthy.evaluate.progress import Progress
    from roadworthy.evaluate.suite import Suite

_LINE_EVERY = 15.0
"""Seconds between two lines where there is no terminal; a shorter run shows none."""


class Shown(Protocol):
    """Something that shows progress."""

    def update(self, suite: Suite, state: Progress) -> None:
        """Show how far a suite is."""


@contextmanager
def shown_progress() -> Iterator[Shown]:
    """Show progress as long as the context is open."""
    if not console().is_terminal:
        yield Lines()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("{task.description}"), BarColumn(bar_width=24), MofNCompleteColumn())
    with Progress(*columns, TextColumn("{task.fields[facts]}"), console=console()) as bar:
        yield _Bars(bar)


class _Bars:
    """One bar for each suite."""

    def __init__(self, bar: Bar) -> None:
        self._bar = bar
        self._tasks: dict[str, TaskID] = {}

    def update(self, suite: Suite, state: Progress) -> None:
        if suite.suite not in self._tasks:
            self._tasks[suite.suite] = self._bar.add_task(suite.suite, total=state.total, facts="")
        self._bar.update(self._tasks[suite.suite], completed=state.done, total=state.total, facts=facts(state))


class Lines:
    """A line now and then."""

    def __init__(self) -> None:
        self._shown = monotonic()

    def update(self, suite: Suite, state: Progress) -> None:
        """Print a line unless the last one is recent."""
        if monotonic() - self._shown < _LINE_EVERY:
            return
        self._shown = monotonic()
        print_line(f"{suite.suite}: {state.done:,} of {state.total:,} samples, {facts(state)}")


def facts(state: Progress) -> str:
    """Say rate, time left, calls, reused answers, errors and cost, of this invocation and of all where they differ."""
    said = [f"{state.per_second:,.0f}/s" if state.per_second >= 10 else f"{state.per_second:.1f}/s"]
    if state.seconds_left is not None and state.done < state.total:
        said.append(f"{duration(state.seconds_left)} left")
    calls, cached, *cost = used(state.usage, state.in_all, reused="cached")
    return ", ".join([*said, calls, cached, f"{state.errors:,} errors", *cost])


def used(now: Usage, in_all: Usage, *, reused: str) -> list[str]:
    """Say calls, reused answers and, where it is known, cost: of this invocation, and of all where they differ."""
    said = [
        _in_all(f"{now.calls:,} calls", f"{in_all.calls:,}"),
        _in_all(f"{now.cached:,} {reused}", f"{in_all.cached:,}"),
    ]
    if in_all.cost is not None:
        said.append(_in_all(f"cost {now.cost or 0.0:.4f}", f"{in_all.cost:.4f}"))
    return said


def _in_all(now: str, in_all: str) -> str:
    return now if in_all in now.split() else f"{now} ({in_all} in all)"


def duration(seconds: float) -> str:
    """Write a duration: 42 s, 3 min 5 s, 2 h 10 min."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
