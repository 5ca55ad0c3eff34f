"""One call of run_suite as one target sees it: its directory, what is left to do, and the Run that comes of it."""

from __future__ import annotations

import getpass
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import msgspec

from roadworthy.core.clock import format_time, now, parse_time
from roadworthy.core.digests import sha256_file
from roadworthy.declare.system import System
from roadworthy.evaluate.budget import Budget
from roadworthy.evaluate.cache import Cache
from roadworthy.evaluate.caller import Caller
from roadworthy.evaluate.case import Case, Work
from roadworthy.evaluate.dataset import Survey
from roadworthy.evaluate.judging import errored, judge
from roadworthy.evaluate.lane import Lane
from roadworthy.evaluate.plan import Plan
from roadworthy.evaluate.progress import Meter, ShowProgress
from roadworthy.evaluate.record_book import SEALED, RecordBook, mark
from roadworthy.evaluate.reply import TargetError
from roadworthy.evaluate.row import Row, SampleStatus
from roadworthy.evaluate.run import Counts, Run, harness_major
from roadworthy.evaluate.run_directory import (
    choose_directory,
    is_renewed,
    new_run_file,
    open_run_file,
    write_run_file,
)
from roadworthy.evaluate.stopping import Stopping
from roadworthy.evaluate.sums import count_statuses, read_talk, sum_usage
from roadworthy.evaluate.targets.target import Recorded
from roadworthy.evidence.fingerprint import Fingerprint

_BATCH = 16_384
_LOOK = 256
"""Recorded answers read between two looks of a stopping rule."""


@dataclass(frozen=True)
class Subject:
    """What a run is about, whatever its target."""

    system: System
    fingerprint: Fingerprint
    store: Path
    survey: Survey
    actor: str | None
    fresh: bool
    retry_errors: bool


