"""The chain: how the digest of an entry is made, what is signed, and the heads that are kept outside the database."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.core.digests import canonical_json
from roadworthy.evidence.keys import Signer, verify_signature

HEADS = "audit-heads.jsonl"
"""File of the data directory that holds the signed heads."""
START = "0" * 64
"""Stands for the entry before the first."""
FIELDS = (
    "number",
    "at",
    "actor",
    "actor_name",
    "door",
    "action",
    "outcome",
    "kind",
    "subject",
    "title",
    "system",
    "detail",
    "request",
    "previous",
)


class Head(msgspec.Struct, frozen=True):
    """The signed end of the chain at one moment: so many entries, the last with this digest."""

    number: int
    digest: str
    key: str
    signature: str


@dataclass(frozen=True)
class Fault:
    """Something that speaks against the trail."""

    number: int
    what: str


def digest_of(entry: Any) -> str:
    """Return the SHA-256 of an entry: of its fields, the digest of the one before included, as canonical JSON."""
    values = {name: getattr(entry, name) for name in FIELDS}
    values["at"] = instant(entry.at)
    return hashlib.sha256(canonical_json(values)).hexdigest()


def instant(moment: datetime) -> str:
    """Write a time to the microsecond, in UTC."""
    from datetime import UTC

    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def signed_head(number: int, digest: str, signer: Signer) -> Head:
    """Sign the end of the chain."""
    return Head(number, digest, signer.key_id, signer.sign(_message(number, digest)).hex())


def is_signed(head: Head) -> bool:
    """Tell whether a head bears a true signature of the key that it names."""
    try:
        return verify_signature(head.key, bytes.fromhex(head.signature), _message(head.number, head.digest))
    except ValueError:
        return False


def keep_head(path: Path, head: Head) -> None:
    """Add a head to the file outside the database that shows what was cut off later."""
    line = msgspec.json.encode(head) + b"\n"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, line)
    finally:
        os.close(handle)


def kept_heads(path: Path) -> Iterator[Head]:
    """Read the heads that were kept; a last line that a crash cut short is left out."""
    if not path.is_file():
        return
    with path.open("rb") as stream:
        for line in stream:
            if line.endswith(b"\n"):
                yield msgspec.json.decode(line, type=Head)


def faults(entries: Iterable[Any], tip: Head | None, heads: Iterable[Head]) -> Iterator[Fault]:
    """Walk a whole trail from its first entry and yield everything that is wrong with it.

    `tip` is the signed end in the database; `heads` are those kept elsewhere. Each head must be signed, and the entry
    that it names must be there with that digest.
    """
    waiting = sorted(heads, key=lambda head: head.number)
    place, number, previous = 0, 0, START
    for entry in entries:
        number += 1
        if entry.number != number:
            yield Fault(number, f"entry {number} is missing; the next one there is {entry.number}")
            number = entry.number
        if entry.previous != previous:
            yield Fault(number, f"entry {number} does not follow the one before it")
        if digest_of(entry) != entry.digest:
            yield Fault(number, f"entry {number} was altered: its content does not give its digest")
        previous = entry.digest
        while place < len(waiting) and waiting[place].number <= number:
            head = waiting[place]
            if head.number == number and head.digest != entry.digest:
                yield Fault(number, f"entry {number} is not the one whose digest was signed")
            place += 1
    for head in waiting[place:]:
        yield Fault(head.number, f"the trail ends at entry {number}, but entry {head.number} was signed once: cut off")
        break
    for head in waiting:
        if not is_signed(head):
            yield Fault(head.number, f"the head of entry {head.number} bears no true signature")
    if tip is not None:
        if (tip.number, tip.digest) != (number, previous):
            yield Fault(tip.number, f"the signed tip names entry {tip.number}, the trail ends at entry {number}")
        if tip.number and not is_signed(tip):
            yield Fault(tip.number, "the tip bears no true signature")


def _message(number: int, digest: str) -> bytes:
    return b"roadworthy audit head v1 %d %b" % (number, digest.encode("ascii"))
