"""The list of digests of a backup, in the form that `sha256sum --check` reads."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from roadworthy.core.digests import sha256_file
from roadworthy.core.errors import EvidenceError
from roadworthy.server.backup.manifest import NAME as MANIFEST

NAME = "SHA256SUMS"
_SHOWN = 5


def write_sums(directory: Path, sums: Mapping[str, str]) -> str:
    """Write the list of path -> SHA-256, and return its own digest."""
    path = directory / NAME
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
        stream.flush()
        os.fsync(stream.fileno())
    return sha256_file(path)


def check_sums(directory: Path, expected: str) -> None:
    """Raise EvidenceError that names what is altered, gone or too much, after reading every file."""
    path = directory / NAME
    if not path.is_file() or sha256_file(path) != expected:
        raise _wrong([f"{NAME} is not the one of the manifest"])
    listed = dict(_lines(path))
    there = {one.relative_to(directory).as_posix() for one in directory.rglob("*") if one.is_file() or one.is_symlink()}
    wrong = [f"{name} is gone" for name in sorted(listed.keys() - there)]
    wrong += [f"{name} is not listed" for name in sorted(there - listed.keys() - {NAME, MANIFEST})]
    wrong += [
        f"{name} was altered" for name in sorted(listed.keys() & there) if not _holds(directory / name, listed[name])
    ]
    if wrong:
        raise _wrong(wrong)


def _holds(path: Path, digest: str) -> bool:
    return not path.is_symlink() and sha256_file(path) == digest


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding="utf-8") as stream:
        for line in stream:
            digest, _, name = line.rstrip("\n").partition("  ")
            yield name, digest


def _wrong(found: list[str]) -> EvidenceError:
    more = f", and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return EvidenceError(
        f"the backup is not what was written: {'; '.join(found[:_SHOWN])}{more}", remedy="Take another copy of it."
    )
