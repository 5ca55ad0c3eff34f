"""Copy files so that they are on the disk when it is said."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path

_BLOCK = 1024 * 1024


def copy(source: Path, target: Path) -> str:
    """Copy a file and return the SHA-256 of what was read; fails where the target is there."""
    _folder(target.parent)
    found = hashlib.sha256()
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with source.open("rb") as reading, os.fdopen(handle, "wb") as writing:
        while block := reading.read(_BLOCK):
            found.update(block)
            writing.write(block)
        writing.flush()
        os.fsync(writing.fileno())
    return found.hexdigest()


def link(source: Path, target: Path) -> None:
    """Give a file a second name on the same disk."""
    _folder(target.parent)
    os.link(source, target)


def write_lines(target: Path, lines: Iterable[bytes]) -> None:
    """Write lines to a new file."""
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as stream:
        stream.writelines(lines)
        stream.flush()
        os.fsync(stream.fileno())


def _folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
