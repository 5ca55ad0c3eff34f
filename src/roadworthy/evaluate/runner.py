"""Run a suite: ask or read what is not recorded yet, seal the table, say what came out."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from time import monotonic

import msgspec

from roadworthy.core.clock import format_time, now, parse_time
from roadworthy.core.digests import sha256_file
from roadworthy.declare.system import System
from roadworthy.evaluate.asking import Asking, Work
from roadworthy.evaluate.cache import Cache
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.dataset import Survey
from roadworthy.evaluate.judging import errored, judge
from roadworthy.evaluate.pace import Budget
from roadworthy.evaluate.plan import Plan, bind
from roadworthy.evaluate.record_book import SEALED, RecordBook, mark
from roadworthy.evaluate.reply import TargetError
from roadworthy.evaluate.row import Row, SampleStatus
from roadworthy.evaluate.run import Counts, Run, harness_major
from roadworthy.evaluate.run_directory import (
    RunFile,
    choose_directory,
    is_renewed,
    new_run_file,
    open_run_file,
    write_run_file,
)
from roadworthy.evaluate.suite import Suite
from roadworthy.evaluate.sums import count_statuses, read_talk, sum_usage
from roadworthy.evaluate.targets.target import Asked, Recorded
from roadworthy.evidence.fingerprint import Fingerprint

_BATCH = 16_384
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
    calls: int
    """Of all invocations, like `cached` and `cost`."""
    cached: int
    cost: float | None


ShowProgress = Callable[[Progress], None]


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
) -> Run:
    """Run `suite` against `system`, whose files are below `root`; keep everything below `store`.

    What an earlier invocation recorded is not asked again; errored samples are, unless `retry_errors` is false.
    `fresh` measures anew, without old cached answers, what is finished already. A budget that is used up ends
    the run cleanly: the Run says why in `stopped`. Raises InputError on a bad dataset, StorageError when the
    disk is full or another process is at work; everything recorded stays.
    """
    plan = bind(suite, system, root)
    survey = plan.dataset.survey()
    key = plan.digest(survey.digest, fingerprint.digest, harness_major())
    directory = choose_directory(store / "runs" / suite.suite, key, fresh=fresh)
    book = RecordBook(directory, suite.dataset.slice_names, suite.score_ids)
    try:
        planned = survey.rows * suite.epochs
        new = new_run_file(key, suite.suite, suite.digest, survey.digest, fingerprint.digest, planned)
        head = open_run_file(directory, new)
        work = _Invocation(plan, book, head, fingerprint, progress, retry_errors)
        cache = Cache(store / "responses.sqlite") if use_cache and plan.asked else None
        stopped = work.go(cache, renewed=is_renewed(directory))
        counts = _seal(book, head)
    finally:
        book.close()
    return _run(plan, system, fingerprint, directory, survey, head, counts, work, stopped, actor)


class _Invocation:
    """The asking or reading of one call of run_suite."""

    def __init__(
        self,
        plan: Plan,
        book: RecordBook,
        head: RunFile,
        fingerprint: Fingerprint,
        progress: ShowProgress | None,
        retry_errors: bool,
    ) -> None:
        self.plan, self.book, self.head = plan, book, head
        self.fingerprint = fingerprint
        self.budget = Budget(plan.suite.limits, sum_usage(book))
        self._done = book.done(retry_errors=retry_errors and plan.asked is not None)
        self._show = progress
        self._count, self._new, self._errors = len(self._done), 0, 0
        self._start = monotonic()
        self._shown = 0.0

    def go(self, cache: Cache | None, *, renewed: bool) -> str | None:
        """Do what is left; return why it stopped early, None when it did not."""
        try:
            if self.plan.recorded is not None:
                self._read(self.plan.recorded)
                return None
            if self.plan.asked is not None and self._count < self.head.planned:
                return self._ask(self.plan.asked, cache, renewed=renewed)
            return None
        finally:
            if cache:
                cache.close()
            self._progress(last=True)

    def _todo(self) -> Iterator[Work]:
        for epoch in range(self.plan.suite.epochs):
            for case in self.plan.dataset.cases(surveyed=True):
                if not self._done or mark(case.id, epoch) not in self._done:
                    yield case, epoch

    def _ask(self, target: Asked, cache: Cache | None, *, renewed: bool) -> str | None:
        suite = self.plan.suite
        asking = Asking(
            target=target,
            scores=self.plan.scores,
            limits=suite.limits,
            prices=suite.prices,
            book=self.book,
            budget=self.budget,
            cache=cache,
            fingerprint=self.fingerprint.digest,
            seed=suite.seed,
            not_before=int(parse_time(self.head.created).timestamp()) if renewed else 0,
            recorded=self._recorded,
        )
        asyncio.run(asking.run(self._todo()))
        return asking.stopped

    def _read(self, target: Recorded) -> None:
        """Take recorded answers in batches; they need no journal, as reading them again costs nothing."""
        todo = self._todo()
        while batch := list(islice(todo, _BATCH)):
            rows = [self._one(target, case, epoch) for case, epoch in batch]
            self.book.add_part(rows)
            for row in rows:
                self._recorded(row)

    def _one(self, target: Recorded, case: Case, epoch: int) -> Row:
        try:
            reply = target.read(case)
        except TargetError as error:
            return errored(case, epoch, error.problem, error.recorded)
        row = judge(case, epoch, reply, self.plan.scores)
        # The dataset holds the answer already; it is not copied.
        return msgspec.structs.replace(row, response=None)

    def _recorded(self, row: Row) -> None:
        self._new += 1
        self._errors += row.status is SampleStatus.ERRORED
        self._progress()

    def _progress(self, *, last: bool = False) -> None:
        moment = monotonic()
        if self._show is None or (not last and moment - self._shown < _SHOW_EVERY):
            return
        self._shown = moment
        usage = self.budget.usage
        rate = self._new / max(moment - self._start, 1e-9)
        self._show(
            Progress(
                self._count + self._new,
                self.head.planned,
                self._errors,
                rate,
                usage.calls,
                usage.cached,
                usage.cost,
            )
        )


def _seal(book: RecordBook, head: RunFile) -> Counts:
    """Seal what is recorded, unless the sealed table holds it all already, and count it."""
    book.compact()
    table = book.directory / SEALED
    parts = len(book.parts.paths())
    if parts != head.sealed_parts or not table.exists():
        book.seal()
    found = count_statuses(table)
    counts = Counts(head.planned, *(found.get(status, 0) for status in SampleStatus))
    finished = counts.recorded == counts.planned
    write_run_file(book.directory, msgspec.structs.replace(head, finished=finished, sealed_parts=parts))
    return counts


def _run(
    plan: Plan,
    system: System,
    fingerprint: Fingerprint,
    directory: Path,
    survey: Survey,
    head: RunFile,
    counts: Counts,
    work: _Invocation,
    stopped: str | None,
    actor: str | None,
) -> Run:
    talk = read_talk(directory)
    usage = sum_usage(work.book)
    end = format_time(now())
    return Run(
        plan=plan,
        system=system,
        fingerprint=fingerprint,
        key=head.key,
        directory=directory,
        table=directory / SEALED,
        table_digest=sha256_file(directory / SEALED),
        survey=survey,
        counts=counts,
        usage=usage,
        started=_time(talk.first) or head.created,
        finished_at=_time(talk.last) or max(end, head.created),
        models=talk.models,
        actor=actor or _user(),
        stopped=stopped,
        notes=_notes(plan, counts, usage.cached, stopped),
    )


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else format_time(datetime.fromtimestamp(seconds, UTC))


def _notes(plan: Plan, counts: Counts, cached: int, stopped: str | None) -> tuple[str, ...]:
    """Say what a reader of the evidence must know and would not see in the figures."""
    notes = []
    missing = counts.planned - counts.recorded
    if missing:
        why = f": {stopped}" if stopped else ""
        notes.append(f"The run is not complete: {missing:,} of {counts.planned:,} samples are not recorded{why}.")
    if counts.errored:
        notes.append(f"Samples without a usable answer, which count against the criterion: {counts.errored:,}.")
    if counts.unscored:
        notes.append(f"Samples that could not be judged, which count against it too: {counts.unscored:,}.")
    if cached:
        notes.append(f"Answers from the cache: {cached:,}; the run is dated from the oldest one.")
    if plan.suite.dataset.limit is not None:
        notes.append(f"At most the first {plan.suite.dataset.limit:,} rows of the dataset were read.")
    return tuple(notes)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
