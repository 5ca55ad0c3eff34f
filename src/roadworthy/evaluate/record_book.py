"""The record book of a run: journal and parts together, which samples are done, and one writer at a time."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from roadworthy.core.errors import StorageError
from roadworthy.evaluate.journal import Journal, read_journal
from roadworthy.evaluate.parts import PART_ROWS, Parts
from roadworthy.evaluate.row import Row, SampleStatus

SEALED = "results.parquet"
PART_CHARACTERS = 32 * 1024 * 1024
"""Text held in memory before it becomes a part, however few the rows."""


def mark(sample: str, epoch: int) -> bytes:
    """Return 16 bytes that stand for a sample in an epoch, so that a million of them fit in little memory."""
    return hashlib.blake2b(f"{epoch}:{sample}".encode(), digest_size=16).digest()


class RecordBook:
    """An open run directory. Rows are added in batches; all of a batch are on disk when `add` returns."""

    def __init__(
        self,
        directory: Path,
        slices: Sequence[str],
        scores: Sequence[str],
        *,
        weighted: bool = False,
        in_rounds: bool = False,
    ) -> None:
        self.directory = directory
        self.parts = Parts(directory, slices, scores, weighted=weighted, in_rounds=in_rounds)
        self._lock = _lock(directory)
        self._rows: list[Row] = []
        self._held = 0
        self._number = len(self.parts.paths())
        self._journal = self._recover()

    def _recover(self) -> Journal:
        """Take up the journal; one whose part is already there was compacted just before a crash."""
        path = self.directory / "journal.jsonl"
        if path.exists() and path.stat().st_size:
            number, rows = read_journal(path)
            if not self.parts.path(number).exists():
                self._number, self._rows = number, rows
                return Journal.resume(path)
        return Journal(path, self._number)

    @property
    def waiting(self) -> Sequence[Row]:
        """Return the rows that are in the journal and in no part yet."""
        return self._rows

    def recorded(self) -> Iterator[tuple[str, int, str]]:
        """Yield (sample, epoch, status) of every row on disk."""
        yield from self.parts.finished()
        for row in self._rows:
            yield row.sample, row.epoch, str(row.status)

    def rows(self) -> Iterator[Row]:
        """Yield every row on disk; those of finished parts come without their transcript."""
        yield from self.parts.rows()
        yield from self._rows

    def done(self, *, retry_errors: bool) -> set[bytes]:
        """Return the marks of the samples that need not be asked again."""
        return {
            mark(sample, epoch)
            for sample, epoch, status in self.recorded()
            if not (retry_errors and status == SampleStatus.ERRORED)
        }

    def add(self, rows: Sequence[Row]) -> None:
        """Record rows. Raises StorageError when the disk is full; everything recorded before stays."""
        self._journal.append(rows)
        self._rows += rows
        self._held += sum(len(row.response or "") + len(row.request or "") for row in rows)
        if len(self._rows) >= PART_ROWS or self._held >= PART_CHARACTERS:
            self.compact()

    def add_part(self, rows: Sequence[Row]) -> None:
        """Record many rows that can be had again for nothing, straight as a part."""
        self.compact()
        self.parts.write(self._number, rows)
        self._next_part()

    def compact(self) -> None:
        """Turn the rows of the journal into a part, then start an empty journal."""
        if self._rows:
            self.parts.write(self._number, self._rows)
            self._next_part()

    def _next_part(self) -> None:
        self._rows, self._held = [], 0
        self._number += 1
        self._journal.close()
        self._journal = Journal(self._journal.path, self._number)

    def seal(self) -> Path:
        """Write the result table and return its path."""
        self.compact()
        target = self.directory / SEALED
        self.parts.seal(target)
        return target

    def close(self) -> None:
        """Close the journal and let others in."""
        try:
            self._journal.close()
        finally:
            os.close(self._lock)


def _lock(directory: Path) -> int:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        handle = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise StorageError(
            f"cannot write {directory}: {error.strerror or error}",
            remedy="Mend the permissions, or free space.",
        ) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise StorageError(
            f"another process is at work in {directory}", remedy="Wait for it, or stop it first."
        ) from error
    return handle
