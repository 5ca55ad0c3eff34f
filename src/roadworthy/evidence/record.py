"""An evidence record: a predicate about a system, in a statement, in a signed envelope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import EvidenceError, Place
from roadworthy.evidence.dsse import open_envelope
from roadworthy.evidence.predicate import Kind, Predicate, convert_predicate, predicate_dict
from roadworthy.evidence.statement import build_statement, parse_statement
from roadworthy.evidence.trust import Trust, TrustedKeys


@dataclass(frozen=True)
class Record:
    """Evidence whose signatures have been verified."""

    digest: str
    """SHA-256 of the signed payload: its name in the store, the ledger and the verdict."""
    kind: Kind
    predicate: Predicate
    statement: dict[str, Any]
    trust: Trust
    signers: tuple[str, ...]
    """Key ids of the signers."""


def record_statement(predicate: Predicate) -> dict[str, Any]:
    """Return the in-toto statement of `predicate`: about the system and each file, by digest."""
    return build_statement(_subjects(predicate), predicate.kind.predicate_type, predicate_dict(predicate))


def open_record(envelope: bytes, trusted: TrustedKeys, place: Place | None = None) -> Record:
    """Verify an envelope and read the record in it.

    Raises EvidenceError when a signature is bad, the predicate is not one we know, or the statement is about
    other digests than its predicate.
    """
    opened = open_envelope(envelope, trusted, place=place)
    statement = parse_statement(opened.statement, place)
    kinds = {kind.predicate_type: kind for kind in Kind}
    kind = kinds.get(statement.predicate_type)
    if kind is None:
        raise EvidenceError(
            f"unknown kind of evidence {statement.predicate_type!r}",
            place=place,
            remedy="Read it with the version of Roadworthy that made it.",
        )
    predicate = convert_predicate(kind, statement.predicate, place)
    if dict(statement.subjects) != _subjects(predicate):
        raise EvidenceError(
            "the subjects of the statement are not those of its predicate",
            place=place,
            remedy="Make the evidence again with this version of Roadworthy.",
        )
    return Record(opened.payload_digest, kind, predicate, opened.statement, opened.trust, opened.signers)


def _subjects(predicate: Predicate) -> dict[str, str]:
    return {f"system:{predicate.system}": sha256_json(predicate.fingerprint), **predicate.objects()}
