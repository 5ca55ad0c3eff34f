"""`roadworthy evaluate`: measure what is missing or stale."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from roadworthy.cli.evaluation_progress import shown_progress, used
from roadworthy.cli.options import HERE, Where
from roadworthy.cli.screen import print_line

if TYPE_CHECKING:
    from roadworthy.evaluate.run import Run
    from roadworthy.project.evaluation import Evaluated

EXIT_INCOMPLETE = 3


def evaluate(
    *suites: str,
    where: Where = HERE,
    key: Path | None = None,
    again: bool = False,
    on: Literal["local", "ray"] = "local",
    until_decided: bool = False,
) -> int:
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
    on
        Where targets are asked from: this process, or the Ray cluster of RAY_ADDRESS (the extra `ray`).
    until_decided
        Ask units in an order that the seed of the suite fixes, large ones in two rounds, and stop as soon as every
        criterion of its metrics is settled, by bounds that hold at every look.
    """
    from roadworthy.project.evaluation import Engine, chosen_suites, evaluate_project
    from roadworthy.project.until_decided import criteria_to_settle

    project = where.open()
    chosen = chosen_suites(project, suites)
    if until_decided:
        for suite in chosen:
            criteria_to_settle(project, suite)
    with shown_progress() as screen:
        done = [
            result
            for suite in chosen
            for result in evaluate_project(
                project,
                [suite.suite],
                key=key,
                again=again,
                progress=screen.update,
                on=Engine(on),
                until_decided=until_decided,
            )
        ]
    for result in done:
        _report(result, until_decided)
    return EXIT_INCOMPLETE if any(not result.run.complete for result in done) else 0


def _settled(result: Evaluated, until_decided: bool) -> str | None:
    """Say how a run ended that could end early, or was wished to; None of another."""
    counts, criteria = result.run.counts, "; ".join(result.looked_at)
    if result.run.settled:
        saved = counts.planned - counts.recorded
        return result.run.settled + (f"; {saved:,} calls saved" if saved else "")
    if criteria:
        words = f"not settled after {counts.recorded:,} of {counts.planned:,} samples: {criteria}"
        return words + ("; 'roadworthy explain' says what would settle it" if result.run.finished else "")
    return "finished without --until-decided, and left as it is: see --again" if until_decided else None


def _beside(other: Run) -> str:
    words = f"{other.plan.suite.comparator}, {other.counts.recorded:,} samples in {other.directory}"
    return words + (f"; {other.apart}: with --again both are asked in turn" if other.apart else "")


def _report(result: Evaluated, until_decided: bool) -> None:
    from roadworthy.project.evaluation import commonest_error

    counts = result.run.counts
    words = f"{counts.recorded:,} of {counts.planned:,} samples"
    if counts.errored or counts.unscored:
        words += f", {counts.errored:,} errored, {counts.unscored:,} unscored"
    words += "; " + ", ".join(used(result.run.used_now, result.run.usage, reused="answers reused"))
    print_line(f"{result.suite.suite}: {words}; evidence {result.record.digest[:12]}")
    if result.run.stopped:
        print_line(f"  stopped: {result.run.stopped}")
    if ended := _settled(result, until_decided):
        print_line(f"  {ended}")
    for other in result.run.beside:
        print_line(f"  beside it: {_beside(other)}")
    error = commonest_error(result.run.table)
    if error:
        print_line(f"  {error[1]:,} samples ended in: {error[0]}")
