"""The gate: judge a project, seal what the verdict rests on, and write what people and machines read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from roadworthy.assess.tier import Tiering
from roadworthy.core.clock import now
from roadworthy.core.digests import sha256_file
from roadworthy.core.errors import EvidenceError, InputError
from roadworthy.core.files import write_atomically
from roadworthy.decide.dossier import Baseline, DeclaredSuite, Dossier
from roadworthy.decide.judge import judge, verdict_bytes
from roadworthy.decide.outcome import Verdict
from roadworthy.decide.release_bundle import bundle_files, bundle_predicate
from roadworthy.decide.tier_override import settle_tier
from roadworthy.decide.verdict import exit_code
from roadworthy.evaluate.suite import Suite
from roadworthy.evidence.bundle import write_bundle
from roadworthy.evidence.keys import load_signer
from roadworthy.evidence.predicate import Measured
from roadworthy.evidence.record import Record
from roadworthy.project.baseline import read_baseline, read_measured_baseline
from roadworthy.project.project import SHIPPED, Project

BUNDLE = "bundle.zip"
UNREADABLE = "unreadable"
"""Stands for the digest of a file that cannot be read; equals no measurement's."""


@dataclass(frozen=True)
class GateResult:
    """The verdict, and where everything was written."""

    verdict: Verdict
    files: dict[str, Path]
    key_id: str


def judge_project(project: Project, *, against: Path | None = None) -> Verdict:
    """Judge the project as it stands; writes nothing."""
    signed = [record for record, _ in project.attestations()]
    return judge(gather(project, signed, against))


def tier_project(project: Project) -> Tiering:
    """Return the tier of the project, by the rules or as somebody with the authority set it; needs no evidence."""
    signed = tuple(record for record, _ in project.attestations())
    return settle_tier(
        Dossier(
            system=project.system,
            fingerprint=project.fingerprint.parts,
            loaded=project.loaded,
            records=signed,
            table=project.store.object_path,
            as_of=now(),
            accepted_keys=frozenset(),
        )
    )


def run_gate(project: Project, out: Path, *, key: Path | None = None, against: Path | None = None) -> GateResult:
    """Judge the project and write bundle and reports into `out`.

    What people signed is listed in the ledger first, so that the bundle shows it was there. Raises InputErrors when a
    file of the project is not valid, also a suite whose evidence is already sealed.
    """
    signer = load_signer(key)
    project = project.trusting(signer)
    store = project.store
    store.repair(signer)
    signed = [store.add_envelope(envelope, signer) for _, envelope in project.attestations()]
    dossier = gather(project, signed, against)
    verdict = judge(dossier)
    envelopes = {record.digest: store.record_path(record.digest).read_bytes() for record in dossier.records}
    ledger = [path.read_bytes() if path.is_file() else b"" for path in (store.entries_path, store.heads_path)]
    bundle = out / BUNDLE
    write_bundle(
        bundle,
        bundle_files(dossier, verdict, envelopes, *ledger),
        bundle_predicate(dossier, verdict),
        signer,
    )
    files = {"bundle": bundle, **_write_documents(project, dossier, verdict, bundle, out, signer.key_id)}
    return GateResult(verdict, files, signer.key_id)


def gather(project: Project, signed: list[Record], against: Path | None = None) -> Dossier:
    """Gather everything the verdict rests on.

    Raises EvidenceError when the store was cut or altered: no verdict is given on evidence that cannot be relied on.
    """
    shipped = against or project.directory / SHIPPED
    if against is not None and not against.exists():
        raise EvidenceError(f"there is no bundle {against}", remedy="Name the bundle of the last shipped release.")
    own = [
        (record, record.predicate)
        for record in project.store.records()
        if isinstance(record.predicate, Measured) and record.predicate.system == project.system.system
    ]
    declared = {suite.suite: _declared(suite) for suite in project.suites}
    return Dossier(
        system=project.system,
        fingerprint=project.fingerprint.parts,
        loaded=project.loaded,
        records=(*_current(own, declared), *signed),
        table=project.store.object_path,
        as_of=now(),
        accepted_keys=frozenset(project.trusted.keys),
        suites=declared,
        baseline=_baseline(project, shipped) if shipped.exists() else None,
        retired_suites=tuple(sorted({measured.suite.id for _, measured in own} - declared.keys())),
    )


def _baseline(project: Project, shipped: Path) -> Baseline:
    """Read the shipped release; what was measured of it only where the standard compares with that."""
    criteria = [each for requirement in project.loaded.standard.requirements for each in requirement.criterion.values()]
    if any(criterion.no_worse_by is not None for criterion in criteria):
        return read_measured_baseline(shipped, project)
    return read_baseline(shipped, project.trusted)


def _declared(suite: Suite) -> DeclaredSuite:
    """Return a suite with its dataset and labels as they are now."""
    from roadworthy.evaluate.calibration import labels_digest
    from roadworthy.evaluate.plan import dataset_digest

    return DeclaredSuite(suite.digest, *(_readable(read, suite) for read in (dataset_digest, labels_digest)))


def _readable(read: Callable[[Suite], str], suite: Suite) -> str:
    """Return a digest, or a word that equals no measurement's where a file cannot be read."""
    try:
        return read(suite)
    except InputError:
        return UNREADABLE


def _current(records: list[tuple[Record, Measured]], declared: Mapping[str, DeclaredSuite]) -> list[Record]:
    """Keep one record of each declared suite and fingerprint: the newest of the suite and dataset as they are now."""

    def is_current(measured: Measured) -> bool:
        return declared[measured.suite.id] == DeclaredSuite.of(measured)

    known = [pair for pair in records if pair[1].suite.id in declared]
    last_wins = sorted(known, key=lambda pair: is_current(pair[1]))
    chosen = {
        (measured.suite.id, tuple(sorted(measured.fingerprint.items()))): record for record, measured in last_wins
    }
    return sorted(chosen.values(), key=lambda record: record.digest)


def _write_documents(
    project: Project, dossier: Dossier, verdict: Verdict, bundle: Path, out: Path, key_id: str
) -> dict[str, Path]:
    from roadworthy.documents.checklist import render_checklist
    from roadworthy.documents.exports.junit import junit_bytes
    from roadworthy.documents.exports.sarif import sarif_bytes
    from roadworthy.documents.report import render_report
    from roadworthy.documents.summary import render_summary
    from roadworthy.project.provenance import summarise

    ledger = project.store.ledger()
    code = exit_code(verdict.verdict, verdict.tier, verdict.outcomes)
    provenance = summarise(dossier, BUNDLE, sha256_file(bundle), key_id, ledger)
    contents: dict[str, tuple[str, bytes]] = {
        "report": ("report.html", render_report(verdict, provenance).encode()),
        "summary": ("summary.md", render_summary(verdict, report="report.html").encode()),
        "checklist": ("checklist.md", render_checklist(verdict).encode()),
        "junit": ("junit.xml", junit_bytes(verdict)),
        "sarif": ("results.sarif", sarif_bytes(verdict, exit_code=code)),
        "verdict": ("verdict.json", verdict_bytes(verdict)),
    }
    written = {}
    for name, (file, content) in contents.items():
        written[name] = out / file
        write_atomically(out / file, content)
    return written
