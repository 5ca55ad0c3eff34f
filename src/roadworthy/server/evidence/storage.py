"""Where files are kept: by the SHA-256 of their content, written once, checked when read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from roadworthy.core.errors import StorageError

BLOCK = 256 * 1024
"""Bytes that are held in memory of a file that passes."""


@dataclass(frozen=True)
class StoredFile:
    """A file as the store lists it."""

    digest: str
    size: int
    stored_at: datetime


class Altered(StorageError):
    """A file is not what was kept under its digest."""


class Store(Protocol):
    """A place for files. What is kept under a digest never changes; half a file is never visible."""

    def keep(self, source: Path, digest: str) -> None:
        """Keep the file `source`, whose SHA-256 is `digest`; takes the file away from there or copies it.

        Keeping what is there already renews its age, so that no sweep takes it meanwhile.
        """

    def size(self, digest: str) -> int | None:
        """Return the bytes of a file; None when it is not there."""

    def read(self, digest: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield a file, or `length` bytes of it from `start`, in blocks.

        A whole file is checked on the way: the last block of one that was altered is held back, and Altered raised.
        Raises StorageError when it is not there.
        """

    def at_path(self, digest: str) -> AbstractContextManager[Path]:
        """Give a path at which the file can be read for a while. Raises Altered when it is not what was kept."""

    def files(self) -> Iterator[StoredFile]:
        """List everything that is kept, in no order."""

    def remove(self, digest: str, before: datetime) -> bool:
        """Remove a file unless it was kept again since `before`; tell whether it is gone."""


def checked(blocks: Iterator[bytes], digest: str) -> Iterator[bytes]:
    """Pass blocks on, the last one only when all of them together have the digest."""
    found, held = hashlib.sha256(), b""
    for block in blocks:
        found.update(block)
        if held:
            yield held
        held = block
    if found.hexdigest() != digest:
        raise altered(digest)
    yield held


def altered(digest: str) -> Altered:
    """Say that a file is not what it was."""
    return Altered(
        f"the file {digest[:12]} was altered where it is kept: its content does not give its digest",
        remedy="Restore it from a backup; 'roadworthy doctor' lists every file that was altered.",
    )


def missing(digest: str) -> StorageError:
    """Say that a file is gone."""
    return StorageError(f"the file {digest[:12]} is not where it was kept", remedy="Restore it from a backup.")
