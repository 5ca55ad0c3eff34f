"""`roadworthy evaluate`: measure what is missing or stale."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from roadworthy.cli.options import HERE, Where
from roadworthy.cli.screen import console, print_line

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from roadworthy.evaluate.runner import Progress
    from roadworthy.evaluate.suite import Suite
    from roadworthy.project.evaluation import Evaluated

EXIT_INCOMPLETE = 3


def evaluate(*suites: str, where: Where = HERE, key: Path | None = None, again: bool = False) -> int:
    """Run suites: only samples that are not recorded yet are asked, so a killed run goes on where it was.

    Exits 3 when a run ended before all its samples were recorded (a budget, or a target that gave up).

    Parameters
    ----------
    suites
        Names of suites; default: all of evals/.
    key
        Private key to sign the evidence with; default: the environment, else the key made on first use.
    again
        Measure anew what is finished already.
    """
    from roadworthy.project.evaluation import chosen_suites, evaluate_project

    project = where.open()
    chosen = chosen_suites(project, suites)
    with _bars() as bars:
        screen = _Screen(bars)
        done = [
            result
            for suite in chosen
            for result in evaluate_project(project, [suite.suite], key=key, again=again, progress=screen.update)
        ]
    for result in done:
        _report(result)
    return EXIT_INCOMPLETE if any(not result.run.finished for result in done) else 0


class _Screen:
    """One progress bar for each suite."""

    def __init__(self, bars: Bars) -> None:
        self.bars = bars
        self.tasks: dict[str, TaskID] = {}

    def update(self, suite: Suite, state: Progress) -> None:
        if suite.suite not in self.tasks:
            self.tasks[suite.suite] = self.bars.add_task(suite.suite, total=state.total, facts="")
        cost = "" if state.cost is None else f", cost {state.cost:.4f}"
        facts = f"{state.calls:,} calls, {state.cached:,} cached, {state.errors:,} errors{cost}"
        self.bars.update(self.tasks[suite.suite], completed=state.done, total=state.total, facts=facts)


def _bars() -> Bars:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[facts]}"),
        console=console(),
        disable=not console().is_terminal,
    )


def _report(result: Evaluated) -> None:
    from roadworthy.project.evaluation import commonest_error

    counts, usage = result.run.counts, result.run.usage
    words = f"{counts.recorded:,} of {counts.planned:,} samples"
    if counts.errored or counts.unscored:
        words += f", {counts.errored:,} errored, {counts.unscored:,} unscored"
    words += f"; {usage.calls:,} calls, {usage.cached:,} answers reused"
    if usage.cost is not None:
        words += f", cost {usage.cost:.4f}"
    print_line(f"{result.suite.suite}: {words}; evidence {result.record.digest[:12]}")
    if result.run.stopped:
        print_line(f"  stopped: {result.run.stopped}")
    error = commonest_error(result.run.table)
    if error:
        print_line(f"  {error[1]:,} samples ended in: {error[0]}")
