"""Runs by name: where a result table is, and what the evidence says of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from roadworthy.core.errors import InputError, Place
from roadworthy.core.names import did_you_mean
from roadworthy.evaluate.comparison import NamedRun
from roadworthy.evaluate.record_book import SEALED
from roadworthy.evidence.bundle import read_bundle
from roadworthy.evidence.inventory import OBJECTS
from roadworthy.evidence.predicate import Measured
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.project.project import Project


@contextmanager
def named_runs(project: Project, names: Sequence[str]) -> Iterator[list[NamedRun]]:
    """Find runs: a run directory, a result table, `bundle.zip[:suite]`, a record's digest, or `suite[@release]`.

    The runs can be read while the context lasts. Raises InputError that says what there is.
    """
    with tempfile.TemporaryDirectory(prefix="roadworthy-") as directory:
        found = [_find(project, name, Path(directory)) for name in names]
        yield found


def _find(project: Project, name: str, directory: Path) -> NamedRun:
    path, _, suite = name.partition(":")
    given = Path(path)
    if given.is_dir() and (given / SEALED).is_file():
        return NamedRun(given.parent.name + "/" + given.name, given / SEALED, None)
    if given.suffix == ".parquet" and given.is_file():
        return NamedRun(given.name, given, None)
    if given.is_file():
        return _of_bundle(given, suite, directory)
    return _of_store(project, name)


def _of_bundle(path: Path, suite: str, directory: Path) -> NamedRun:
    bundle = read_bundle(path, TrustedKeys.none(), accept_untrusted=True)
    measured = [record.predicate for record in bundle.records() if isinstance(record.predicate, Measured)]
    by_suite = {item.suite.id: item for item in sorted(measured, key=lambda item: item.finished)}
    if not suite and len(by_suite) == 1:
        [suite] = by_suite
    if suite not in by_suite:
        raise InputError(
            f"the bundle holds measurements of: {', '.join(sorted(by_suite)) or 'nothing'}",
            place=Place(path),
            remedy=f"Name one: {path}:{min(by_suite, default='suite')}",
        )
    chosen = by_suite[suite]
    table = bundle.extract(f"{OBJECTS}{chosen.results}", directory)
    return NamedRun(f"{suite} of release {chosen.release}", table, chosen)


def _of_store(project: Project, name: str) -> NamedRun:
    store = project.store
    records = [(r.digest, r.predicate) for r in store.records() if isinstance(r.predicate, Measured)]
    suite, _, release = name.partition("@")
    wanted = [
        (digest, measured)
        for digest, measured in records
        if (len(name) >= 6 and digest.startswith(name))
        or (measured.suite.id == suite and release in ("", measured.release))
    ]
    if not wanted:
        known = dict.fromkeys(f"{measured.suite.id}@{measured.release}" for _, measured in records)
        raise InputError(
            f"there is no run {name!r}: neither a file, nor a record, nor a suite with evidence",
            remedy=did_you_mean(name, known) if known else "Run 'roadworthy evaluate' first.",
        )
    digest, measured = wanted[-1]
    return NamedRun(
        f"{measured.suite.id} of release {measured.release} ({digest[:8]})",
        store.object_path(measured.results),
        measured,
    )
