"""The ledger: an append-only list of records under a Merkle tree, whose signed heads show any cut or change.

Entries are lines `{"at", "index", "record"}` of canonical JSON; a leaf of the tree is one line without its
newline. A head is a DSSE envelope over `{"at", "edge", "root", "size"}`, one to a line; the edge of the tree lets the
next head be made from the last one, at a cost that does not grow with the ledger.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from roadworthy.core.clock import format_time, parse_time
from roadworthy.core.errors import EvidenceError, InputError
from roadworthy.evidence.canonical import write_canonical
from roadworthy.evidence.dsse import countersign, open_envelope, seal, signed_by
from roadworthy.evidence.keys import Signer
from roadworthy.evidence.merkle import Frontier, leaf_hash
from roadworthy.evidence.statement import SHA256
from roadworthy.evidence.trust import Trust, TrustedKeys

HEAD_TYPE = "application/vnd.roadworthy.ledger-head+json"


_ENTRY = re.compile(
    rb'\{"at":"(?P<at>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)",'
    rb'"index":(?P<index>0|[1-9]\d*),"record":"(?P<record>[0-9a-f]{64})"\}'
)
"""An entry has one spelling, so that this reads it as strictly as a parser would, and much faster."""


@dataclass(frozen=True)
class Entry:
    """A record, listed."""

    index: int
    """Counted from 0."""
    record: str
    """SHA-256 of the record's payload."""
    at: str

    def line(self) -> bytes:
        """Return the entry as it is hashed and written, without a newline."""
        return write_canonical({"at": self.at, "index": self.index, "record": self.record})


@dataclass(frozen=True)
class Head:
    """A signed statement of how long the ledger was, and what it held."""

    size: int
    root: str
    edge: tuple[str, ...]
    """Roots of the perfect subtrees, largest first."""
    at: str
    signers: tuple[str, ...]
    trust: Trust


@dataclass(frozen=True)
class Ledger:
    """A ledger as it was found, with everything that is wrong with it."""

    entries: tuple[Entry, ...]
    heads: tuple[Head, ...]
    problems: tuple[str, ...]
    """What shows that somebody cut or altered it; empty when nothing does."""
    torn: bool
    """The last line of a file has no end, as after a crash while writing."""

    @property
    def head(self) -> Head | None:
        """Return the latest head."""
        return self.heads[-1] if self.heads else None

    @property
    def sealed(self) -> tuple[Entry, ...]:
        """Return the entries that the latest head covers; only they count."""
        return self.entries[: self.head.size] if self.head else ()

    @property
    def unsealed(self) -> tuple[Entry, ...]:
        """Return the entries after the latest head, as after a crash between the two writes."""
        return self.entries[len(self.sealed) :]


@dataclass(frozen=True)
class Tail:
    """The end of a ledger: all that is needed to append to it."""

    head: Head | None
    unsealed: tuple[Entry, ...]
    """Complete entries after the head."""

    @property
    def size(self) -> int:
        """Return how many entries there are."""
        return (self.head.size if self.head else 0) + len(self.unsealed)

    @property
    def latest(self) -> str | None:
        """Return the latest time that the ledger was written."""
        times = [entry.at for entry in self.unsealed[-1:]] + ([self.head.at] if self.head else [])
        return max(times, default=None)


def next_head(tail: Tail, fresh: Iterable[Entry], at: str, signer: Signer) -> bytes:
    """Return the signed head, without a newline, of a ledger after `fresh` has been appended to `tail`."""
    frontier = _frontier(tail.head) if tail.head else Frontier()
    for entry in (*tail.unsealed, *fresh):
        frontier.append(leaf_hash(entry.line()))
    edge = [node.hex() for node in frontier.edge]
    head = {"at": at, "edge": edge, "root": frontier.root().hex(), "size": frontier.size}
    return seal(head, signer, payload_type=HEAD_TYPE)


def extend_ledger(entries: bytes, heads: bytes, records: Sequence[str], at: str, signer: Signer) -> tuple[bytes, bytes]:
    """List further records in a ledger that somebody else has kept, and return its two files.

    Every earlier entry and head stays as it is, and so does what they prove. Where nothing is added, `signer` signs the
    last head, too. Raises EvidenceError when the ledger was cut or altered.
    """
    ledger = read_ledger(entries, heads, TrustedKeys.none())
    if ledger.problems or ledger.torn:
        raise EvidenceError(
            f"the ledger cannot be relied on: {'; '.join(ledger.problems) or 'its last line is incomplete'}",
            remedy="Get the bundle again from whoever made it.",
        )
    tail = Tail(ledger.head, ledger.unsealed)
    moment, known = max(tail.latest or "", at), {entry.record for entry in ledger.entries}
    new = [record for record in dict.fromkeys(records) if record not in known]
    fresh = [Entry(tail.size + place, record, moment) for place, record in enumerate(new)]
    if fresh or tail.unsealed:
        head = next_head(tail, fresh, moment, signer)
        return b"".join([entries, *(entry.line() + b"\n" for entry in fresh)]), heads + head + b"\n"
    return entries, _head_countersigned(heads, signer) if ledger.head else heads


def _head_countersigned(heads: bytes, signer: Signer) -> bytes:
    last = _last_line(heads)
    before = heads[: len(heads) - len(last) - 1]
    return before + countersign(last, signer, payload_type=HEAD_TYPE) + b"\n"


