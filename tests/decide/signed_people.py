"""People with keys, what they sign, and a dossier that holds it: shared by the tests of authority."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from roadworthy.decide.dossier import Dossier
from roadworthy.evidence.dsse import seal
from roadworthy.evidence.keys import Signer
from roadworthy.evidence.predicate import Kind, parse_predicate
from roadworthy.evidence.record import Record, open_record, record_statement
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.standard.load import LoadedStandard
from roadworthy.standard.model import Part
from worked_example import AUTHORITY, Value, standard, system

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PARTS = {str(part): "a" * 64 for part in Part}
TERMS = {"category": "too hard", "compensating_control": "A person reads every answer.", "reason": "No data yet."}


@dataclass(frozen=True)
class People:
    lead: Signer
    writer: Signer
    owner: Signer
    stranger: Signer

    def standard(self, **changes: Any) -> LoadedStandard:
        listed = (("Rita Risk", self.lead, "risk-lead"), ("Willy Writer", self.writer, "writer"))
        signers = [{"name": n, "key": s.key_id, "roles": [r]} for n, s, r in listed]
        signers.append({"name": "Olga Owner", "key": self.owner.key_id, "roles": ["risk-lead"]})
        return standard(authority={**AUTHORITY, "signers": signers, **changes})


def signed(key: Signer, /, **changes: Any) -> Record:
    value: Value = {
        "system": "order-helper",
        "release": "1.0",
        "fingerprint": PARTS,
        "requirement": "go-live",
        "statement": "I agree.",
        "role": "risk-lead",
        "signer": "Rita Risk",
        "at": "2026-11-20T12:00:00Z",
        "until": None,
        "document": None,
        **changes,
    }
    kind = Kind.EXCEPTION if value.get("exception") else Kind.ATTESTED
    statement = record_statement(parse_predicate(kind, value))
    return open_record(seal(statement, key), TrustedKeys.none())


def dossier(people: People, *records: Record, **changes: Any) -> Dossier:
    fields: dict[str, Any] = {
        "system": system(),
        "fingerprint": PARTS,
        "loaded": people.standard(),
        "records": records,
        "table": Path,
        "as_of": NOW,
        "accepted_keys": frozenset(),
    }
    return Dossier(**(fields | changes))
