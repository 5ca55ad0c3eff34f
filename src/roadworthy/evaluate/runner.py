"""Run a suite: ask or read what is not recorded yet, seal the table, say what came out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

from roadworthy.core.errors import InputError
from roadworthy.declare.system import System
from roadworthy.evaluate import loop
from roadworthy.evaluate.asking import Ask, Asking
from roadworthy.evaluate.cache import Cache
from roadworthy.evaluate.case import Work
from roadworthy.evaluate.dataset import Dataset
from roadworthy.evaluate.invocation import Invocation, Subject
from roadworthy.evaluate.plan import Plan, bind
from roadworthy.evaluate.progress import ShowProgress
from roadworthy.evaluate.run import Run
from roadworthy.evaluate.stopping import Stopping
from roadworthy.evaluate.suite import Suite
from roadworthy.evidence.fingerprint import Fingerprint


def run_suite(
    suite: Suite,
    system: System,
    fingerprint: Fingerprint,
    *,
    root: Path,
    store: Path,
    actor: str | None = None,
    progress: ShowProgress | None = None,
    fresh: bool = False,
    retry_errors: bool = True,
    use_cache: bool = True,
    stopping: Stopping | None = None,
    ask: Ask | None = None,
) -> Run:
    """Run `suite` against `system`, whose files are below `root`; keep everything below `store`.

    What an earlier invocation recorded is not asked again; errored samples are, unless `retry_errors` is false.
    `fresh` measures anew, without old cached answers, what is finished already. A budget that is used up ends
    the run cleanly: the Run says why in `stopped`. `stopping` fixes the order of asking and may say that no further
    call is needed: the Run says so in `settled`. Comparators of the suite are asked the same cases in turn; their runs
    are `beside` the Run, and say in `apart` when that was too late. `ask` asks elsewhere than in this process. Raises
    InputError on a bad dataset, StorageError when the disk is full or another process is at work; everything recorded
    stays.
    """
    if ask is not None and suite.comparators:
        raise InputError(
            "comparators are asked in turn with the target, by one process",
            place=suite.place("comparators"),
            remedy="Evaluate the suite without '--on', or take the comparators out.",
        )
    if stopping is not None and suite.dataset.warehouse is not None:
        raise InputError(
            "a warehouse is counted at once, so that nothing is saved by stopping early",
            place=suite.place("dataset", "warehouse"),
            remedy="Evaluate the suite without '--until-decided'.",
        )
    plan = bind(suite, system, root)
    others = [bind(suite.beside(name), system, root) for name in suite.comparators]
    subject = Subject(system, fingerprint, store, plan.dataset.survey(), actor, fresh, retry_errors)
    with ExitStack() as stack:
        main = stack.enter_context(closing(Invocation(plan, subject, progress, stopping)))
        beside = [stack.enter_context(closing(Invocation(other, subject))) for other in others]
        apart = [_apart(main, other) for other in beside]
        dataset = _shared([plan, *others])
        order = stopping.order(dataset, suite.epochs) if stopping else _order(dataset, suite.epochs)
        _work(main, beside, order, store if use_cache else None, ask)
        others_run = [replace(other.finish(), apart=why) for other, why in zip(beside, apart, strict=True)]
        return replace(main.finish(), beside=tuple(others_run))


def _apart(main: Invocation, other: Invocation) -> str | None:
    """Say why a comparator that has no answer yet is not asked in turn with the system: that was asked before."""
    if other.done or not main.done:
        return None
    if main.settled:
        return "not asked, as the run of the system was settled before"
    return f"asked alone for {main.done:,} samples, which the system was asked before"


def _shared(plans: list[Plan]) -> Dataset:
    """Return the dataset with the columns that any of the targets reads."""
    dataset = plans[0].dataset
    if len(plans) == 1:
        return dataset
    needed = [plan.dataset.needed for plan in plans]
    known = [columns for columns in needed if columns is not None]
    return replace(dataset, needed=frozenset[str]().union(*known) if len(known) == len(needed) else None)


def _order(dataset: Dataset, epochs: int) -> Iterator[Work]:
    return ((case, epoch) for epoch in range(epochs) for case in dataset.cases(surveyed=True))


def _work(
    main: Invocation, beside: list[Invocation], order: Iterator[Work], store: Path | None, ask: Ask | None
) -> None:
    if main.plan.recorded is not None:
        main.read(main.plan.recorded, order)
        return
    open_ = [each for each in [main, *beside] if not each.complete]
    if main.settled is not None or not open_:
        return
    cache = Cache(store / "responses.sqlite") if store else None
    try:
        _ask(open_, order, cache, ask)
    finally:
        if cache:
            cache.close()


def _ask(invocations: list[Invocation], order: Iterator[Work], cache: Cache | None, ask: Ask | None) -> None:
    """Ask every case of every target that lacks it, case by case; a run that is settled ends those beside it."""
    first = invocations[0].lane(cache)
    lanes = [first, *(each.lane(cache, until=first) for each in invocations[1:])]
    pairs = list(zip(lanes, invocations, strict=True))
    if ask is not None:
        ask(invocations[0].plan, first, (work for work in order if not invocations[0].is_done(*work)))
    else:
        todo = ((lane, work) for work in order for lane, each in pairs if not each.is_done(*work))
        loop.run(Asking(lanes, todo).run())
