"""What arrives: written to a file of its own while it is counted and digested, and gone unless it is kept."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from roadworthy.core.errors import InputError, StorageError
from roadworthy.server.access.refusals import TooLarge
from roadworthy.server.configuration import configuration
from roadworthy.server.evidence.storage import BLOCK

PREFIX = "arriving-"


class Stream(Protocol):
    """Something that is read in blocks: the body of a request, an open file."""

    def read(self, size: int, /) -> bytes:
        """Return at most `size` bytes; none at the end."""


@dataclass(frozen=True)
class Arrived:
    """A file that arrived whole; it is removed at the end of the block unless a store takes it."""

    path: Path
    sha256: str
    size: int


def workshop() -> Path:
    """Return the directory of what arrives; it lies beside the store, so that keeping a file is a renaming."""
    folder = configuration().data / "incoming"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(folder, error) from error
    return folder


@contextmanager
def bench() -> Iterator[Path]:
    """Give a directory beside the store for a while, in which the members of a bundle are laid out."""
    with tempfile.TemporaryDirectory(prefix="bench-", dir=workshop()) as directory:
        yield Path(directory)


def limit() -> int:
    """Return the largest file, in bytes, that is received."""
    return configuration().max_upload_mb * 1024 * 1024


@contextmanager
def arriving(
    stream: Stream, *, size: int | None = None, digest: str = "", most: int | None = None
) -> Iterator[Arrived]:
    """Write a stream to a file; `size` and `digest` are what the sender says it has.

    Holds one block in memory. Raises TooLarge before or as soon as there is more than `most` bytes, InputError when
    it ends early, goes on, or has another digest; nothing is left then.
    """
    allowed = limit() if most is None else most
    if size is not None and size > allowed:
        raise too_large(allowed)
    folder = workshop()
    try:
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=PREFIX)
    except OSError as error:
        raise _unwritable(folder, error) from error
    path = Path(temporary)
    try:
        arrived = _write(handle, path, stream, allowed)
        _compare(arrived, size, digest)
        yield arrived
    finally:
        path.unlink(missing_ok=True)


def _write(handle: int, path: Path, stream: Stream, allowed: int) -> Arrived:
    found, size = hashlib.sha256(), 0
    try:
        with os.fdopen(handle, "wb") as target:
            while block := _block(stream):
                size += len(block)
                if size > allowed:
                    raise too_large(allowed)
                found.update(block)
                target.write(block)
            target.flush()
            os.fsync(target.fileno())
    except OSError as error:
        raise _unwritable(path.parent, error) from error
    return Arrived(path, found.hexdigest(), size)


def _block(stream: Stream) -> bytes:
    try:
        return stream.read(BLOCK)
    except OSError as error:  # Django's UnreadablePostError is one
        raise InputError("the sender stopped before the end", remedy="Send it again.") from error


def _compare(arrived: Arrived, size: int | None, digest: str) -> None:
    if size is not None and arrived.size != size:
        raise InputError(
            f"{arrived.size:,} bytes arrived of {size:,} that were announced: it was cut off", remedy="Send it again."
        )
    if not arrived.size:
        raise InputError("nothing arrived: the body is empty", remedy="Send the file as the body of the request.")
    if digest and arrived.sha256 != digest:
        raise InputError(
            f"what arrived has the SHA-256 {arrived.sha256[:12]}, {digest[:12]} was announced", remedy="Send it again."
        )


def too_large(allowed: int) -> TooLarge:
    """Say how much is received at most."""
    return TooLarge(
        f"at most {allowed // 1024**2:,} MiB are received",
        remedy="Leave transcripts out of the bundle, or have ROADWORTHY_MAX_UPLOAD_MB raised.",
    )


def _unwritable(folder: Path, error: OSError) -> StorageError:
    return StorageError(
        f"cannot write what arrives to {folder.name}/: {error.strerror or error}",
        remedy="Free space in the data directory, or mend its permissions.",
    )
