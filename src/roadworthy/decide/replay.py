"""Replay a verdict from its bundle: offline, trusting nobody, byte for byte."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from roadworthy.core.errors import RoadworthyError
from roadworthy.core.version import VERSION
from roadworthy.decide.dossier import Dossier
from roadworthy.decide.judge import judge, read_verdict, verdict_bytes
from roadworthy.decide.outcome import Verdict
from roadworthy.decide.release_bundle import VERDICT, bundle_predicate, read_dossier
from roadworthy.evidence.bundle import Bundle, Inspection, inspect_bundle
from roadworthy.evidence.dsse import signed_by
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.standard.load import LoadedStandard, default_digest


@dataclass(frozen=True)
class Check:
    """One thing that was looked at."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True)
class Replay:
    """What came of replaying a bundle."""

    checks: tuple[Check, ...]
    verdict: Verdict | None
    """The verdict recomputed from the evidence; null when that was not possible."""
    trusted: bool
    """The bundle is signed by a key that the caller trusts."""
    trust_words: str
    bundle: Bundle | None = None

    @property
    def intact(self) -> bool:
        """Tell whether nothing was altered and the verdict is the one that the evidence gives."""
        return self.verdict is not None and all(check.passed for check in self.checks)


def replay(path: Path, trusted: TrustedKeys, expected: LoadedStandard | None = None) -> Replay:
    """Inspect every byte of a bundle, recompute its verdict and compare.

    With `expected`, the standard in the bundle must be that one. Everything wrong is listed, each with the member's
    name. Raises EvidenceError when there is no such file.
    """
    inspection = inspect_bundle(path, trusted)
    checks = [Check("bundle", False, f"{problem.member}: {problem.what}") for problem in inspection.problems]
    if inspection.bundle is None:
        return Replay(tuple(checks), None, False, "nothing in it could be read.")
    if not checks:
        names = inspection.bundle.names()
        ledger = inspection.bundle.ledger()
        size, root = (ledger.head.size, ledger.head.root) if ledger.head else (0, "")
        checks.append(Check("bundle", True, f"{len(names)} members, every byte accounted for"))
        checks.append(Check("ledger", True, f"{size} entries under signed head {root[:12]}"))
    replayed, verdict = _recompute(inspection.bundle, expected)
    words = f"{inspection.distrust[0].what}." if inspection.distrust else ""
    return Replay((*checks, *replayed), verdict, _is_trusted(inspection), words, inspection.bundle)


def _is_trusted(inspection: Inspection) -> bool:
    return inspection.bundle is not None and not inspection.distrust


def _recompute(bundle: Bundle, expected: LoadedStandard | None) -> tuple[list[Check], Verdict | None]:
    checks: list[Check] = []
    try:
        with tempfile.TemporaryDirectory(prefix="roadworthy-") as directory:
            dossier = read_dossier(bundle, Path(directory))
            checks.append(_check_standard(bundle, dossier.loaded, expected))
            checks += _check_vouched(bundle, dossier)
            verdict = judge(dossier)
        checks.append(_check_statement(bundle, bundle_predicate(dossier, verdict)))
        stored = bundle.read(VERDICT)
        same = stored == verdict_bytes(verdict)
        checks.append(Check("verdict", same, _verdict_words(bundle, stored, verdict, same)))
    except RoadworthyError as error:
        where = f"{error.place}: " if error.place else ""
        return [*checks, Check("verdict", False, f"{where}it cannot be recomputed: {error.problem}")], None
    return checks, verdict


def _check_standard(bundle: Bundle, loaded: LoadedStandard, expected: LoadedStandard | None) -> Check:
    said = bundle.predicate.get("standard", {}).get("digest")
    if said != loaded.digest:
        return Check(
            "standard",
            False,
            f"standard.json is {loaded.digest[:12]}, the signed statement says {str(said)[:12]}",
        )
    if expected is not None and expected.digest != loaded.digest:
        return Check(
            "standard",
            False,
            f"the bundle was judged by {loaded.name} ({loaded.digest[:12]}), you expect {expected.name} "
            f"({expected.digest[:12]})",
        )
    return Check("standard", True, f"{loaded.name}, {loaded.digest[:12]}, {_kinship(loaded)}")


def _check_vouched(bundle: Bundle, dossier: Dossier) -> list[Check]:
    """Say who has authority by the word of the bundle's maker only, so that it is not mistaken for the standard's."""
    if not dossier.signers:
        return []
    people = ", ".join(
        f"{person.name} ({', '.join(person.roles)}; key {person.key[:12]})"
        for person in sorted(dossier.signers, key=lambda person: (person.name, person.key))
    )
    if not bundle.signers:
        return [Check("vouched", False, f"the bundle is unsigned, so nobody vouches for {people}")]
    words = f"by the word of {signed_by(bundle.signers)}, who signed this bundle, not by the standard: {people}"
    return [Check("vouched", True, words)]


def _kinship(loaded: LoadedStandard) -> str:
    """Say whether a standard is the default that this version ships, so that a weaker one is not mistaken for it."""
    try:
        default = default_digest()
    except (OSError, RoadworthyError):
        default = ""
    if loaded.digest == default:
        return "the default that this version ships"
    return f"not the default that this version ships (layers: {', '.join(loaded.standard.layers)})"


def _check_statement(bundle: Bundle, recomputed: dict[str, Any]) -> Check:
    """Compare what the signed statement says of the bundle with what the bundle holds."""
    said = bundle.predicate
    wrong = sorted(name for name in said.keys() | recomputed.keys() if said.get(name) != recomputed.get(name))
    if wrong:
        return Check("statement", False, f"the signed statement says otherwise than the evidence: {', '.join(wrong)}")
    return Check("statement", True, "says what the evidence says")


def _verdict_words(bundle: Bundle, stored: bytes, verdict: Verdict, same: bool) -> str:
    if same:
        return f"recomputed from {len(bundle.names('records/'))} records, byte for byte the same: {verdict.verdict}"
    claimed = read_verdict(stored)
    if claimed.harness != f"roadworthy {VERSION}":
        return f"judged by {claimed.harness}; replay it with that version, this is {VERSION}"
    differing = [
        outcome.requirement
        for outcome, other in zip(verdict.outcomes, claimed.outcomes, strict=False)
        if outcome != other
    ]
    names = ", ".join(differing[:3]) or "the verdict itself"
    return f"the evidence gives {verdict.verdict}, the bundle claims {claimed.verdict}; it differs in: {names}"
