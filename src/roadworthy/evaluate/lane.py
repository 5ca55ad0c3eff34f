"""One target of a run: what is asked of it, and what is kept of the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from roadworthy.core.clock import now
from roadworthy.evaluate.cache import Cache, CacheKey
from roadworthy.evaluate.caller import Answered, Caller, Question
from roadworthy.evaluate.case import Case, Work
from roadworthy.evaluate.judging import errored, judge
from roadworthy.evaluate.limits import Prices
from roadworthy.evaluate.record_book import RecordBook
from roadworthy.evaluate.reply import TargetError
from roadworthy.evaluate.row import Row, SampleStatus
from roadworthy.evaluate.scorers.scorer import Score


@dataclass
class Lane:
    """One target with its record book and its cache."""

    caller: Caller
    scores: dict[str, Score]
    prices: Prices | None
    book: RecordBook
    cache: Cache | None
    fingerprint: str
    not_before: int = 0
    """Cached answers from before, in seconds since 1970, are not taken."""
    recorded: Callable[[Sequence[Row]], None] = lambda _rows: None
    """Called after each batch of rows."""
    settled: Callable[[], str | None] = lambda: None
    """Asked after each batch of rows: why no further call is needed."""

    def __post_init__(self) -> None:
        self._key = CacheKey(self.caller.target.identity, self.fingerprint)
        self._encode = msgspec.json.Encoder().encode

    def questions(self, works: Sequence[Work]) -> list[Question | Answered]:
        """Turn work into questions, in its order; those whose answer is cached are answered already."""
        asked = [self._question(case, epoch) for case, epoch in works]
        known = self.cache.get([q.key for q in asked], not_before=self.not_before) if self.cache else {}
        return [Answered(q, known[q.key]) if q.key in known else q for q in asked]

    def _question(self, case: Case, epoch: int) -> Question:
        request = self.caller.target.request(case, epoch)
        sent = self._encode(request)
        return Question(case, epoch, request, self.caller.clean(sent.decode()), self._key(sent, epoch))

    def settle(self, batch: Sequence[Answered]) -> None:
        """Score a batch and make it durable; only then does it count. Raises StorageError when it cannot be kept."""
        rows = [self._row(answered) for answered in batch]
        self.book.add(rows)
        for answered, row in zip(batch, rows, strict=True):
            if self.cache and answered.reply is not None and answered.attempts:
                self.cache.put(answered.question.key, answered.reply)
            self._count(row)
        self.recorded(rows)
        caller = self.caller
        caller.stopped = caller.stopped or caller.budget.used_up_by_failures()
        caller.enough = caller.enough or self.settled()

    def _row(self, answered: Answered) -> Row:
        question, reply = answered.question, answered.reply
        case, epoch = question.case, question.epoch
        if reply is None:
            error = answered.error or TargetError("no answer")
            row = errored(case, epoch, self.caller.target.redact(error.problem), error.recorded)
            return msgspec.structs.replace(
                row, attempts=answered.attempts, request=question.sent, asked_at=int(now().timestamp())
            )
        cached = not answered.attempts
        cost = self.prices.cost(reply.tokens_in, reply.tokens_out) if self.prices and not cached else None
        row = judge(case, epoch, reply, self.scores)
        return msgspec.structs.replace(row, attempts=answered.attempts, cached=cached, cost=cost, request=question.sent)

    def _count(self, row: Row) -> None:
        usage = self.caller.budget.usage
        if row.cached:
            usage.cached += 1
            return
        usage.add(row.tokens_in, row.tokens_out, row.cost)
        self.caller.budget.answered(usable=row.status is not SampleStatus.ERRORED)
