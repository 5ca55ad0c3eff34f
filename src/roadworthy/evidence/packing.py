"""One canonical ZIP: members stored uncompressed, in order, with fixed times and attributes.

The same members give the same bytes, so that a reader can say of each byte of a file whether it belongs. Any
ZIP tool opens it. Layout: PKWARE APPNOTE 6.3.10, sections 4.3.7 (local header), 4.3.12 (directory), 4.3.16.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from roadworthy.core.errors import EvidenceError
from roadworthy.evidence.durable import BLOCK, blocks

MAX_SIZE = 2**32 - 1
"""Largest bundle in bytes; beyond it a ZIP has a second layout."""
MAX_MEMBERS = 2**16 - 2
LONGEST = 400
"""Letters of a name that are read; names alone cannot fill the memory."""
NAME = re.compile(r"(?=.{1,200}\Z)[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
"""Relative, ASCII, no empty or hidden step, so that no name leads out of a directory."""

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION, _DATE = 20, (1 << 5) | 1  # 2.0: a plain file; 1980-01-01, the first day that ZIP knows
_MADE_BY_UNIX, _MODE = (3 << 8) | _VERSION, 0o100644 << 16


@dataclass(frozen=True)
class Content:
    """What a member holds, by digests."""

    size: int
    sha256: str
    crc32: int


@dataclass(frozen=True)
class Member:
    """A member found in a file, with what it really holds."""

    name: str
    offset: int
    """Of its local header."""
    content: Content

    @property
    def data_offset(self) -> int:
        """Return where its data begins."""
        return self.offset + _LOCAL.size + len(self.name)


@dataclass(frozen=True)
class Problem:
    """Something wrong with a bundle."""

    member: str
    """Name of the member, or `container`."""
    what: str

    def __str__(self) -> str:
        return f"{self.member}: {self.what}"


CONTAINER = "container"


def measure(chunks: Iterator[bytes]) -> Content:
    """Digest a stream in blocks."""
    size, crc, sha256 = 0, 0, hashlib.sha256()
    for chunk in chunks:
        size, crc = size + len(chunk), zlib.crc32(chunk, crc)
        sha256.update(chunk)
    return Content(size, sha256.hexdigest(), crc)


def pack(target: BinaryIO, members: Mapping[str, bytes | Path], contents: Mapping[str, Content]) -> None:
    """Write `members` to `target` in their order; `contents` is what each was measured to hold.

    Raises EvidenceError on a bad name, on more than a ZIP can hold, and when a file changed since then.
    """
    if len(members) > MAX_MEMBERS or sum(c.size for c in contents.values()) > MAX_SIZE - 2**26:
        raise EvidenceError(
            "the bundle would be larger than 4 GB or 65,534 members",
            remedy="Bundle the result tables only, without transcripts.",
        )
    written, offset = [], 0
    for name, source in members.items():
        check_name(name)
        target.write(_local_header(name, contents[name]))
        if measure(_written(source, target)) != contents[name]:
            raise EvidenceError(f"{name} changed while it was being packed", remedy="Run the command again.")
        member = Member(name, offset, contents[name])
        written.append(member)
        offset = member.data_offset + member.content.size
    target.write(_directory(written, offset))


def check_name(name: str) -> None:
    """Refuse a name that could lead out of a directory or be read in two ways."""
    if not NAME.fullmatch(name):
        raise EvidenceError(
            f"{name!r} cannot be the name of a member", remedy="Use letters, digits, dot, dash and slash."
        )


def unpack(stream: BinaryIO, size: int) -> tuple[list[Member], list[Problem]]:
    """Find and digest the members of a file of `size` bytes, and say where it is not the canonical packing.

    Reads in blocks; never holds a member in memory.
    """
    if size > MAX_SIZE:
        return [], [Problem(CONTAINER, f"it has {size:,} bytes; at most {MAX_SIZE:,} are read")]
    problems: list[Problem] = []
    members: list[Member] = []
    layout, end = _layout(stream, size)
    position = 0
    for name, offset, length in layout:
        if offset != position:
            problems.append(Problem(CONTAINER, f"bytes {position} to {offset} belong to no member"))
        stream.seek(offset)
        header = stream.read(_LOCAL.size + len(name))
        member = Member(name, offset, measure(_limited(stream, length)))
        if header != _local_header(name, member.content):
            problems.append(Problem(name, "its header does not agree with its content"))
        if not NAME.fullmatch(name):
            problems.append(Problem(name, "its name is not allowed"))
        members.append(member)
        position = member.data_offset + length
    problems += _check_names([member.name for member in members])
    problems += _check_end(stream, size, members, position, end)
    return members, problems


def _check_names(names: list[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            yield Problem(name, "its name occurs twice")
        seen.add(name.casefold())
    if names[1:] != sorted(names[1:]):
        yield Problem(CONTAINER, "the members are not in the order of their names")


def _check_end(stream: BinaryIO, size: int, members: list[Member], position: int, end: int | None) -> Iterator[Problem]:
    expected = _directory(members, position)
    after = members[-1].name if members else "the start"
    if end is not None and end != position:
        yield Problem(CONTAINER, f"bytes {position} to {end}, after {after}, belong to no member")
    stream.seek(position)
    if size - position != len(expected) or stream.read(len(expected)) != expected:
        yield Problem(CONTAINER, f"the directory after {after} is not the one of these members")


Span = tuple[str, int, int]
"""Name, offset of the local header, length of the data."""


def _layout(stream: BinaryIO, size: int) -> tuple[list[Span], int | None]:
    """Locate the members by the directory at the end, or by walking from the start where that is damaged."""
    found = _by_directory(stream, size)
    return found if found is not None else (_by_walking(stream, size), None)


def _by_directory(stream: BinaryIO, size: int) -> tuple[list[Span], int] | None:
    if size < _END.size:
        return None
    stream.seek(size - _END.size)
    signature, _, _, _, count, length, start, _ = _END.unpack(stream.read(_END.size))
    if signature != b"PK\x05\x06" or start + length + _END.size != size:
        return None
    stream.seek(start)
    spans: list[Span] = []
    position = 0
    for _ in range(count):
        fixed = stream.read(_CENTRAL.size)
        if len(fixed) < _CENTRAL.size or fixed[:4] != b"PK\x01\x02":
            return None
        row = _CENTRAL.unpack(fixed)
        if row[10] > LONGEST:
            return None
        name = stream.read(row[10]).decode("ascii", "replace")
        end = row[16] + _LOCAL.size + row[10] + row[8]
        if len(name) != row[10] or not position <= row[16] < end <= start:
            return None  # members that overlap would be read many times over
        position = end
        spans.append((name, row[16], row[8]))
    return spans, start


def _by_walking(stream: BinaryIO, size: int) -> list[Span]:
    spans: list[Span] = []
    position = 0
    while position + _LOCAL.size <= size and len(spans) < MAX_MEMBERS:
        stream.seek(position)
        row = _LOCAL.unpack(stream.read(_LOCAL.size))
        after = position + _LOCAL.size + row[9] + row[8]
        if row[0] != b"PK\x03\x04" or after > size or not 0 < row[9] <= LONGEST:
            break
        spans.append((stream.read(row[9]).decode("ascii", "replace"), position, row[8]))
        position = after
    return spans


def _local_header(name: str, content: Content) -> bytes:
    encoded = name.encode("utf-8", "replace")
    fixed = (b"PK\x03\x04", _VERSION, 0, 0, 0, _DATE, content.crc32, content.size, content.size)
    return _LOCAL.pack(*fixed, len(encoded), 0) + encoded


def _directory(members: list[Member], start: int) -> bytes:
    rows = b"".join(_central_header(member) for member in members)
    count = len(members)
    return rows + _END.pack(b"PK\x05\x06", 0, 0, count, count, len(rows), start, 0)


def _central_header(member: Member) -> bytes:
    encoded = member.name.encode("utf-8", "replace")
    content = member.content
    fixed = (
        b"PK\x01\x02",
        _MADE_BY_UNIX,
        _VERSION,
        0,
        0,
        0,
        _DATE,
        content.crc32,
        content.size,
        content.size,
    )
    return _CENTRAL.pack(*fixed, len(encoded), 0, 0, 0, 0, _MODE, member.offset) + encoded


def _written(source: bytes | Path, target: BinaryIO) -> Iterator[bytes]:
    for block in blocks(source):
        target.write(block)
        yield block


def _limited(stream: BinaryIO, length: int) -> Iterator[bytes]:
    while length and (block := stream.read(min(BLOCK, length))):
        length -= len(block)
        yield block


def read_span(stream: BinaryIO, member: Member, sink: Callable[[bytes], object]) -> Content:
    """Pass the data of `member` to `sink` in blocks, and return what it held this time."""
    stream.seek(member.data_offset)

    def passed() -> Iterator[bytes]:
        for block in _limited(stream, member.content.size):
            sink(block)
            yield block

    return measure(passed())
