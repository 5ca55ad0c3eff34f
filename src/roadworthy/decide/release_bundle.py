"""What a bundle of a release holds, and how a dossier is built from it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from roadworthy.core.clock import parse_time
from roadworthy.core.digests import canonical_json
from roadworthy.core.errors import EvidenceError, Place
from roadworthy.decide.dossier import Baseline, DeclaredSuite, Dossier, ShippedMeasurement
from roadworthy.decide.judge import verdict_bytes
from roadworthy.decide.outcome import Verdict
from roadworthy.declare.load import system_value
from roadworthy.declare.system import System
from roadworthy.evidence.bundle import ENVELOPE, Bundle
from roadworthy.evidence.inventory import ENTRIES, HEADS
from roadworthy.evidence.predicate import Measured
from roadworthy.evidence.record import open_record
from roadworthy.standard.load import LoadedStandard, seal_standard, standard_value
from roadworthy.standard.model import Signer, Standard

SYSTEM, STANDARD, VERDICT, BASELINE = "system.json", "standard.json", "verdict.json", "baseline.json"
SIGNERS = "signers"
"""Key of the signed statement: the people for whom the maker of the bundle vouches."""
SHIPPED_RECORDS = "baseline/"
"""Signed measurements of the shipped release; their result tables are objects like the others."""


def bundle_files(
    dossier: Dossier, verdict: Verdict, envelopes: Mapping[str, bytes], entries: bytes, heads: bytes
) -> dict[str, bytes | Path]:
    """Gather the members of a bundle: declaration, standard, verdict, records, result tables and ledger."""
    files: dict[str, bytes | Path] = {
        SYSTEM: _declared(dossier.system, dossier.fingerprint),
        STANDARD: canonical_json(standard_value(dossier.loaded.standard)),
        VERDICT: verdict_bytes(verdict),
        ENTRIES: entries,
        HEADS: heads,
    }
    if dossier.baseline:
        files[BASELINE] = _declared(dossier.baseline.system, dossier.baseline.fingerprint)
        for shipped in dossier.baseline.measurements:
            files[f"{SHIPPED_RECORDS}{shipped.record.digest}.json"] = shipped.envelope
            files[f"objects/{shipped.measured.results}"] = shipped.table()
    for record in dossier.records:
        files[f"records/{record.digest}.json"] = envelopes[record.digest]
        if isinstance(record.predicate, Measured):
            files |= {f"objects/{digest}": dossier.table(digest) for digest in record.predicate.objects().values()}
    return files


def bundle_predicate(dossier: Dossier, verdict: Verdict) -> dict[str, Any]:
    """Say in the signed statement what the bundle is about, and which keys were accepted for measurements.

    People for whom its maker vouches are named only where there are some.
    """
    vouched = [signer.model_dump(mode="json") for signer in sorted(dossier.signers, key=lambda signer: signer.key)]
    return {
        "system": verdict.system,
        "release": verdict.release,
        "fingerprint": verdict.fingerprint,
        "tier": verdict.tier,
        "verdict": str(verdict.verdict),
        "as_of": verdict.as_of,
        "standard": {"name": verdict.standard, "digest": verdict.standard_digest},
        "accepted_keys": sorted(dossier.accepted_keys),
        "retired_suites": list(dossier.retired_suites),
        "suites": {
            name: {"digest": suite.digest, "dataset": suite.dataset, "labels": suite.labels}
            for name, suite in sorted(dossier.suites.items())
        },
        "harness": verdict.harness,
    } | ({SIGNERS: vouched} if vouched else {})


def read_dossier(bundle: Bundle, directory: Path, loaded: LoadedStandard | None = None) -> Dossier:
    """Build the dossier that a bundle holds; result tables are copied into `directory`.

    With `loaded`, that standard stands in the place of the one in the bundle. Raises EvidenceError when a member is
    missing or is not what its name says.
    """
    system, fingerprint = read_declared(bundle, SYSTEM)
    baseline = None
    if BASELINE in bundle:
        shipped = shipped_measurements(bundle, SHIPPED_RECORDS, directory)
        baseline = Baseline(*read_declared(bundle, BASELINE), shipped)
    return Dossier(
        system=system,
        fingerprint=fingerprint,
        loaded=loaded or read_standard(bundle),
        records=tuple(bundle.records()),
        table=lambda digest: bundle.extract(f"objects/{digest}", directory),
        as_of=parse_time(str(bundle.predicate.get("as_of"))),
        accepted_keys=frozenset(str(key) for key in bundle.predicate.get("accepted_keys", [])),
        suites=_suites(bundle),
        baseline=baseline,
        retired_suites=tuple(str(suite) for suite in bundle.predicate.get("retired_suites", [])),
        signers=_signers(bundle),
    )


def shipped_measurements(bundle: Bundle, folder: str, directory: Path) -> tuple[ShippedMeasurement, ...]:
    """Read the measurements in `folder` of a bundle, newest first; tables go into `directory` when asked for."""
    found = []
    for name in bundle.names(folder):
        envelope = bundle.read(name)
        record = open_record(envelope, bundle.trusted, Place(f"{bundle.path}!{name}"))
        if isinstance(record.predicate, Measured):
            member = f"objects/{record.predicate.results}"
            found.append(ShippedMeasurement(record, envelope, partial(bundle.extract, member, directory)))
    return tuple(sorted(found, key=lambda item: (item.measured.finished, item.record.digest), reverse=True))


def _suites(bundle: Bundle) -> dict[str, DeclaredSuite]:
    try:
        return {
            str(name): DeclaredSuite(str(suite["digest"]), str(suite["dataset"]), str(suite.get("labels", "")))
            for name, suite in dict(bundle.predicate.get("suites", {})).items()
        }
    except (KeyError, TypeError, ValueError) as error:
        raise _wrong(bundle, ENVELOPE, "its list of suites cannot be read") from error


def _signers(bundle: Bundle) -> tuple[Signer, ...]:
    try:
        people = tuple(Signer.model_validate(value) for value in bundle.predicate.get(SIGNERS, []))
    except (TypeError, ValidationError) as error:
        raise _wrong(bundle, ENVELOPE, "its list of signers cannot be read") from error
    if len({signer.key for signer in people}) != len(people):
        raise _wrong(bundle, ENVELOPE, "its list of signers names a key twice")
    return people


def read_standard(bundle: Bundle) -> LoadedStandard:
    """Read the standard that a bundle was judged by, and check it as a whole."""
    try:
        standard = Standard.model_validate(_json(bundle, STANDARD))
    except ValidationError as error:
        raise _wrong(bundle, STANDARD, str(error.errors()[0]["msg"])) from error
    return seal_standard(standard)


def read_declared(bundle: Bundle, member: str) -> tuple[System, dict[str, str]]:
    """Read a declaration and its fingerprint from a bundle."""
    value = _json(bundle, member)
    try:
        return System.model_validate(value["declaration"]), dict(value["fingerprint"])
    except (KeyError, TypeError, ValidationError) as error:
        raise _wrong(bundle, member, str(error).splitlines()[0]) from error


def _declared(system: System, fingerprint: Mapping[str, str]) -> bytes:
    return canonical_json({"declaration": system_value(system), "fingerprint": dict(fingerprint)})


def _json(bundle: Bundle, member: str) -> Any:
    try:
        return json.loads(bundle.read(member))
    except ValueError as error:
        raise _wrong(bundle, member, "it is not JSON") from error


def _wrong(bundle: Bundle, member: str, what: str) -> EvidenceError:
    return EvidenceError(
        f"{member} is not what its name says: {what}",
        place=Place(f"{bundle.path}!{member}"),
        remedy="Get the bundle again from whoever made it, or read it with the version of Roadworthy that made it.",
    )
