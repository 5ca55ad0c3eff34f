"""A bundle: one file that holds everything a verdict rests on, and that anybody can verify offline.

Its first member is a signed in-toto statement whose subjects are all other members, by SHA-256.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from roadworthy.core.errors import EvidenceError, Place
from roadworthy.evidence.canonical import MAX_BYTES
from roadworthy.evidence.dsse import open_envelope, seal, signed_by
from roadworthy.evidence.durable import blocks, storing
from roadworthy.evidence.inventory import ENTRIES, HEADS, check_inventory
from roadworthy.evidence.keys import Signer
from roadworthy.evidence.ledger import Ledger, read_ledger
from roadworthy.evidence.packing import (
    Content,
    Member,
    Problem,
    check_name,
    measure,
    pack,
    read_span,
    unpack,
)
from roadworthy.evidence.record import Record, open_record
from roadworthy.evidence.statement import build_statement, parse_statement
from roadworthy.evidence.trust import Trust, TrustedKeys

ENVELOPE = "bundle.dsse.json"
PREDICATE_TYPE = "https://roadworthy.dev/evidence/bundle/v1"
MAX_READ = 512 * 1024 * 1024
"""Largest member that is read into memory; larger ones are extracted to a file."""


@dataclass(frozen=True)
class Bundle:
    """A bundle whose every byte has been verified; its members are verified again when they are read."""

    path: Path
    predicate: dict[str, Any]
    """What its maker says of it."""
    statement: dict[str, Any]
    digest: str
    """SHA-256 of the signed statement, and so of everything in the bundle."""
    trust: Trust
    signers: tuple[str, ...]
    trusted: TrustedKeys = field(repr=False)
    _members: Mapping[str, Member] = field(repr=False)

    def names(self, folder: str = "") -> list[str]:
        """List the members, or those in `folder` (for example `records/`), sorted."""
        return sorted(name for name in self._members if name.startswith(folder))

    def __contains__(self, name: str) -> bool:
        return name in self._members

    def read(self, name: str) -> bytes:
        """Return the content of a member that fits in memory."""
        if self._member(name).content.size > MAX_READ:
            raise self._broken(name, "it is too large to be read into memory")
        held = bytearray()
        self._pass(name, held.extend)
        return bytes(held)

    def extract(self, name: str, directory: Path) -> Path:
        """Copy a member to a file in `directory`, in blocks, and return its path."""
        target = directory / name.replace("/", "-")
        with storing(target), target.open("wb") as stream:
            self._pass(name, stream.write)
        return target

    def records(self) -> list[Record]:
        """Return the records it carries in the order of its ledger, each with its signature verified."""
        held = [open_record(self.read(name), self.trusted, self._place(name)) for name in self.names("records/")]
        order = {entry.record: entry.index for entry in self.ledger().sealed}
        return sorted(held, key=lambda record: (order.get(record.digest, len(order)), record.digest))

    def ledger(self) -> Ledger:
        """Return the ledger it carries; an empty one where it carries none."""
        entries, heads = (self.read(name) if name in self else b"" for name in (ENTRIES, HEADS))
        return read_ledger(entries, heads, self.trusted)

    def _pass(self, name: str, sink: Any) -> None:
        member = self._member(name)
        with _opened(self.path) as (stream, _):
            if read_span(stream, member, sink) != member.content:
                raise self._broken(name, "it changed since the bundle was verified")

    def _member(self, name: str) -> Member:
        if name not in self._members:
            raise self._broken(name, "the bundle does not hold it")
        return self._members[name]

    def _place(self, name: str) -> Place:
        return Place(f"{self.path}!{name}")

    def _broken(self, name: str, what: str) -> EvidenceError:
        return EvidenceError(what, place=self._place(name), remedy="Get the bundle again from whoever made it.")


@dataclass(frozen=True)
class Inspection:
    """What a bundle holds, and everything that speaks against it."""

    bundle: Bundle | None
    """None when not even its statement could be read."""
    problems: tuple[Problem, ...]
    """What was altered, is missing or does not belong."""
    distrust: tuple[Problem, ...]
    """What is unsigned, or signed by keys that nobody here has trusted."""


def write_bundle(
    path: Path, files: Mapping[str, bytes | Path], predicate: dict[str, Any], signer: Signer | None
) -> str:
    """Pack `files` into one signed bundle at `path`, whole or not at all, and return its digest.

    The same files, predicate and key give the same bytes. Raises StorageError when the disk is full, and
    EvidenceError on a name that is not allowed.
    """
    members: dict[str, bytes | Path] = {name: files[name] for name in sorted(files)}
    for name in [*members, ENVELOPE]:
        check_name(name)
    contents = {name: _measured(name, source) for name, source in members.items()}
    subjects = {name: content.sha256 for name, content in contents.items()}
    envelope = seal(build_statement(subjects, PREDICATE_TYPE, predicate), *([signer] if signer else []))
    first: dict[str, bytes | Path] = {ENVELOPE: envelope}
    _write(path, first | members, {ENVELOPE: measure(blocks(envelope))} | contents)
    return open_envelope(envelope, TrustedKeys.none()).payload_digest


def _measured(name: str, source: bytes | Path) -> Content:
    try:
        return measure(blocks(source))
    except OSError as error:
        raise EvidenceError(
            f"{name} cannot be packed: {error.strerror or error}",
            place=Place(str(source)),
            remedy="Check the path and its permissions.",
        ) from error


def inspect_bundle(path: Path, trusted: TrustedKeys) -> Inspection:
    """Verify every byte of a bundle, and report everything that is wrong, not the first thing only.

    Raises EvidenceError when there is no such file.
    """
    with _opened(path) as (stream, size):
        members, problems = unpack(stream, size)
        by_name = {member.name: member for member in members}
        if not members or members[0].name != ENVELOPE:
            problems.append(Problem(ENVELOPE, "it is not the first member, so nothing says what belongs here"))
            return Inspection(None, tuple(problems), ())
        held = bytearray()
        if members[0].content.size <= MAX_BYTES:
            read_span(stream, members[0], held.extend)
    try:
        bundle = _open_statement(path, bytes(held), by_name, trusted)
    except EvidenceError as error:
        problems.append(Problem(ENVELOPE, error.problem))
        return Inspection(None, tuple(problems), ())
    problems += _check_subjects(bundle, by_name)
    digests = {name: by_name[name].content.sha256 for name in bundle.names()}
    inventory = check_inventory(digests, bundle.read, trusted)
    return Inspection(bundle, (*problems, *inventory.problems), (*_distrust(bundle), *inventory.distrust))


def verify_bundle_file(path: Path, trusted: TrustedKeys) -> list[Problem]:
    """List everything that speaks against a bundle; an empty list means that it is intact and trusted."""
    inspection = inspect_bundle(path, trusted)
    return [*inspection.problems, *inspection.distrust]


def read_bundle(path: Path, trusted: TrustedKeys, *, accept_untrusted: bool = False) -> Bundle:
    """Open a bundle after verifying every byte of it.

    With `accept_untrusted`, one that is intact but unsigned or foreign-signed is opened too; look at its
    `trust`. Raises EvidenceError that lists every problem.
    """
    inspection = inspect_bundle(path, trusted)
    against = inspection.problems if accept_untrusted else (*inspection.problems, *inspection.distrust)
    if against or inspection.bundle is None:
        raise EvidenceError(
            "the bundle cannot be relied on:" + "".join(f"\n    {problem}" for problem in against),
            place=Place(path),
            remedy="Get the bundle again from whoever made it."
            if inspection.problems
            else "If you know the key, name it with --trust.",
        )
    return inspection.bundle


def _open_statement(path: Path, envelope: bytes, members: dict[str, Member], trusted: TrustedKeys) -> Bundle:
    opened = open_envelope(envelope, trusted)
    statement = parse_statement(opened.statement)
    if statement.predicate_type != PREDICATE_TYPE:
        raise EvidenceError(f"the statement is {statement.predicate_type!r}, not one of a bundle")
    others = {name: member for name, member in members.items() if name != ENVELOPE}
    return Bundle(
        path=path,
        predicate=statement.predicate,
        statement=opened.statement,
        digest=opened.payload_digest,
        trust=opened.trust,
        signers=opened.signers,
        trusted=trusted,
        _members=others,
    )


def _check_subjects(bundle: Bundle, members: dict[str, Member]) -> Iterator[Problem]:
    subjects = parse_statement(bundle.statement).subjects
    for name in sorted(subjects.keys() - members.keys()):
        yield Problem(name, "the signed statement names it, but it is missing")
    for name in sorted(members.keys() - subjects.keys() - {ENVELOPE}):
        yield Problem(name, "the signed statement does not name it")
    for name in sorted(subjects.keys() & members.keys()):
        if members[name].content.sha256 != subjects[name]:
            yield Problem(name, "it has been altered: its SHA-256 is not the one in the signed statement")


def _distrust(bundle: Bundle) -> list[Problem]:
    match bundle.trust:
        case Trust.UNSIGNED:
            return [Problem(ENVELOPE, "the bundle is unsigned: anybody could have made it")]
        case Trust.FOREIGN:
            signers = signed_by(bundle.signers)
            return [Problem(ENVELOPE, f"the bundle is signed by {signers}, a key that nobody here has trusted")]
        case Trust.TRUSTED:
            return []


def _write(path: Path, members: Mapping[str, bytes | Path], contents: Mapping[str, Content]) -> None:
    with storing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                pack(stream, members, contents)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        finally:
            Path(temporary).unlink(missing_ok=True)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """Open a bundle with its size."""
    try:
        stream = path.open("rb")
    except OSError as error:
        raise EvidenceError(
            f"the bundle cannot be read: {error.strerror or error}",
            place=Place(path),
            remedy="Check the path and its permissions.",
        ) from error
    with stream:
        yield stream, os.fstat(stream.fileno()).st_size
