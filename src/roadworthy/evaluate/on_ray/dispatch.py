"""The driver: hands out shards, takes up what comes back, and hands out again what was lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import InputError, RoadworthyError
from roadworthy.core.version import VERSION
from roadworthy.evaluate.asking import Ask
from roadworthy.evaluate.caller import Question
from roadworthy.evaluate.case import Work
from roadworthy.evaluate.lane import Lane
from roadworthy.evaluate.on_ray.cluster import connected, load_ray, width_of
from roadworthy.evaluate.on_ray.keeper import Keeper
from roadworthy.evaluate.on_ray.shard import Job, Report, answers, pack
from roadworthy.evaluate.on_ray.worker import ask_shard
from roadworthy.evaluate.plan import Plan

SHARD = 256
"""Most questions of a shard: what is asked again when its worker dies."""
_TRIES = 5
"""How often a shard may be lost before the run gives up."""


def asks_on_ray(root: Path) -> Ask:
    """Return what asks on the Ray cluster; `root` holds the project's files, which workers get a copy of.

    Raises MissingExtra without Ray: no run has begun yet.
    """
    load_ray()

    def ask(plan: Plan, lane: Lane, todo: Iterator[Work]) -> None:
        suite = _below(plan.suite.path, root)
        with connected(root, [plan.dataset.path]) as ray:
            _Dispatch(ray, plan, lane, todo, suite).run()

    return ask


@dataclass(frozen=True)
class _Shard:
    questions: list[Question]
    allowance: int | None
    """Calls that were set aside for it."""
    losses: int = 0


class _Dispatch:
    """One run on the cluster. A bounded number of shards is on its way, so that memory does not grow with the run."""

    def __init__(self, ray: Any, plan: Plan, lane: Lane, todo: Iterator[Work], suite: str) -> None:
        limits = plan.suite.limits
        self._ray, self._plan, self._lane, self._todo, self._suite = ray, plan, lane, todo, suite
        self._width = width_of(ray, limits.concurrency)
        self._ask = ray.remote(ask_shard).options(num_cpus=1, max_retries=0, scheduling_strategy="SPREAD")
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
        keeper = ray.remote(Keeper).options(num_cpus=0, scheduling_strategy=here, max_restarts=-1, max_task_retries=-1)
        self._keeper = keeper.remote(limits.requests_per_second, limits.tokens_per_minute)
        self._identity = sha256_json(plan.identity)
        self._on_its_way: dict[Any, _Shard] = {}
        self._again: deque[_Shard] = deque()
        self._ended = False

    def run(self) -> None:
        """Ask everything. Raises InputError when a worker cannot begin, RoadworthyError when workers keep dying."""
        while True:
            self._hand_out()
            if not self._on_its_way:
                return
            ready, _ = self._ray.wait(list(self._on_its_way), num_returns=1)
            for reference in ready:
                self._take_up(reference, self._on_its_way.pop(reference))
            if self._lane.caller.over and not self._ended:
                self._ended = True
                self._keeper.halt.remote()

    def _hand_out(self) -> None:
        caller = self._lane.caller
        while len(self._on_its_way) < self._width and not caller.over:
            allowance = self._allowance()
            if allowance == 0:
                if not self._on_its_way:
                    caller.stopped = caller.budget.used_up()
                return
            shard = self._again.popleft() if self._again else self._next()
            if shard is None:
                return
            self._send(shard, allowance)

    def _next(self) -> _Shard | None:
        """Take the next questions; those that the cache answers are settled at once."""
        while block := list(islice(self._todo, self._size())):
            found = self._lane.questions(block)
            known = [answered for answered in found if not isinstance(answered, Question)]
            if known:
                self._lane.settle(known)
            if asked := [question for question in found if isinstance(question, Question)]:
                return _Shard(asked, None)
            if self._lane.caller.over:
                return None
        return None

    def _size(self) -> int:
        """Take small shards of a small run, so that every worker has some."""
        return max(1, min(SHARD, self._plan.suite.limits.concurrency // self._width * 16))

    def _allowance(self) -> int | None:
        """Return how many calls may still be set aside; None without a limit."""
        limits = self._plan.suite.limits
        if limits.max_calls is None:
            return None
        aside = sum(shard.allowance or 0 for shard in self._on_its_way.values())
        return max(0, limits.max_calls - self._lane.caller.budget.usage.calls - aside)

    def _send(self, shard: _Shard, left: int | None) -> None:
        limits = self._plan.suite.limits
        most = None if left is None else min(left, len(shard.questions) * (limits.retries + 1))
        job = Job(self._suite, VERSION, self._identity, max(1, limits.concurrency // self._width), most)
        reference = self._ask.remote(msgspec.json.encode(job), pack(shard.questions), self._keeper)
        self._on_its_way[reference] = _Shard(shard.questions, most, shard.losses)

    def _take_up(self, reference: Any, shard: _Shard) -> None:
        try:
            report = msgspec.json.decode(self._ray.get(reference), type=Report)
        except (self._ray.exceptions.RayError, OSError) as error:
            self._lost(shard, error)
            return
        if report.refused is not None:
            raise InputError(f"on a worker: {report.refused}", remedy=report.remedy or "See the logs of the cluster.")
        self._lane.caller.budget.usage.calls += report.calls
        answered, left = answers(shard.questions, report)
        if answered:
            self._lane.settle(answered)
        if left:
            self._again.append(_Shard(left, None, shard.losses))

    def _lost(self, shard: _Shard, error: Exception) -> None:
        """Ask a shard again whose worker or node died; nothing of it has come back."""
        if shard.losses + 1 >= _TRIES:
            raise RoadworthyError(
                f"{_TRIES} workers in a row died over the same samples: {type(error).__name__}",
                remedy="See the logs of the cluster; what is recorded stays, and the same command goes on from there.",
            ) from error
        self._again.append(_Shard(shard.questions, None, shard.losses + 1))


def _below(path: Path, root: Path) -> str:
    try:
        return str(path.resolve().relative_to(root.resolve()))
    except ValueError as error:
        raise InputError(
            f"the suite {path} is not below the project {root}",
            remedy="Move it there: workers get the project's files.",
        ) from error
