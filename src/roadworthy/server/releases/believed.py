"""Replay a bundle before believing it: the verdict that counts here is the one that the evidence gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from roadworthy.core.clock import format_time, now
from roadworthy.decide.dossier import Dossier
from roadworthy.decide.freshness import CLOCK_TOLERANCE
from roadworthy.decide.outcome import Verdict
from roadworthy.decide.release_bundle import read_dossier
from roadworthy.decide.replay import Replay, replay
from roadworthy.decide.validity import valid_until
from roadworthy.evidence.bundle import Bundle
from roadworthy.evidence.record import Record
from roadworthy.server.releases.refusals import BundleRefused
from roadworthy.server.releases.sealed import Sealed
from roadworthy.server.releases.trust import keys_of
from roadworthy.server.standards.in_force import accepted
from roadworthy.server.standards.models import StandardVersion


@dataclass(frozen=True)
class Believed:
    """A bundle that was replayed here, with what the record keeps of it."""

    sealed: Sealed
    dossier: Dossier
    verdict: Verdict
    standard: StandardVersion
    valid_until: datetime | None
    envelopes: Mapping[str, bytes]
    """Signed record by its digest."""
    files: Mapping[str, Path]
    """Result tables and labels by digest, copied out of the bundle."""

    @property
    def slug(self) -> str:
        """Return the id of the system."""
        return self.dossier.system.system

    @property
    def as_of(self) -> datetime:
        """Return when the gate judged."""
        return self.dossier.as_of


def believe(path: Path, sealed: Sealed, directory: Path) -> Believed:
    """Replay a sealed bundle; files that the record keeps are copied into `directory`.

    Raises BundleRefused unless keys of its system sealed it, the standard is accepted here, the evidence gives the
    verdict that it states, and its clock is right.
    """
    replayed = replay(path, keys_of(sealed.system))
    bundle, verdict = _intact(replayed, path, sealed)
    dossier = read_dossier(bundle, directory)
    _check(dossier, verdict, sealed)
    standard = accepted(verdict.standard_digest)
    if standard is None:
        raise BundleRefused(
            f"it was judged by {verdict.standard} ({verdict.standard_digest[:12]}), which is not accepted here",
            remedy="Judge it by the standard in force here, then push it.",
            system=sealed.system,
        )
    about = [record for record in dossier.records if record.predicate.system == sealed.system]
    return Believed(
        sealed,
        dossier,
        verdict,
        standard,
        valid_until(dossier, verdict),
        {record.digest: bundle.read(f"records/{record.digest}.json") for record in about},
        _files(bundle, about, dossier.table),
    )


def _intact(replayed: Replay, path: Path, sealed: Sealed) -> tuple[Bundle, Verdict]:
    if not replayed.trusted:
        raise BundleRefused(
            f"not everything in it is signed by a key that counts for {sealed.system}: {replayed.trust_words}",
            remedy="Have an administrator enter the key for this system, or measure with one that is entered.",
            status=403,
            system=sealed.system,
        )
    wrong = [check for check in replayed.checks if not check.passed]
    if wrong or replayed.verdict is None or replayed.bundle is None:
        told = "; ".join(check.detail for check in wrong[:3]).replace(str(path), "bundle")
        raise BundleRefused(
            f"replaying it does not give what it states: {told}",
            remedy="Run 'roadworthy verify' on it, with the version of Roadworthy that runs here.",
            system=sealed.system,
        )
    return replayed.bundle, replayed.verdict


def _check(dossier: Dossier, verdict: Verdict, sealed: Sealed) -> None:
    if verdict.system != sealed.system:
        raise BundleRefused("the statement and the declaration name two systems", remedy="Run the gate again.")
    if dossier.signers:
        names = ", ".join(sorted(signer.name for signer in dossier.signers)[:3])
        raise BundleRefused(
            f"its maker vouches for people ({names}); who may sign is said by the standard and by this server",
            remedy="Push the bundle that 'roadworthy gate' wrote; people sign here.",
            status=403,
            system=sealed.system,
        )
    if dossier.as_of > now() + CLOCK_TOLERANCE:
        raise BundleRefused(
            f"it was judged at {format_time(dossier.as_of)}, which is in the future: a clock is wrong",
            remedy="Set the clock of the build pipeline right, and run the gate again.",
            system=sealed.system,
        )


def _files(bundle: Bundle, records: list[Record], table: Callable[[str], Path]) -> dict[str, Path]:
    """Copy what the records rest on out of the bundle; documents are named by digest only, unless they are in it."""
    wanted = {digest for record in records for digest in record.predicate.objects().values()}
    found: dict[str, Path] = {}
    for digest in sorted(wanted):
        if f"objects/{digest}" in bundle:
            found[digest] = table(digest)
    return found
