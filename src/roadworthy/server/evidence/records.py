"""Sealed records as rows: one for each digest, whichever bundle brings it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from roadworthy.core.clock import parse_time
from roadworthy.evidence.predicate import Measured
from roadworthy.evidence.record import Record
from roadworthy.server.evidence.models import EvidenceRecord
from roadworthy.server.systems.models import System


def file_records(
    system: System, records: Sequence[Record], envelopes: Mapping[str, bytes], user_id: int | None = None
) -> dict[str, EvidenceRecord]:
    """Add the records about a system that are not there yet, and return all of them by digest."""
    about = [record for record in records if record.digest in envelopes]
    rows = [record_row(system, record, envelopes[record.digest], user_id) for record in about]
    EvidenceRecord.objects.bulk_create(sorted(rows, key=lambda row: row.digest), ignore_conflicts=True)
    found = EvidenceRecord.objects.filter(digest__in=[record.digest for record in about], system=system)
    return {row.digest: row for row in found}


def record_row(system: System, record: Record, envelope: bytes, user_id: int | None = None) -> EvidenceRecord:
    """Return a record as a row that is not saved yet."""
    predicate = record.predicate
    row = EvidenceRecord(
        digest=record.digest,
        system=system,
        kind=str(record.kind),
        release=_text(predicate.release, 200),
        fingerprint=next(one["digest"]["sha256"] for one in record.statement["subject"] if _is_system(one["name"])),
        key_id=record.signers[0] if record.signers else "",
        user_id=user_id,
        envelope=envelope.decode(),
    )
    if isinstance(predicate, Measured):
        _measured(row, predicate)
    else:
        row.title = _text(f"{predicate.requirement}: {predicate.statement}", 300)
        row.requirement, row.signer = _text(predicate.requirement, 64), _text(predicate.signer, 300)
        row.made_at = parse_time(predicate.at)
        row.until = parse_time(predicate.until) if predicate.until else None
        row.document = predicate.objects().get("document", "")
    return row


def _measured(row: EvidenceRecord, measured: Measured) -> None:
    row.title = _text(f"{measured.suite.id}: {', '.join(measured.suite.metrics)}", 300)
    row.suite, row.signer = _text(measured.suite.id, 64), _text(measured.actor, 300)
    row.independence = _text(measured.independence, 64)
    row.made_at = parse_time(measured.finished)
    row.samples, row.results = measured.counts.recorded, measured.results


def _text(words: str, most: int) -> str:
    """Return words as every database takes them; the envelope keeps them as they are."""
    return words.replace("\0", "\N{REPLACEMENT CHARACTER}")[:most]


def _is_system(name: str) -> bool:
    return name.startswith("system:")
