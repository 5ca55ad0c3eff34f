"""An export of an audit trail as one file: a line that says what it is, a line for each entry, and the signed head.

{"format": "roadworthy-audit-v1", "after": 0, "previous": "000...", "keys": ["<hex>"], "at": "..."}
{"entry": {"number": 1, ...}}
{"head": {"number": 1, "digest": "...", "key": "...", "signature": "..."}}
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from roadworthy.core.errors import InputError, Place
from roadworthy.evidence.audit_chain import START, AuditEntry, Fault, Head, faults, is_signed

FORMAT = "roadworthy-audit-v1"


class Preamble(msgspec.Struct, frozen=True, kw_only=True):
    """The first line."""

    format: str
    after: int = 0
    """The export begins with the entry after this one."""
    previous: str = START
    """Digest of that one."""
    keys: list[str] = []
    """Public keys of the server. They say who claims to have signed; whom to trust, the reader says."""
    at: str = ""


class _Line(msgspec.Struct, frozen=True):
    entry: AuditEntry | None = None
    head: Head | None = None


@dataclass(frozen=True)
class Checked:
    """What came of checking an export."""

    entries: int
    head: Head | None
    faults: list[Fault]
    """At most 100."""
    trusted: bool
    """The head is signed by a key that the reader trusts."""

    @property
    def whole(self) -> bool:
        """Tell whether nothing speaks against the export."""
        return not self.faults


def export_lines(entries: Iterable[AuditEntry], head: Head, preamble: Preamble) -> Iterator[bytes]:
    """Write an export, line by line."""
    yield msgspec.json.encode(preamble) + b"\n"
    for entry in entries:
        yield msgspec.json.encode({"entry": entry}) + b"\n"
    yield msgspec.json.encode({"head": head}) + b"\n"


def check_export(path: Path, trusted: Collection[str], heads: Iterable[Head] = ()) -> Checked:
    """Check an export offline: chain, digests, signature; and that it holds every head that was kept before.

    Raises InputError when it is no export. `heads` are true ends that the reader kept, from `kept_heads`.
    """
    with _opened(path) as lines:
        preamble = lines.preamble()
        accepted = set(trusted) | set(preamble.keys)
        found: list[Fault] = []
        kept = sorted((one for one in heads if one.number > preamble.after), key=lambda one: one.number)
        walked = _walk(lines, kept, found)
        for fault in faults(walked, None, None, accepted, after=preamble.after, previous=preamble.previous):
            if fault.what != _NO_TIP:
                _add(found, fault)
        _check_end(lines, accepted, found)
        head = lines.head
        return Checked(lines.count, head, found, head is not None and is_signed(head, trusted))


def kept_heads(path: Path) -> Iterator[Head]:
    """Read heads that were kept: a server's file of heads, or earlier exports; a line cut short is left out."""
    try:
        with path.open("rb") as stream:
            for line in stream:
                if line.endswith(b"\n") and (head := _head_of(line)) is not None:
                    yield head
    except OSError as error:
        raise InputError(f"cannot read the heads: {error.strerror or error}", place=Place(path)) from error


_NO_TIP = "the trail has no signed tip"
_MOST = 100


def _add(found: list[Fault], fault: Fault) -> None:
    if len(found) < _MOST:
        found.append(fault)


def _head_of(line: bytes) -> Head | None:
    try:
        return msgspec.json.decode(line, type=_Line).head or msgspec.json.decode(line, type=Head)
    except msgspec.MsgspecError:
        return None


def _walk(lines: _Lines, kept: list[Head], found: list[Fault]) -> Iterator[AuditEntry]:
    """Pass the entries on, and compare each with the heads that the reader kept."""
    place = 0
    for entry in lines.entries():
        while place < len(kept) and kept[place].number <= entry.number:
            if kept[place].number == entry.number and kept[place].digest != entry.digest:
                _add(found, Fault(entry.number, f"entry {entry.number} is not the one that you kept the head of"))
            place += 1
        yield entry
    lines.unmet = kept[place:]


def _check_end(lines: _Lines, accepted: Collection[str], found: list[Fault]) -> None:
    if lines.unmet:
        last = lines.unmet[-1].number
        _add(found, Fault(last, f"the export ends at entry {lines.last}, but you kept the head of entry {last}"))
    if lines.head is None:
        _add(found, Fault(lines.last, "the export has no signed head: it was cut off"))
    elif (lines.head.number, lines.head.digest) != (lines.last, lines.digest):
        _add(found, Fault(lines.last, "the signed head names another end than the export has"))
    elif not is_signed(lines.head, accepted):
        _add(found, Fault(lines.last, "the head bears no true signature of a key that the export names"))


class _Lines:
    """The lines of an export, read once from the first to the last."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._stream = path.open("rb")
        except OSError as error:
            raise InputError(f"cannot read the export: {error.strerror or error}", place=Place(path)) from error
        self.count = self.last = 0
        self.digest = START
        self.head: Head | None = None
        self.unmet: list[Head] = []
        self._number = 1

    def __enter__(self) -> _Lines:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def preamble(self) -> Preamble:
        """Read the first line."""
        try:
            found = msgspec.json.decode(self._stream.readline(), type=Preamble)
        except msgspec.MsgspecError:
            found = None
        if found is None or found.format != FORMAT:
            raise InputError(
                "this is no export of an audit trail", place=Place(self._path, 1), remedy=f"Its format is {FORMAT}."
            )
        self.last, self.digest = found.after, found.previous
        return found

    def entries(self) -> Iterator[AuditEntry]:
        """Read the entries up to the head."""
        for line in self._stream:
            self._number += 1
            found = self._decode(line)
            if found.entry is None:
                self.head = found.head
                break
            self.count += 1
            self.last, self.digest = found.entry.number, found.entry.digest
            yield found.entry
        if self._stream.readline():
            raise InputError("something follows the head", place=Place(self._path, self._number + 1))

    def _decode(self, line: bytes) -> _Line:
        try:
            found = msgspec.json.decode(line, type=_Line)
        except msgspec.MsgspecError as error:
            raise InputError(f"this line cannot be read: {error}", place=Place(self._path, self._number)) from error
        if (found.entry is None) == (found.head is None):
            raise InputError("this line is neither an entry nor a head", place=Place(self._path, self._number))
        return found


def _opened(path: Path) -> _Lines:
    return _Lines(path)
