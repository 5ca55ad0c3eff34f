"""Run what is missing or stale, and turn each run into sealed evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from roadworthy.core.clock import now, parse_time
from roadworthy.core.errors import InputError
from roadworthy.core.names import did_you_mean
from roadworthy.evaluate.run import Run
from roadworthy.evaluate.runner import Progress, run_suite
from roadworthy.evaluate.suite import Suite
from roadworthy.evidence.keys import Signer, load_signer
from roadworthy.evidence.predicate import Kind, Measured, parse_predicate
from roadworthy.evidence.record import Record
from roadworthy.project.project import STORE, Project


@dataclass(frozen=True)
class Evaluated:
    """What came of one suite."""

    suite: Suite
    run: Run
    record: Record


def evaluate_project(
    project: Project,
    suites: Sequence[str] = (),
    *,
    key: Path | None = None,
    again: bool = False,
    progress: Callable[[Suite, Progress], None] | None = None,
) -> list[Evaluated]:
    """Run the named suites, or all; samples that are recorded already are not asked again.

    A finished measurement is made anew when it has expired by the standard, or with `again`. Every run, also one that a
    budget stopped, becomes a signed record. Raises InputError when there is no suite of a name, or none at all.
    """
    signer = load_signer(key)
    project = project.trusting(signer)
    return [_evaluate(project, suite, signer, again, progress) for suite in chosen_suites(project, suites)]


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
) -> Evaluated:
    renew = again or _expired(project, suite)
    run = run_suite(
        suite,
        project.system,
        project.fingerprint,
        root=project.directory,
        store=project.directory / STORE,
        progress=(lambda state: progress(suite, state)) if progress else None,
        fresh=renew,
    )
    predicate = parse_predicate(Kind.MEASURED, run.predicate())
    project.store.put_object(run.table)
    return Evaluated(suite, run, project.store.add(predicate, signer))


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
    import pyarrow.parquet as parquet

    errors = parquet.read_table(table, columns=["error"])["error"].drop_null()
    counted = [(str(pair["values"]), int(pair["counts"])) for pair in errors.value_counts().to_pylist()]
    return max(counted, key=lambda pair: pair[1], default=None)