def read_tail(entries: bytes, heads: bytes, trusted: TrustedKeys) -> Tail:
    """Read the end of a ledger; what lies before is covered by the root that the last head signs.

    Raises EvidenceError when that head or what follows it has been altered, or entries have been cut.
    """
    head = _head(_last_line(heads), trusted) if b"\n" in heads else None
    sealed = head.size if head else 0
    count = entries.count(b"\n")
    if head and count < sealed:
        raise EvidenceError(_cut(head, count))
    rows = entries[: entries.rfind(b"\n") + 1].splitlines()[sealed:]
    unsealed = tuple(_entry(row, sealed + i) for i, row in enumerate(rows))
    if not all(entry.record for entry in unsealed):
        raise EvidenceError(f"an entry after {sealed} has been altered")
    return Tail(head, unsealed)


def _last_line(data: bytes) -> bytes:
    end = data.rfind(b"\n")
    return data[data.rfind(b"\n", 0, end) + 1 : end]


def _frontier(head: Head) -> Frontier:
    return Frontier.resumed(head.size, [bytes.fromhex(node) for node in head.edge])


def read_ledger(entries: bytes, heads: bytes, trusted: TrustedKeys) -> Ledger:
    """Read and verify both files of a ledger; what is wrong is listed in `problems`, each with its line."""
    problems: list[str] = []
    entry_lines, entries_torn = _lines(entries)
    head_lines, heads_torn = _lines(heads)
    listed = _entries(entry_lines, problems)
    signed = _heads(head_lines, trusted, problems)
    _check_order(listed, signed, problems)
    _check_roots(entry_lines, signed, problems)
    return Ledger(tuple(listed), tuple(signed), tuple(problems), entries_torn or heads_torn)


def _lines(data: bytes) -> tuple[list[bytes], bool]:
    """Split into complete lines; tell whether something follows the last newline."""
    *lines, rest = data.split(b"\n")
    return lines, bool(rest)


def _entries(lines: list[bytes], problems: list[str]) -> list[Entry]:
    entries: list[Entry] = []
    seen: dict[str, int] = {}
    for index, line in enumerate(lines):
        entry = _entry(line, index)
        if not entry.record:
            problems.append(f"entry {index} has been altered: it is not a line of a ledger at this place")
        elif entry.record in seen:
            problems.append(f"entry {index} lists the record of entry {seen[entry.record]} again")
        seen.setdefault(entry.record, index)
        entries.append(entry)
    return entries


def _entry(line: bytes, index: int) -> Entry:
    """Read one line; an unreadable one keeps its place and names no record."""
    match = _ENTRY.fullmatch(line)
    if match is None or match["index"] != str(index).encode():
        return Entry(index, "", "")
    return Entry(index, match["record"].decode(), match["at"].decode())


def _heads(lines: list[bytes], trusted: TrustedKeys, problems: list[str]) -> list[Head]:
    heads = []
    for number, line in enumerate(lines):
        try:
            heads.append(_head(line, trusted))
        except (EvidenceError, InputError) as error:
            problems.append(f"head {number} has been altered: {error.problem}")
    return heads


def _head(line: bytes, trusted: TrustedKeys) -> Head:
    opened = open_envelope(line, trusted, payload_type=HEAD_TYPE)
    match opened.statement:
        case {"at": at, "edge": list(edge), "root": str(root), "size": int(size), **nothing} if (
            not nothing and size is not True and size > 0 and _are_digests([root, *edge])
        ):
            head = Head(size, root, tuple(edge), _time(at), opened.signers, opened.trust)
        case _:
            raise EvidenceError("it needs at, edge, root and size only")
    if head.trust is Trust.UNSIGNED:
        raise EvidenceError("it is not signed")
    if len(edge) != size.bit_count() or _frontier(head).root().hex() != root:
        raise EvidenceError("its edge does not lead to its root")
    return head


def _are_digests(values: list[Any]) -> bool:
    return all(isinstance(value, str) and SHA256.fullmatch(value) for value in values)


def _time(value: Any) -> str:
    if not isinstance(value, str) or format_time(parse_time(value)) != value:
        raise EvidenceError(f"{value!r} is not a time in UTC")
    return value


def _check_order(entries: list[Entry], heads: list[Head], problems: list[str]) -> None:
    for earlier, later in itertools.pairwise(heads):
        if later.size <= earlier.size:
            problems.append(f"a head of {later.size} entries follows one of {earlier.size}")
        if later.at < earlier.at:
            problems.append(f"a clock was set back: a head of {later.at} follows one of {earlier.at}")
    for before, after in itertools.pairwise(entry for entry in entries if entry.at):
        if after.at < before.at:
            problems.append(f"a clock was set back: entry {after.index} of {after.at} follows one of {before.at}")


def _check_roots(lines: list[bytes], heads: list[Head], problems: list[str]) -> None:
    """Compare every head with the entries it covers, in one pass."""
    frontier = Frontier()
    known_good = 0
    for head in sorted(heads, key=lambda head: head.size):
        if head.size > len(lines):
            problems.append(_cut(head, len(lines)))
            return
        while frontier.size < head.size:
            frontier.append(leaf_hash(lines[frontier.size]))
        if frontier.root().hex() != head.root:
            problems.append(
                f"an entry between {known_good} and {head.size - 1} is not the one that the head of "
                f"{head.at} (key {signed_by(head.signers)}) covers"
            )
            return
        known_good = head.size


def _cut(head: Head, count: int) -> str:
    return (
        f"the ledger has been cut: its head of {head.at} (key {signed_by(head.signers)}) covers "
        f"{head.size} entries, only {count} are there"
    )
