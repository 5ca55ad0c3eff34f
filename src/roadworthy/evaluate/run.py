"""A run of a suite: what came out, where it is kept, and the `measured` predicate that states it."""

from __future__ import annotations

import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roadworthy.core.version import VERSION
from roadworthy.declare.system import System
from roadworthy.evaluate.budget import Usage
from roadworthy.evaluate.dataset import Survey
from roadworthy.evaluate.imported import said_by_log
from roadworthy.evaluate.plan import Plan
from roadworthy.evaluate.scorers.table import scorer_named
from roadworthy.evaluate.suite import recorded_scores
from roadworthy.evidence.fingerprint import Fingerprint

HARNESS = "roadworthy"


@dataclass(frozen=True)
class Counts:
    """How many samples were planned, and what became of them."""

    planned: int
    scored: int
    errored: int
    unscored: int

    @property
    def recorded(self) -> int:
        """Return how many samples have a row."""
        return self.scored + self.errored + self.unscored


@dataclass(frozen=True)
class Run:
    """One run of one suite against one fingerprint."""

    plan: Plan
    system: System
    fingerprint: Fingerprint
    key: str
    directory: Path
    table: Path
    """The sealed result table, results.parquet."""
    table_digest: str
    survey: Survey
    counts: Counts
    usage: Usage
    """Of all invocations."""
    used_now: Usage
    """Of the last one."""
    started: str
    """RFC 3339: when the oldest answer was given, cached ones included."""
    finished_at: str
    models: tuple[str, ...]
    """Models that the target says have answered."""
    actor: str
    stopped: str | None
    """Why it ended before its end; None when nothing is missing, or nothing more was needed."""
    settled: str | None
    """Why no further call was needed, in the words of the stopping rule."""
    notes: tuple[str, ...]
    beside: tuple[Run, ...] = ()
    """Runs of the comparators, which were asked the same cases in turn."""
    apart: str | None = None
    """Of a comparator that came later: why it was not asked in turn with the system."""

    @property
    def finished(self) -> bool:
        """Tell whether every planned sample is recorded."""
        return self.counts.recorded == self.counts.planned

    @property
    def complete(self) -> bool:
        """Tell whether nothing is missing: every sample is recorded, or a rule fixed beforehand needs no more."""
        return self.finished or self.settled is not None

    def predicate(self) -> dict[str, Any]:
        """Return the predicate of a `measured` evidence record (docs/decisions/0001-the-shape.md).

        That of a comparator names it, and is therefore no evidence about the system.
        """
        suite, counts, usage = self.plan.suite, self.counts, self.usage
        return {
            "system": self.system.system,
            "release": self.system.release,
            "fingerprint": dict(self.fingerprint.parts),
            "suite": {"id": suite.suite, "digest": suite.digest, "metrics": list(suite.metrics)},
            "dataset": {
                "name": self.plan.dataset.name,
                "digest": self.survey.digest,
                "rows": self.survey.rows,
                "cluster": self.plan.dataset.cluster or ("sample" if _repeated(self.plan) else None),
                "slices": suite.dataset.slice_names,
            },
            "target": {**self.plan.identity, "reported_models": list(self.models)},
            "settings": _settings(self.plan),
            "scorers": _scorers(self.plan),
            "harness": harness(),
            "seed": suite.seed,
            "started": self.started,
            "finished": self.finished_at,
            "actor": self.actor,
            "independence": suite.independence,
            "counts": {
                "planned": counts.planned,
                "recorded": counts.recorded,
                "scored": counts.scored,
                "errored": counts.errored,
                "unscored": counts.unscored,
            },
            "usage": {
                "calls": usage.calls,
                "cached": usage.cached,
                "tokens_in": usage.tokens_in,
                "tokens_out": usage.tokens_out,
                "cost": None if usage.cost is None else round(usage.cost, 9),
            },
            "notes": [*self.notes, *(log.notes if (log := self.plan.dataset.source) else ())],
            "results": self.table_digest,
            **said_by_log(suite, self.plan.dataset, self.system),
            **({"comparator": suite.comparator} if suite.comparator else {}),
        }


def harness() -> dict[str, str]:
    """Return name and version of the program that measures."""
    return {"name": HARNESS, "version": VERSION, "python": platform.python_version()}


def harness_major() -> str:
    """Return what of the version is part of the key of a run: a new major version measures anew."""
    return f"{HARNESS} {VERSION.split('.')[0]}"


def _repeated(plan: Plan) -> bool:
    """Tell whether several rows rest on one case: repetitions, or perturbed forms."""
    return plan.suite.epochs > 1 or plan.suite.dataset.perturb is not None


def _settings(plan: Plan) -> dict[str, Any]:
    suite = plan.suite
    perturb = suite.dataset.perturb
    statement = plan.dataset.statement
    return {
        "sampling": suite.sampling.model_dump(mode="json", exclude_none=True),
        "epochs": suite.epochs,
        "system_prompt": suite.system_prompt,
        "groups": list(suite.groups),
        "limit": suite.dataset.limit,
        "perturb": perturb.model_dump(mode="json") if perturb else None,
        "currency": suite.prices.currency if suite.prices else None,
        **({"warehouse": statement} if statement else {}),
    }


def _scorers(plan: Plan) -> list[dict[str, Any]]:
    target = plan.suite.target
    said = getattr(target, "known_error", None)
    recorded = [{"name": f"{name} (recorded)", "version": "1", "known_error": said} for name in recorded_scores(target)]
    own = []
    for spec in plan.suite.scorers:
        scorer = scorer_named(spec.use)
        known = spec.known_error or scorer.known_error
        own.append({"name": f"{spec.id} ({scorer.name})", "version": scorer.version, "known_error": known})
    return recorded + own
