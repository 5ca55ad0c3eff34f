"""Durable files of the store: appended lines, copies under their digest, and one writer at a time."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from roadworthy.core.errors import StorageError

BLOCK = 1024 * 1024
_REMEDY = "Free space or mend the permissions, then run the command again; nothing recorded is lost."


@contextmanager
def storing(path: Path) -> Iterator[None]:
    """Turn an error of the operating system about `path` into a StorageError."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"cannot write {path}: {error.strerror or error}", remedy=_REMEDY) from error


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path`; a second process waits. The lock ends with the process that holds it."""
    with storing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        with storing(path):
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def append_lines(path: Path, lines: list[bytes]) -> None:
    """Append `lines` durably; first drop what follows the last newline, as a crash leaves it.

    Raises StorageError when the disk is full; then the file is as it was.
    """
    with storing(path), path.open("ab+", buffering=0) as stream:
        end = _end_of_last_line(stream)
        os.ftruncate(stream.fileno(), end)
        try:
            _write_all(stream.fileno(), b"".join(line + b"\n" for line in lines))
            os.fsync(stream.fileno())
        except OSError:
            os.ftruncate(stream.fileno(), end)
            raise


def copy_under_digest(source: Path | bytes, directory: Path) -> str:
    """Copy `source` into `directory` under its SHA-256, whole or not at all, and return the digest."""
    with storing(directory):
        directory.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=directory, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as target:
                digest = hashlib.sha256()
                for block in blocks(source):
                    digest.update(block)
                    target.write(block)
                target.flush()
                os.fsync(target.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, directory / digest.hexdigest())
            sync_directory(directory)
        finally:
            Path(temporary).unlink(missing_ok=True)
    return digest.hexdigest()


def sync_directory(path: Path) -> None:
    """Make the names in a directory durable, so that a file that is listed is also found."""
    with storing(path):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def blocks(source: Path | bytes) -> Iterator[bytes]:
    """Read `source` in blocks of bounded size."""
    if isinstance(source, bytes):
        yield source
        return
    with source.open("rb") as stream:
        while block := stream.read(BLOCK):
            yield block


def read_or_empty(path: Path) -> bytes:
    """Return the content of `path`, or nothing where there is no such file yet."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise StorageError(
            f"cannot read {path}: {error.strerror or error}", remedy="Check the path and its permissions."
        ) from error


def _end_of_last_line(stream: BinaryIO) -> int:
    """Return the position after the last newline, looking from the end."""
    position = stream.seek(0, os.SEEK_END)
    while position:
        start = max(0, position - BLOCK)
        stream.seek(start)
        found = stream.read(position - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        position = start
    return 0


def _write_all(handle: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]
