"""The store of a project: records and objects by digest, listed in the ledger. Every read verifies."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from roadworthy.core.clock import format_time, now, parse_time
from roadworthy.core.digests import sha256_file
from roadworthy.core.errors import EvidenceError, Place, StorageError
from roadworthy.core.files import write_atomically
from roadworthy.evidence.dsse import open_envelope, seal, signed_by
from roadworthy.evidence.durable import append_lines, copy_under_digest, locked, read_or_empty, sync_directory
from roadworthy.evidence.keys import Signer
from roadworthy.evidence.ledger import Entry, Head, Ledger, Tail, next_head, read_ledger, read_tail
from roadworthy.evidence.predicate import Kind, Predicate
from roadworthy.evidence.record import Record, open_record, record_statement
from roadworthy.evidence.statement import SHA256
from roadworthy.evidence.trust import Trust, TrustedKeys

CLOCK_TOLERANCE = timedelta(seconds=60)
"""How far the clock may step back, as time services do, before the ledger refuses."""
_RECORD_FILE = re.compile(r"([0-9a-f]{64})\.json")


class EvidenceStore:
    """Evidence in a directory (`.roadworthy`): `records/`, `objects/`, `ledger.jsonl`, `heads.jsonl`."""

    def __init__(self, root: Path, trusted: TrustedKeys | None = None) -> None:
        self.root = root
        self._trusted = trusted if trusted is not None else TrustedKeys.load()
        self.entries_path = root / "ledger.jsonl"
        self.heads_path = root / "heads.jsonl"

    def record_path(self, digest: str) -> Path:
        """Return where the envelope of a record is kept."""
        return self.root / "records" / f"{_checked(digest)}.json"

    def put_object(self, source: Path | bytes) -> str:
        """Keep a file under its SHA-256 and return that digest."""
        return copy_under_digest(source, self.root / "objects")

    def holds_object(self, digest: str) -> bool:
        """Tell whether there is an object of that name; `object_path` verifies it."""
        return (self.root / "objects" / _checked(digest)).exists()

    def object_path(self, digest: str) -> Path:
        """Return the path of an object whose content has just been verified.

        Raises EvidenceError when it is missing or altered.
        """
        path = self.root / "objects" / _checked(digest)
        try:
            found = sha256_file(path)
        except OSError as error:
            raise EvidenceError(
                f"the object cannot be read: {error.strerror or error}",
                place=Place(path),
                remedy="Run the evaluation again; the evidence rests on this file.",
            ) from error
        if found != digest:
            raise EvidenceError(
                "the object has been altered: its SHA-256 is not its name",
                place=Place(path),
                remedy="Restore the file, or delete it and run the evaluation again.",
            )
        return path

    def ledger(self) -> Ledger:
        """Read and verify the ledger.

        Raises EvidenceError when it was cut or altered, or its latest head is signed by nobody trusted.
        """
        ledger = read_ledger(read_or_empty(self.entries_path), read_or_empty(self.heads_path), self._trusted)
        if ledger.problems:
            raise self._unreliable("; ".join(ledger.problems))
        self._check_trust(ledger.head)
        return ledger

    def add(self, predicate: Predicate, signer: Signer) -> Record:
        """Sign `predicate`, keep the record and list it. Adding the same again changes nothing.

        Raises EvidenceError when the result table it rests on is not in the store, or the clock was set back;
        StorageError when the disk is full.
        """
        for digest in predicate.objects().values() if predicate.kind is Kind.MEASURED else ():
            self.object_path(digest)
        return self.add_envelope(seal(record_statement(predicate), signer), signer)

    def add_envelope(self, envelope: bytes, signer: Signer, place: Place | None = None) -> Record:
        """Keep a record that somebody else may have signed, and list it; `signer` signs the ledger only.

        Raises EvidenceError when the envelope is unsigned or not a valid record.
        """
        self._trusted = self._trusted.including(signer)
        record = open_record(envelope, self._trusted, place)
        if record.trust is Trust.UNSIGNED:
            raise EvidenceError("the record is not signed", place=place, remedy="Sign it with `roadworthy attest`.")
        with locked(self.root / "lock"):
            if not self._holds(record):
                write_atomically(self.record_path(record.digest), envelope)
                sync_directory(self.root / "records")
            self._list([record.digest], signer)
        return record

    def records(self) -> list[Record]:
        """Return every listed record in the order of the ledger, each verified on this read.

        Raises EvidenceError that names the file when a record is missing or altered. Records that no signed
        head covers are left out; see `unlisted`.
        """
        return [self._read(entry) for entry in self.ledger().sealed]

    def unlisted(self) -> list[str]:
        """Return the digests of record files that no signed head covers, as after a crash or a cut ledger."""
        return sorted(self._unlisted(self.ledger()))

    def repair(self, signer: Signer) -> list[str]:
        """List again what a crash left unlisted, and return those digests.

        Only records whose signatures are good and trusted are listed; the others stay in `unlisted`.
        """
        self._trusted = self._trusted.including(signer)
        with locked(self.root / "lock"):
            found = self._relistable(self.ledger())
            self._list(found, signer)
        return found

    def _read(self, entry: Entry) -> Record:
        path = self.record_path(entry.record)
        try:
            envelope = path.read_bytes()
        except OSError as error:
            raise EvidenceError(
                f"the ledger lists this record as entry {entry.index}, but it cannot be read: "
                f"{error.strerror or error}",
                place=Place(path),
                remedy="Restore the file from a copy, or move the store away and evaluate again.",
            ) from error
        record = open_record(envelope, self._trusted, Place(path))
        if record.digest != entry.record:
            raise EvidenceError(
                "the record is not the one that its name and the ledger say",
                place=Place(path),
                remedy="Restore the file from a copy, or move the store away and evaluate again.",
            )
        return record

    def _holds(self, record: Record) -> bool:
        """Tell whether a record as good as `record` is kept under its digest already."""
        path = self.record_path(record.digest)
        try:
            kept = open_envelope(path.read_bytes(), self._trusted)
        except (OSError, EvidenceError):
            return False
        return kept.payload_digest == record.digest and (
            kept.trust is Trust.TRUSTED or record.trust is not Trust.TRUSTED
        )

    def _unlisted(self, ledger: Ledger) -> set[str]:
        listed = {entry.record for entry in ledger.sealed}
        directory = self.root / "records"
        names = (_RECORD_FILE.fullmatch(path.name) for path in directory.iterdir()) if directory.is_dir() else ()
        return {match[1] for match in names if match} - listed

    def _relistable(self, ledger: Ledger) -> list[str]:
        """Return unlisted records that are intact and signed by a trusted key."""
        found = []
        for digest in sorted(self._unlisted(ledger)):
            try:
                record = open_record(self.record_path(digest).read_bytes(), self._trusted)
            except (OSError, EvidenceError):
                continue
            if record.digest == digest and record.trust is Trust.TRUSTED:
                found.append(digest)
        return found

    def _list(self, digests: list[str], signer: Signer) -> None:
        """Append entries for those of `digests` that have none, then a head over all entries.

        What the last head covers is not hashed again, so that the cost does not grow with the ledger.
        """
        entries = read_or_empty(self.entries_path)
        tail = self._tail(entries)
        moment = _moment(tail.latest, self.entries_path)
        fresh = [digest for digest in digests if f'"record":"{digest}"}}\n'.encode() not in entries]
        listed = [Entry(tail.size + i, digest, moment) for i, digest in enumerate(fresh)]
        if listed or not entries.endswith(b"\n"):
            append_lines(self.entries_path, [entry.line() for entry in listed])
        if listed or tail.unsealed:
            append_lines(self.heads_path, [next_head(tail, listed, moment, signer)])

    def _tail(self, entries: bytes) -> Tail:
        try:
            tail = read_tail(entries, read_or_empty(self.heads_path), self._trusted)
        except EvidenceError as error:
            raise self._unreliable(error.problem) from error
        self._check_trust(tail.head)
        return tail

    def _check_trust(self, head: Head | None) -> None:
        if head and head.trust is not Trust.TRUSTED:
            raise EvidenceError(
                f"the head of the ledger is signed by {signed_by(head.signers)}, which is not trusted",
                place=Place(self.heads_path),
                remedy="If you know the key, trust it: put its public key into the 'trusted' directory "
                "beside your own, or name it with --trust.",
            )

    def _unreliable(self, why: str) -> EvidenceError:
        return EvidenceError(
            f"the ledger cannot be relied on: {why}",
            place=Place(self.entries_path),
            remedy="Restore ledger.jsonl and heads.jsonl from a copy, or move the store away and evaluate again.",
        )


def _moment(latest: str | None, path: Path) -> str:
    """Return the present, never before the latest line of the ledger.

    Raises EvidenceError when the clock is further back than time services set it.
    """
    present = now()
    if latest and parse_time(latest) - present > CLOCK_TOLERANCE:
        raise EvidenceError(
            f"the clock was set back: it says {format_time(present)}, the ledger was last written {latest}",
            place=Place(path),
            remedy="Set the clock right, then run the command again; recorded samples are kept.",
        )
    return max(latest or "", format_time(present))


def _checked(digest: str) -> str:
    """Refuse anything but a digest, so that no name leads out of the store."""
    if not SHA256.fullmatch(digest):
        raise StorageError(f"{digest!r} is not a SHA-256 digest", remedy="Use the 64 hex digits of the object.")
    return digest
