"""The last shipped release, read from its bundle or from a project directory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from roadworthy.decide.dossier import Baseline, ShippedMeasurement
from roadworthy.decide.release_bundle import SYSTEM, read_declared, shipped_measurements
from roadworthy.evidence.bundle import Bundle, read_bundle
from roadworthy.evidence.inventory import OBJECTS, RECORDS
from roadworthy.evidence.predicate import Measured
from roadworthy.evidence.store import EvidenceStore
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.project.project import Project


def read_baseline(path: Path, trusted: TrustedKeys | None = None) -> Baseline:
    """Read a declaration with its fingerprint from a bundle or a project directory.

    A bundle is read only when it is intact; it need not be signed by a trusted key, since it is compared with and shows
    nothing by itself.
    """
    if path.is_dir():
        project = Project.open(path)
        return Baseline(project.system, project.fingerprint.parts)
    return Baseline(*read_declared(_bundle(path, trusted), SYSTEM))


def read_measured_baseline(path: Path, project: Project) -> Baseline:
    """Read the shipped release with what was measured of it; tables that are asked for join the project's objects."""
    baseline = read_baseline(path, project.trusted)
    if path.is_dir():
        return replace(baseline, measurements=tuple(_of_store(Project.open(path).store)))
    bundle = _bundle(path, project.trusted)
    measurements = tuple(
        replace(shipped, table=partial(_fetch, bundle, shipped.measured.results, project.store))
        for shipped in shipped_measurements(bundle, RECORDS, Path())
    )
    return replace(baseline, measurements=measurements)


def _bundle(path: Path, trusted: TrustedKeys | None) -> Bundle:
    return read_bundle(path, trusted or TrustedKeys.load(), accept_untrusted=True)


def _of_store(store: EvidenceStore) -> Iterator[ShippedMeasurement]:
    for record in reversed(store.records()):
        if isinstance(record.predicate, Measured):
            table = partial(store.object_path, record.predicate.results)
            yield ShippedMeasurement(record, store.record_path(record.digest).read_bytes(), table)


def _fetch(bundle: Bundle, digest: str, store: EvidenceStore) -> Path:
    if not store.holds_object(digest):
        with tempfile.TemporaryDirectory(prefix="roadworthy-") as directory:
            store.put_object(bundle.extract(f"{OBJECTS}{digest}", Path(directory)))
    return store.object_path(digest)