class Invocation:
    """The asking or reading of one target. Used as: open, then lane and ask, or read; then seal; always close."""

    def __init__(
        self, plan: Plan, subject: Subject, progress: ShowProgress | None = None, stopping: Stopping | None = None
    ) -> None:
        self.plan, self.subject = plan, subject
        suite, survey = plan.suite, subject.survey
        fingerprint = subject.fingerprint.digest
        self.key = plan.digest(survey.digest, fingerprint, harness_major())
        self.directory = choose_directory(subject.store / "runs" / suite.suite, self.key, fresh=subject.fresh)
        weighted = suite.dataset.warehouse is not None
        in_rounds = stopping is not None and stopping.in_rounds
        columns = (suite.dataset.slice_names, suite.score_ids)
        self.book = RecordBook(self.directory, *columns, weighted=weighted, in_rounds=in_rounds)
        try:
            planned = survey.rows * suite.epochs
            digests = (suite.digest, survey.digest, fingerprint)
            new = new_run_file(self.key, suite.suite, *digests, planned, suite.comparator)
            self.head = open_run_file(self.directory, new)
            self.budget = Budget(suite.limits, sum_usage(self.book))
            self._earlier = replace(self.budget.usage)
            self._done = self.book.done(retry_errors=subject.retry_errors and plan.asked is not None)
        except BaseException:
            self.book.close()
            raise
        self._stopping = stopping
        self._meter = Meter(progress, len(self._done), self.head.planned, self.budget.usage)
        self._lane: Lane | None = None
        self.settled = self._look_back()

    def close(self) -> None:
        """Let others at the directory."""
        self.book.close()

    @property
    def complete(self) -> bool:
        """Tell whether nothing is left to do."""
        return self.settled is not None or len(self._done) >= self.head.planned

    @property
    def done(self) -> int:
        """Return how many samples need not be asked again."""
        return len(self._done)

    def is_done(self, case: Case, epoch: int) -> bool:
        """Tell whether a sample need not be asked again."""
        return bool(self._done) and mark(case.id, epoch) in self._done

    def _look_back(self) -> str | None:
        """Show the stopping rule what earlier invocations recorded."""
        if self._stopping is None:
            return None
        for row in self.book.rows():
            if mark(*row.key) in self._done:
                self._stopping.row(row)
        return self._stopping.settled()

    def _recorded(self, rows: Sequence[Row]) -> None:
        if self._stopping is not None:
            for row in rows:
                self._stopping.row(row)
        self._meter.count(rows)

    def _enough(self) -> str | None:
        return self._stopping.settled() if self._stopping is not None else None

    def lane(self, cache: Cache | None, until: Lane | None = None) -> Lane:
        """Make the lane in which the target is asked; with `until`, no longer than that lane is not settled."""
        suite, target = self.plan.suite, self.plan.asked
        if target is None:
            raise TypeError("recorded answers are read, not asked")
        renewed = is_renewed(self.directory)
        self._lane = Lane(
            caller=Caller(target, suite.limits, self.budget, suite.seed),
            scores=self.plan.scores,
            prices=suite.prices,
            book=self.book,
            cache=cache,
            fingerprint=self.subject.fingerprint.digest,
            not_before=int(parse_time(self.head.created).timestamp()) if renewed else 0,
            recorded=self._recorded,
            settled=self._enough if until is None else (lambda: until.caller.enough),
        )
        return self._lane

    def read(self, target: Recorded, order: Iterable[Work]) -> None:
        """Take recorded answers in batches; they need no journal, as reading them again costs nothing."""
        todo: Iterator[Work] = ((case, epoch) for case, epoch in order if not self.is_done(case, epoch))
        while self.settled is None and (batch := list(islice(todo, _LOOK if self._stopping else _BATCH))):
            rows = [self._one(target, case, epoch) for case, epoch in batch]
            self.book.add_part(rows)
            self._recorded(rows)
            self.settled = self._enough()

    def _one(self, target: Recorded, case: Case, epoch: int) -> Row:
        try:
            reply = target.read(case)
        except TargetError as error:
            row = errored(case, epoch, error.problem, error.recorded)
        else:
            row = judge(case, epoch, reply, self.plan.scores)
        # The dataset holds the answer already; it is not copied.
        return msgspec.structs.replace(row, response=None, weight=case.weight)

    def finish(self) -> Run:
        """Seal what is recorded and say what came out."""
        self._meter.show()
        # Of a million samples these marks take a fifth of the memory that a run may have.
        self._done = set()
        stopped = None
        if self._lane is not None:
            caller = self._lane.caller
            stopped, self.settled = caller.stopped, self.settled or caller.enough
        counts = self._seal()
        return self._run(counts, stopped)

    def _seal(self) -> Counts:
        """Seal, unless the sealed table holds everything already, and count."""
        book, head = self.book, self.head
        book.compact()
        table = book.directory / SEALED
        parts = len(book.parts.paths())
        if parts != head.sealed_parts or not table.exists():
            book.seal()
        found = count_statuses(table)
        counts = Counts(head.planned, *(found.get(status, 0) for status in SampleStatus))
        finished = self.settled is not None or counts.recorded == counts.planned
        write_run_file(book.directory, msgspec.structs.replace(head, finished=finished, sealed_parts=parts))
        return counts

    def _run(self, counts: Counts, stopped: str | None) -> Run:
        talk = read_talk(self.directory)
        usage = sum_usage(self.book)
        end = format_time(now())
        table = self.directory / SEALED
        return Run(
            plan=self.plan,
            system=self.subject.system,
            fingerprint=self.subject.fingerprint,
            key=self.key,
            directory=self.directory,
            table=table,
            table_digest=sha256_file(table),
            survey=self.subject.survey,
            counts=counts,
            usage=usage,
            used_now=usage.since(self._earlier),
            started=_time(talk.first) or self.head.created,
            finished_at=_time(talk.last) or max(end, self.head.created),
            models=talk.models,
            actor=self.subject.actor or _user(),
            stopped=stopped,
            settled=self.settled,
            notes=_notes(self.plan, counts, usage.cached, self.settled, stopped),
        )


def _time(seconds: int | None) -> str | None:
    return None if seconds is None else format_time(datetime.fromtimestamp(seconds, UTC))


def _notes(plan: Plan, counts: Counts, cached: int, settled: str | None, stopped: str | None) -> tuple[str, ...]:
    """Say what a reader of the evidence must know and would not see in the figures."""
    notes = []
    missing = counts.planned - counts.recorded
    if missing and settled:
        notes.append(f"Not needed were {missing:,} of {counts.planned:,} samples: {settled}.")
    elif missing:
        why = f": {stopped}" if stopped else ""
        notes.append(f"The run is not complete: {missing:,} of {counts.planned:,} samples are not recorded{why}.")
    if counts.errored:
        notes.append(f"Samples without a usable answer, which count against the criterion: {counts.errored:,}.")
    if counts.unscored:
        notes.append(f"Samples that could not be judged, which count against it too: {counts.unscored:,}.")
    if cached:
        notes.append(f"Answers from the cache: {cached:,}; the run is dated from the oldest one.")
    if counted := plan.dataset.statement:
        notes.append(
            f"The rows stayed in the warehouse, which counted {counted['rows']:,} of them in {counted['cells']:,} "
            f"cells at {counted['counted']}; the digest of the dataset covers the cells, not single rows."
        )
        if not counted["counts_compared"]:
            notes.append(f"Counts of {counted['warehouse']} were never compared with another's; its SQL was checked.")
    if plan.suite.dataset.limit is not None:
        notes.append(f"At most the first {plan.suite.dataset.limit:,} rows of the dataset were read.")
    return tuple(notes)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
