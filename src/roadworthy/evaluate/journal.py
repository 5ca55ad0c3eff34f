"""The journal of a run: one line for each finished sample, a batch of lines in one write, safe against kill -9."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from roadworthy.core.errors import StorageError
from roadworthy.core.files import write_atomically
from roadworthy.evaluate.row import Row


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """First line: the number of the Parquet part that the journal's rows will become."""

    part: int


class Journal:
    """An open journal. Every `append` is one write of whole lines to the end of the file."""

    def __init__(self, path: Path, part: int) -> None:
        self.path = path
        self._encode_lines = msgspec.json.Encoder().encode_lines
        write_atomically(path, self._encode_lines([_Head(part)]))
        self._handle = self._open()
        self._size = os.fstat(self._handle).st_size

    @classmethod
    def resume(cls, path: Path) -> Journal:
        """Open a journal to go on writing; a torn last line is cut off."""
        journal = cls.__new__(cls)
        journal.path = path
        journal._encode_lines = msgspec.json.Encoder().encode_lines
        journal._handle = journal._open()
        journal._size = _whole_bytes(path)
        os.ftruncate(journal._handle, journal._size)
        return journal

    def _open(self) -> int:
        try:
            return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        except OSError as error:
            raise _cannot(self.path, error) from error

    def append(self, rows: Sequence[Row]) -> None:
        """Write rows. Raises StorageError when the disk does not take all of them; earlier ones stay."""
        lines = self._encode_lines(rows)
        try:
            written = os.write(self._handle, lines)
        except OSError as error:
            raise _cannot(self.path, error) from error
        if written != len(lines):
            os.ftruncate(self._handle, self._size)
            raise _cannot(self.path, OSError("the disk took a part of the lines, which is taken back"))
        self._size += written

    def close(self) -> None:
        """Make the lines durable and close the file."""
        if self._handle < 0:
            return
        handle, self._handle = self._handle, -1
        try:
            os.fsync(handle)
        except OSError as error:
            raise _cannot(self.path, error) from error
        finally:
            os.close(handle)


def read_journal(path: Path) -> tuple[int, list[Row]]:
    """Return the number of the part that the journal belongs to, and its rows; a torn last line is passed over.

    Raises StorageError on a broken line before the last one: nothing of ours leaves that behind.
    """
    lines = _lines(path)
    _, first = next(lines, (0, b""))
    try:
        part = msgspec.json.decode(first, type=_Head).part
    except msgspec.DecodeError as error:
        raise _broken(path, 1) from error
    decode = msgspec.json.Decoder(Row).decode
    rows: list[Row] = []
    for number, line in lines:
        try:
            rows.append(decode(line))
        except msgspec.DecodeError as error:
            raise _broken(path, number) from error
    return part, rows


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(stream, start=1):
                if line.endswith(b"\n"):
                    yield number, line
    except OSError as error:
        raise _cannot(path, error) from error


def _whole_bytes(path: Path) -> int:
    return sum(len(line) for _, line in _lines(path))


def _cannot(path: Path, error: OSError) -> StorageError:
    return StorageError(
        f"cannot write {path}: {error.strerror or error}",
        remedy="Free space or mend the permissions, then run the command again; nothing recorded is lost.",
    )


def _broken(path: Path, line: int) -> StorageError:
    return StorageError(
        f"line {line} of {path} is broken",
        remedy="Something else wrote to this file. Move the run directory away and evaluate again.",
    )
