"""A received bundle with what people have signed since: judged anew, and sealed by its keeper for others to verify.

Nothing of what was received is changed: declaration, standard, measurements and ledger stay what their makers signed.
The keeper adds statements of people, entries and a head to the ledger, and its own signature.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from roadworthy.core.clock import format_time
from roadworthy.core.errors import EvidenceError
from roadworthy.decide.dossier import Dossier
from roadworthy.decide.judge import judge
from roadworthy.decide.outcome import Verdict
from roadworthy.decide.release_bundle import bundle_files, bundle_predicate
from roadworthy.evidence.bundle import Bundle, write_bundle
from roadworthy.evidence.dsse import countersign
from roadworthy.evidence.inventory import ENTRIES, HEADS
from roadworthy.evidence.keys import Signer as Key
from roadworthy.evidence.ledger import extend_ledger
from roadworthy.evidence.predicate import Measured
from roadworthy.evidence.record import Record, open_record
from roadworthy.evidence.trust import Trust, TrustedKeys
from roadworthy.standard.model import Signer


@dataclass(frozen=True)
class Countersigned:
    """A received release with what people have signed since, and its verdict."""

    dossier: Dossier
    verdict: Verdict
    added: tuple[tuple[Record, bytes], ...]
    """What the bundle did not hold yet: records with their envelopes."""


def add_statements(
    received: Dossier, envelopes: Sequence[bytes], *, signers: Sequence[Signer], as_of: datetime
) -> Countersigned:
    """Judge a received dossier again with further signed statements, at the time `as_of`.

    `signers` are all the people for whom the keeper vouches; for whom others vouched in the received bundle does not
    count here. Raises EvidenceError for what is unsigned, a measurement or about another system, and for an `as_of`
    before the received judgement.
    """
    if as_of < received.as_of:
        raise EvidenceError(
            f"the bundle was judged at {format_time(received.as_of)}, which is after {format_time(as_of)}",
            remedy="Set the clock right, and judge it at a later time.",
        )
    known = {record.digest for record in received.records}
    found = {record.digest: (record, data) for data in envelopes for record in [_statement(data, received)]}
    added = tuple(pair for digest, pair in found.items() if digest not in known)
    records = (*received.records, *(record for record, _ in added))
    dossier = replace(received, records=records, signers=tuple(signers), as_of=as_of)
    return Countersigned(dossier, judge(dossier), added)


def write_countersigned(path: Path, bundle: Bundle, case: Countersigned, signer: Key) -> str:
    """Write the bundle of `case`, which was made from `bundle`, sealed by the keeper's key; return its digest.

    Who trusts that key can verify it with no other one: the keeper signs accepted measurements and the head of the
    ledger, too. The directory into which the received dossier was read must still be there.
    """
    received = [record for record in case.dossier.records if f"records/{record.digest}.json" in bundle]
    envelopes = {record.digest: _kept(record, bundle, case.dossier, signer) for record in received}
    envelopes |= {record.digest: envelope for record, envelope in case.added}
    entries, heads = (bundle.read(name) if name in bundle else b"" for name in (ENTRIES, HEADS))
    digests = [record.digest for record, _ in case.added]
    ledger = extend_ledger(entries, heads, digests, case.verdict.as_of, signer)
    files = bundle_files(case.dossier, case.verdict, envelopes, *ledger)
    return write_bundle(path, files, bundle_predicate(case.dossier, case.verdict), signer)


def _statement(envelope: bytes, received: Dossier) -> Record:
    record = open_record(envelope, TrustedKeys.none())
    if record.trust is Trust.UNSIGNED:
        raise EvidenceError("the statement is not signed", remedy="Sign it in the name of a person.")
    if isinstance(record.predicate, Measured):
        raise EvidenceError("a measurement cannot be added to a bundle", remedy="Evaluate, and run the gate again.")
    if record.predicate.system != received.system.system:
        raise EvidenceError(
            f"the statement is about {record.predicate.system}, the bundle about {received.system.system}",
            remedy="Add it to a bundle of the system that it is about.",
        )
    return record


def _kept(record: Record, bundle: Bundle, dossier: Dossier, signer: Key) -> bytes:
    """Return the envelope of a received record; the keeper signs measurements that the judge accepts."""
    envelope = bundle.read(f"records/{record.digest}.json")
    accepted = isinstance(record.predicate, Measured) and dossier.accepted_keys.intersection(record.signers)
    return countersign(envelope, signer) if accepted else envelope
