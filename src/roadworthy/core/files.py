"""Writing that never leaves half a file behind, and reading that says what is wrong."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from roadworthy.core.errors import InputError, Place, StorageError

MAX_TEXT_BYTES = 16 * 1024 * 1024


def write_atomically(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write `data` to `path` so that a crash leaves the old file or the new one, never half.

    Raises StorageError when the disk is full or the place may not be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            os.chmod(temporary, mode)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise StorageError(
            f"cannot write {path}: {error.strerror or error}",
            remedy="Free space or mend the permissions, then run the command again; nothing recorded is lost.",
        ) from error


def read_text(path: Path, *, limit: int = MAX_TEXT_BYTES) -> str:
    """Read a UTF-8 text file written by people; refuse a huge or undecodable one by name."""
    try:
        if path.stat().st_size > limit:
            raise InputError(
                f"the file has {path.stat().st_size:,} bytes; at most {limit:,} are read",
                place=Place(path),
                remedy="Keep data in a dataset file (JSONL, CSV or Parquet) and name it here.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise InputError(
            f"cannot read the file: {error.strerror or error}",
            place=Place(path),
            remedy="Check the path and its permissions.",
        ) from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"byte {data[error.start]:#04x} is not valid UTF-8",
            place=Place(path, line),
            remedy="Save the file as UTF-8.",
        ) from error
