"""What people signed, as files in the project: documents, sign-offs, vendor reviews and exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

from roadworthy.core.clock import format_time
from roadworthy.core.digests import sha256_file
from roadworthy.core.errors import InputError, Place
from roadworthy.core.files import write_atomically
from roadworthy.declare.system import System
from roadworthy.evidence.dsse import seal
from roadworthy.evidence.keys import Signer
from roadworthy.evidence.predicate import Attested, Documented, DocumentRef, ExceptionTerms
from roadworthy.evidence.record import Record, open_record, record_statement
from roadworthy.evidence.trust import TrustedKeys

FOLDERS = ("attestations", "exceptions")
MAX_BYTES = 1024 * 1024


def read_attestations(directory: Path, trusted: TrustedKeys) -> list[tuple[Record, bytes]]:
    """Read and verify every signed statement, with its envelope.

    Raises EvidenceError that names the file of a bad one.
    """
    records = []
    for folder in FOLDERS:
        for path in sorted((directory / folder).glob("*.json")):
            if path.stat().st_size > MAX_BYTES:
                raise InputError("this is too large to be a statement", place=Place(path), remedy="Remove the file.")
            envelope = path.read_bytes()
            records.append((open_record(envelope, trusted, Place(path)), envelope))
    return records


def write_attestation(
    directory: Path,
    system: System,
    fingerprint: Mapping[str, str],
    *,
    requirement: str,
    statement: str,
    role: str,
    name: str,
    signer: Signer,
    at: datetime,
    until: datetime | None = None,
    document: Path | None = None,
    exception: ExceptionTerms | None = None,
) -> Path:
    """Sign a statement about the project's present release and write it as a file; return its path.

    With `document` it rests on that file, by digest; with `exception` it is a waiver and needs `until`.
    """
    reference = DocumentRef(name=document.name, sha256=_digest(document)) if document else None
    common = {
        "system": system.system,
        "release": system.release,
        "fingerprint": dict(fingerprint),
        "requirement": requirement,
        "statement": statement,
        "role": role,
        "signer": name,
        "at": format_time(at),
        "until": format_time(until) if until else None,
    }
    predicate: Attested | Documented
    if reference is not None and exception is None:
        predicate = Documented(**common, document=reference)  # type: ignore[arg-type]
    else:
        predicate = Attested(**common, document=reference, exception=exception)  # type: ignore[arg-type]
    envelope = seal(record_statement(predicate), signer)
    folder = "exceptions" if exception else "attestations"
    path = directory / folder / f"{requirement.replace(':', '-')}-{at:%Y%m%dT%H%M%SZ}.json"
    if path.exists():
        raise InputError("this statement exists already", place=Place(path), remedy="Wait a second and sign again.")
    write_atomically(path, envelope)
    return path


def exception_terms(category: str, compensating_control: str | None, reason: str, until: date | None) -> ExceptionTerms:
    """Build the terms of an exception; raises InputError without a compensating control or an end."""
    if not compensating_control or until is None:
        missing = "--until" if until is None else "--compensating-control"
        raise InputError(
            f"an exception needs {missing}",
            remedy="Say what stands in for the requirement, and until when; nothing is waived for ever.",
        )
    return ExceptionTerms(category=category, compensating_control=compensating_control, reason=reason)


def _digest(document: Path) -> str:
    try:
        return sha256_file(document)
    except OSError as error:
        raise InputError(
            f"cannot read the document: {error.strerror or error}",
            place=Place(document),
            remedy="Check the path.",
        ) from error
