"""Run what is missing or stale, and turn each run into sealed evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from roadworthy.core.clock import now, parse_time
from roadworthy.core.errors import InputError
from roadworthy.core.names import did_you_mean
from roadworthy.evaluate.asking import Ask
from roadworthy.evaluate.calibration import read_calibrations, refuse_early_end
from roadworthy.evaluate.progress import Progress
from roadworthy.evaluate.run import Run
from roadworthy.evaluate.runner import run_suite
from roadworthy.evaluate.suite import Suite
from roadworthy.evaluate.sums import count_errors
from roadworthy.evidence.keys import Signer, load_signer
from roadworthy.evidence.predicate import Kind, Measured, parse_predicate
from roadworthy.evidence.record import Record
from roadworthy.project.project import STORE, Project
from roadworthy.project.until_decided import choose_rule, criteria_to_settle


class Engine(StrEnum):
    """Where targets are asked from."""

    LOCAL = "local"
    RAY = "ray"


@dataclass(frozen=True)
class Evaluated:
    """What came of one suite."""

    suite: Suite
    run: Run
    record: Record

    @property
    def looked_at(self) -> tuple[str, ...]:
        """Return the criteria by which the run could end early; none for one that asks everything it planned."""
        stopping = self.record.predicate.stopping if isinstance(self.record.predicate, Measured) else None
        return () if stopping is None else stopping.looked_at


def evaluate_project(
    project: Project,
    suites: Sequence[str] = (),
    *,
    key: Path | None = None,
    again: bool = False,
    progress: Callable[[Suite, Progress], None] | None = None,
    on: Engine = Engine.LOCAL,
    until_decided: bool = False,
) -> list[Evaluated]:
    """Run the named suites, or all; samples that are recorded already are not asked again.

    A finished measurement is made anew when it has expired by the standard, or with `again`. Every run, also one that a
    budget stopped, becomes a signed record. With `until_decided` a run ends as soon as the criteria of its metrics are
    settled; a suite with one that cannot be settled early is refused before anything runs. Raises InputError when
    there is no suite of a name, or none at all, MissingExtra when `on` needs what is not installed; nothing is written
    then.
    """
    ask = _asker(on, project)
    signer = load_signer(key)
    project = project.trusting(signer)
    chosen = chosen_suites(project, suites)
    if until_decided:
        for suite in chosen:
            criteria_to_settle(project, suite)
            refuse_early_end(suite)
    return [_evaluate(project, suite, signer, again, progress, ask, until_decided) for suite in chosen]


def chosen_suites(project: Project, names: Sequence[str]) -> list[Suite]:
    """Find the suites by name; all of them when none is named."""
    known = {suite.suite: suite for suite in project.suites}
    if not known:
        raise InputError(
            f"{project.directory / 'evals'} holds no suite",
            remedy="Write evals/<name>.yaml, or run 'roadworthy init' for a first one.",
        )
    for name in names:
        if name not in known:
            raise InputError(f"there is no suite {name!r}", remedy=did_you_mean(name, known))
    return [known[name] for name in names] or list(known.values())


def _evaluate(
    project: Project,
    suite: Suite,
    signer: Signer,
    again: bool,
    progress: Callable[[Suite, Progress], None] | None,
    ask: Ask | None,
    until_decided: bool,
) -> Evaluated:
    renew = again or _expired(project, suite)
    rule = choose_rule(project, suite, until_decided=until_decided, fresh=renew)
    run = run_suite(
        suite,
        project.system,
        project.fingerprint,
        root=project.directory,
        store=project.directory / STORE,
        progress=(lambda state: progress(suite, state)) if progress else None,
        fresh=renew,
        stopping=rule.rule if rule else None,
        ask=ask,
    )
    calibrations = read_calibrations(suite, run.plan.scores, run.table)
    for calibration in calibrations:
        project.store.put_object(calibration.labels.sealed())
    stated = run.predicate() | ({"stopping": rule.sealed()} if rule else {})
    if calibrations:
        stated |= {"calibrations": [calibration.stated() for calibration in calibrations]}
    predicate = parse_predicate(Kind.MEASURED, stated)
    project.store.put_object(run.table)
    return Evaluated(suite, run, project.store.add(predicate, signer))


def _asker(on: Engine, project: Project) -> Ask | None:
    if on is Engine.LOCAL:
        return None
    from roadworthy.evaluate.on_ray.dispatch import asks_on_ray

    return asks_on_ray(project.directory)


def _expired(project: Project, suite: Suite) -> bool:
    """Tell whether the newest complete measurement of this very state is older than a requirement lets it be."""
    limits = [
        requirement.expires.days
        for requirement in project.loaded.standard.requirements
        if requirement.measure and requirement.measure.metric in suite.metrics and requirement.expires.days
    ]
    made = [
        parse_time(record.predicate.finished)
        for record in project.store.records()
        if isinstance(record.predicate, Measured)
        and record.predicate.suite.id == suite.suite
        and dict(record.predicate.fingerprint) == dict(project.fingerprint.parts)
    ]
    return bool(limits and made) and max(made) + timedelta(days=min(limits)) <= now()


def commonest_error(table: Path) -> tuple[str, int] | None:
    """Return the error that most samples of a result table ended in, and how many; None when there is none."""
    return max(count_errors(table).items(), key=lambda pair: pair[1], default=None)
