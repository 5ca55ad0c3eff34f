"""What a bundle carries must agree with itself: records and objects with their names and with the ledger."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from roadworthy.core.errors import EvidenceError
from roadworthy.evidence.dsse import signed_by
from roadworthy.evidence.ledger import Ledger, read_ledger
from roadworthy.evidence.packing import Problem
from roadworthy.evidence.predicate import Measured
from roadworthy.evidence.record import Record, open_record
from roadworthy.evidence.trust import Trust, TrustedKeys

ENTRIES = "ledger/entries.jsonl"
HEADS = "ledger/heads.jsonl"
RECORDS = "records/"
OBJECTS = "objects/"

Read = Callable[[str], bytes]


@dataclass(frozen=True)
class Inventory:
    """What speaks against the content of a bundle."""

    problems: tuple[Problem, ...]
    distrust: tuple[Problem, ...]
    """Measurements and ledger heads signed by keys that nobody here has trusted."""


def check_inventory(digests: dict[str, str], read: Read, trusted: TrustedKeys) -> Inventory:
    """Compare the members of a bundle (SHA-256 by name) with each other."""
    problems = [
        Problem(name, "it has been altered: its SHA-256 is not its name")
        for name in sorted(digests)
        if name.startswith(OBJECTS) and name.removeprefix(OBJECTS) != digests[name]
    ]
    records = _records(digests, read, trusted, problems)
    for record in records:
        problems += _missing_results(record, digests)
    if not records and ENTRIES not in digests and HEADS not in digests:
        return Inventory(tuple(problems), ())
    ledger = _ledger(digests, read, trusted, problems)
    listed = {entry.record for entry in ledger.sealed}
    problems += [
        Problem(_name(record), "no signed head of the ledger covers it")
        for record in records
        if record.digest not in listed
    ]
    return Inventory(tuple(problems), tuple(_distrust(records, ledger)))


def _records(digests: dict[str, str], read: Read, trusted: TrustedKeys, problems: list[Problem]) -> list[Record]:
    records = []
    for name in sorted(name for name in digests if name.startswith(RECORDS)):
        try:
            record = open_record(read(name), trusted)
        except EvidenceError as error:
            problems.append(Problem(name, error.problem))
            continue
        if name != _name(record):
            problems.append(Problem(name, "the record is not the one that its name says"))
        records.append(record)
    return records


def _missing_results(record: Record, digests: dict[str, str]) -> Sequence[Problem]:
    if not isinstance(record.predicate, Measured):
        return ()
    needed = [f"{OBJECTS}{digest}" for digest in record.predicate.objects().values()]
    return [Problem(name, f"{_name(record)} rests on it, but it is missing") for name in needed if name not in digests]


def _ledger(digests: dict[str, str], read: Read, trusted: TrustedKeys, problems: list[Problem]) -> Ledger:
    content = {}
    for name in (ENTRIES, HEADS):
        content[name] = b""
        if name not in digests:
            problems.append(Problem(name, "there are records, but this part of the ledger is missing"))
            continue
        try:
            content[name] = read(name)
        except EvidenceError as error:
            problems.append(Problem(name, error.problem))
    ledger = read_ledger(content[ENTRIES], content[HEADS], trusted)
    problems += [Problem(ENTRIES, what) for what in ledger.problems]
    if ledger.unsealed:
        problems.append(Problem(HEADS, f"no signed head covers the last {len(ledger.unsealed)} entries"))
    if ledger.torn:
        problems.append(Problem(ENTRIES, "its last line, or that of the heads, is incomplete"))
    return ledger


def _distrust(records: Sequence[Record], ledger: Ledger) -> Sequence[Problem]:
    """List what nobody here vouches for; whether a person may attest is for the standard to say."""
    found = [
        Problem(_name(record), f"it is signed by {signed_by(record.signers)}, which is not trusted")
        for record in records
        if record.trust is not Trust.TRUSTED and isinstance(record.predicate, Measured)
    ]
    if ledger.head and ledger.head.trust is not Trust.TRUSTED:
        signers = signed_by(ledger.head.signers)
        found.append(Problem(HEADS, f"the head of the ledger is signed by {signers}, which is not trusted"))
    return found


def _name(record: Record) -> str:
    return f"{RECORDS}{record.digest}.json"
