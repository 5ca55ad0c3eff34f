"""What a bundle is, before anything in it is read: every byte signed by a key that counts here, nothing too large.

Only digests and the signed statement are looked at, in flat memory. What passes may be opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from roadworthy.core.errors import EvidenceError
from roadworthy.evidence.bundle import ENVELOPE, PREDICATE_TYPE
from roadworthy.evidence.canonical import MAX_BYTES
from roadworthy.evidence.dsse import open_envelope, signed_by
from roadworthy.evidence.inventory import OBJECTS
from roadworthy.evidence.packing import Member, Problem, read_span, unpack
from roadworthy.evidence.statement import parse_statement
from roadworthy.evidence.trust import Trust, TrustedKeys
from roadworthy.server.releases.refusals import BundleRefused

MOST_READ = 64 * 1024 * 1024
"""Bytes of declarations, records and ledger together: they are read into memory, unlike result tables."""
_AGAIN = "Push the bundle that 'roadworthy gate' wrote, as it is."


@dataclass(frozen=True)
class Sealed:
    """A bundle whose bytes are those that somebody trusted has signed."""

    system: str
    """Id of the system that it says it is about."""
    digest: str
    """SHA-256 of the signed statement."""
    signers: tuple[str, ...]


def check_seal(path: Path, trusted: TrustedKeys) -> Sealed:
    """Check container, signature and digests. Raises BundleRefused for what is altered, or signed by no trusted key."""
    with path.open("rb") as stream:
        members, problems = unpack(stream, path.stat().st_size)
        if not members or members[0].name != ENVELOPE:
            raise BundleRefused("this is not a bundle: it does not begin with a signed statement", remedy=_AGAIN)
        _refuse(problems)
        if members[0].content.size > MAX_BYTES or _read_later(members) > MOST_READ:
            raise BundleRefused(
                f"it holds more than {MOST_READ // 1024**2} MiB beside its result tables", remedy="Push fewer records."
            )
        held = bytearray()
        read_span(stream, members[0], held.extend)
    try:
        opened = open_envelope(bytes(held), trusted)
        statement = parse_statement(opened.statement)
    except EvidenceError as error:
        raise BundleRefused(f"its signed statement cannot be relied on: {error.problem}", remedy=_AGAIN) from error
    if statement.predicate_type != PREDICATE_TYPE:
        raise BundleRefused("what is signed is no statement about a bundle", remedy=_AGAIN)
    if opened.trust is not Trust.TRUSTED:
        by = f"signed by {signed_by(opened.signers)}, which is" if opened.signers else "unsigned, and that is"
        raise BundleRefused(
            f"the bundle is {by} not trusted here",
            remedy="Sign it with the key of your build pipeline, or have an administrator enter that key.",
            status=403,
        )
    _refuse(_differing(statement.subjects, members[1:]))
    return Sealed(str(statement.predicate.get("system", "")), opened.payload_digest, opened.signers)


def _read_later(members: Sequence[Member]) -> int:
    return sum(member.content.size for member in members if not member.name.startswith(OBJECTS))


def _differing(subjects: object, members: Sequence[Member]) -> list[Problem]:
    assert isinstance(subjects, dict)
    held = {member.name: member.content.sha256 for member in members}
    return [
        Problem(name, "it was altered, added or taken away since it was signed")
        for name in sorted(held.keys() | subjects.keys())
        if held.get(name) != subjects.get(name)
    ]


def _refuse(problems: Sequence[Problem]) -> None:
    if problems:
        more = f", and {len(problems) - 3} more" if len(problems) > 3 else ""
        told = "; ".join(f"{problem.member[:80]}: {problem.what}" for problem in problems[:3])
        raise BundleRefused(f"the bundle was altered: {told}{more}", remedy=_AGAIN)
