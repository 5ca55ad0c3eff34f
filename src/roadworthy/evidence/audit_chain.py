"""The chain of an audit trail: what binds each entry to all before it, and what speaks against a trail.

Pure functions: the server writes with them and checks itself, and an auditor checks an export without the server. The
digest of the last entry covers all before it, so that one true signature over it vouches for the whole; heads kept
elsewhere show what was cut off.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from roadworthy.core.digests import canonical_json
from roadworthy.evidence.keys import Signer, verify_signature

START = "0" * 64
"""Stands for the entry before the first."""
LOST = 16
"""So many heads in a row a crash can lose: one of each request that was between its commit and its line."""
_UNORDERED = 4096
"""Heads are appended after their transactions, so that a line may come a little early or late."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry: what the digest covers, and the digest."""

    number: int
    """From 1, without gaps."""
    at: str
    """UTC, to the microsecond: 2026-11-26T15:04:05.000006Z."""
    actor: str
    actor_name: str
    door: str
    action: str
    outcome: str
    """done or refused"""
    kind: str
    subject: str
    title: str
    system: str
    detail: str
    """Canonical JSON: before, after, reason."""
    request: str
    previous: str
    """Digest of the entry before."""
    digest: str


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
    """Entry where it shows."""
    what: str


def digest_of(entry: AuditEntry) -> str:
    """Return the SHA-256 of the canonical JSON of an entry without its digest."""
    values: dict[str, Any] = msgspec.structs.asdict(entry)
    del values["digest"]
    return hashlib.sha256(canonical_json(values)).hexdigest()


def signed_head(number: int, digest: str, signer: Signer) -> Head:
    """Sign the end of the chain."""
    return Head(number, digest, signer.key_id, signer.sign(_message(number, digest)).hex())


def is_signed(head: Head, trusted: Collection[str]) -> bool:
    """Tell whether a head bears the true signature of a trusted key."""
    try:
        signature = bytes.fromhex(head.signature)
    except ValueError:
        return False
    return head.key in trusted and verify_signature(head.key, signature, _message(head.number, head.digest))


def in_order(heads: Iterable[Head]) -> Iterator[Head]:
    """Sort heads that are nearly sorted, each once, with flat memory."""
    waiting: list[tuple[int, str, str, str]] = []
    last: Head | None = None
    for head in heads:
        heapq.heappush(waiting, (head.number, head.digest, head.key, head.signature))
        if len(waiting) > _UNORDERED:
            first = Head(*heapq.heappop(waiting))
            if first != last:
                yield first
            last = first
    while waiting:
        first = Head(*heapq.heappop(waiting))
        if first != last:
            yield first
        last = first


def faults(
    entries: Iterable[AuditEntry],
    tip: Head | None,
    heads: Iterable[Head] | None,
    trusted: Collection[str],
    *,
    after: int = 0,
    previous: str = START,
) -> Iterator[Fault]:
    """Walk a trail and yield everything that is wrong with it; memory stays flat.

    `tip` is the end that is kept with the entries and must be signed by a trusted key. `heads` are those kept
    elsewhere, nearly in order: each entry must agree with its own, and no more may be missing than crashes can lose;
    None where none were kept. `after` and `previous` say where a part of a trail begins.
    """
    waiting = _Heads(heads, after, trusted)
    number = after
    for entry in entries:
        number += 1
        if entry.number != number:
            yield Fault(number, _missing(number, entry.number))
            number = entry.number
        if entry.previous != previous:
            yield Fault(number, f"entry {number} does not follow the one before it")
        if digest_of(entry) != entry.digest:
            yield Fault(number, f"entry {number} was altered: its content does not give its digest")
        yield from waiting.compare(number, entry.digest)
        previous = entry.digest
    yield from waiting.beyond(number)
    yield from _faults_of_tip(tip, number, previous, trusted)


class _Heads:
    """Heads in order, compared with the entries as they pass."""

    def __init__(self, heads: Iterable[Head] | None, after: int, trusted: Collection[str]) -> None:
        self._kept = heads is not None
        self._heads = in_order(heads or ())
        self._trusted = trusted
        self._next = next(self._heads, None)
        self._agreed = after
        """Last entry that has a head."""
        self._any = False

    def compare(self, number: int, digest: str) -> Iterator[Fault]:
        """Yield what the heads up to an entry say against it."""
        while self._next is not None and self._next.number <= number:
            head, self._next = self._next, next(self._heads, None)
            if head.number != number:
                continue
            if head.digest == digest and head.key in self._trusted:
                yield from self._lacking(number)
                self._agreed, self._any = number, True
            elif is_signed(head, self._trusted):
                yield Fault(number, f"entry {number} is not the one whose digest was signed and kept")
            else:
                yield Fault(number, _UNSIGNED.format(number))

    def beyond(self, number: int) -> Iterator[Fault]:
        """Yield what the heads past the last entry say: the trail was cut off."""
        furthest = 0
        while self._next is not None:
            head, self._next = self._next, next(self._heads, None)
            if is_signed(head, self._trusted):
                furthest = head.number
            else:
                yield Fault(head.number, _UNSIGNED.format(head.number))
        if furthest:
            said = f"the trail ends at entry {number}, but entry {furthest} was signed once: it was cut off"
            yield Fault(number + 1, said)
        yield from self._lacking(number + 1)

    def _lacking(self, number: int) -> Iterator[Fault]:
        """Yield a fault when more heads before an entry are missing than crashes can lose."""
        first, last = self._agreed + 1, number - 1
        all_gone = not self._any and last > 1
        if self._kept and (last - first >= LOST or (all_gone and first <= last)):
            yield Fault(first, f"the kept heads of entries {first} to {last} are missing: the file of heads was cut")


_UNSIGNED = "a kept head of entry {} bears no true signature of a trusted key"


def _faults_of_tip(tip: Head | None, number: int, previous: str, trusted: Collection[str]) -> Iterator[Fault]:
    if tip is None:
        if number:
            yield Fault(number, "the trail has no signed tip")
        return
    if (tip.number, tip.digest) != (number, previous):
        yield Fault(number, f"the tip names another end (entry {tip.number}) than the trail has (entry {number})")
    if not is_signed(tip, trusted):
        yield Fault(tip.number, "the tip bears no true signature of a trusted key")


def _missing(first: int, there: int) -> str:
    if there < first:
        return f"entry {there} comes again after entry {first - 1}"
    if there == first + 1:
        return f"entry {first} is missing"
    return f"entries {first} to {there - 1} are missing"


def _message(number: int, digest: str) -> bytes:
    return b"roadworthy audit head v1 %d %b" % (number, digest.encode("utf-8", "replace"))
