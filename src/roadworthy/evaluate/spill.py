"""Keep in nameless files what is needed later and would fill the memory: cases by block, byte strings by number."""

from __future__ import annotations

import pickle
import tempfile
import weakref
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Self

from roadworthy.core.errors import StorageError
from roadworthy.evaluate.case import Case

Placed = tuple[int, Case]
"""A case and its place among others."""
_BATCH = 512
"""Cases that are written together: names of columns are written once for all."""


class Blocks:
    """Cases put aside by block, each in a file of its own that has no name and ends with the process."""

    def __init__(self, count: int) -> None:
        with _storing():
            self._files = [_file() for _ in range(count)]
        self._batches: list[list[Placed]] = [[] for _ in range(count)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for file in self._files:
            file.close()

    def add(self, block: int, placed: Placed) -> None:
        """Put a case aside. Raises StorageError when the disk does not take it."""
        batch = self._batches[block]
        batch.append(placed)
        if len(batch) == _BATCH:
            self._write(block)

    def _write(self, block: int) -> None:
        with _storing():
            pickle.dump(self._batches[block], self._files[block], protocol=pickle.HIGHEST_PROTOCOL)
        self._batches[block].clear()

    def read(self, block: int) -> Iterator[Placed]:
        """Yield the cases of a block in the order in which they were added, once; its file is then gone."""
        with self._files[block] as file:
            with _storing():
                end = file.tell()
                file.seek(0)
            while file.tell() < end:
                with _storing():
                    batch = pickle.load(file)  # noqa: S301 - written by this process, to a file that has no name
                yield from batch
        yield from self._batches[block]
        self._batches[block].clear()


class Strings:
    """Byte strings by number, in one file; the memory they need is eight bytes for each number."""

    def __init__(self, count: int) -> None:
        self._file: IO[bytes] | None = None
        self._at = array("q", bytes(8 * count))
        """Where each begins, from 1; 0 where there is none."""

    def put(self, number: int, text: bytes) -> None:
        """Keep a byte string. Raises StorageError when the disk does not take it."""
        with _storing():
            if self._file is None:
                self._file = _file()
                weakref.finalize(self, self._file.close)
            self._at[number] = 1 + self._file.seek(0, 2)
            self._file.write(len(text).to_bytes(8, "little") + text)

    def pop(self, number: int) -> bytes | None:
        """Return what is kept under a number and forget it; None where nothing is."""
        at, self._at[number] = self._at[number], 0
        if not at or self._file is None:
            return None
        with _storing():
            self._file.seek(at - 1)
            return self._file.read(int.from_bytes(self._file.read(8), "little"))


def _file() -> IO[bytes]:
    return tempfile.TemporaryFile(prefix="roadworthy-")


@contextmanager
def _storing() -> Iterator[None]:
    """Say of an error of the disk whose it is."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"cannot keep what is asked later in {tempfile.gettempdir()}: {error.strerror or error}",
            remedy="Free space there or name another folder in TMPDIR, then run the command again; "
            "nothing recorded is lost.",
        ) from error
