"""Files in a directory: one for each digest, put in place by renaming, so that it is whole or not there."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from roadworthy.core.digests import sha256_file
from roadworthy.core.errors import StorageError
from roadworthy.server.evidence.storage import BLOCK, StoredFile, altered, checked, missing

_DIGEST = re.compile(r"[0-9a-f]{64}")
_REMEDY = "Free space or mend the permissions of the data directory, then try again."
_ASIDE = ".aside"
_SEEN = 4096
"""Files whose check is remembered as long as nothing touches them."""


class DiskStore:
    """Keeps files below a directory."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._verified: dict[str, tuple[int, ...]] = {}

    def keep(self, source: Path, digest: str) -> None:
        """Move a file, which was written to the end and synced, to its place."""
        target = self._path(digest)
        try:
            self._folder(target.parent)
            os.chmod(source, 0o400)
            os.utime(source)
            os.replace(source, target)
            _sync(target.parent)
        except OSError as error:
            raise StorageError(f"cannot keep a file in {self.home}: {error.strerror}", remedy=_REMEDY) from error

    def size(self, digest: str) -> int | None:
        """Return the bytes of a file; None when it is not there."""
        try:
            return self._path(digest).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, digest: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """Yield a file or a part of it."""
        passed = self._blocks(digest, start, length)
        return checked(passed, digest) if start == 0 and length is None else passed

    @contextmanager
    def at_path(self, digest: str) -> Iterator[Path]:
        """Give the path of a file after checking it; the check is remembered until something touches the file."""
        path = self._path(digest)
        try:
            told = _identity(path)
            if self._verified.get(digest) != told:
                if sha256_file(path) != digest:
                    raise altered(digest)
                if len(self._verified) >= _SEEN:
                    self._verified.clear()
                self._verified[digest] = told
        except FileNotFoundError as error:
            raise missing(digest) from error
        yield path

    def files(self) -> Iterator[StoredFile]:
        """List everything that is kept."""
        for folder in sorted(self.home.glob("[0-9a-f][0-9a-f]")):
            for path in folder.iterdir():
                if path.name.endswith(_ASIDE):
                    path = _put_back(path)
                with suppress(FileNotFoundError):
                    if _DIGEST.fullmatch(path.name):
                        found = path.stat()
                        yield StoredFile(path.name, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def remove(self, digest: str, before: datetime) -> bool:
        """Take a file away first and look at its age then, so that one kept again meanwhile is put back."""
        path = self._path(digest)
        aside = path.with_name(f".{digest}{_ASIDE}")
        try:
            os.replace(path, aside)
        except FileNotFoundError:
            return False
        if aside.stat().st_mtime >= before.timestamp():
            os.replace(aside, path)
            return False
        aside.unlink()
        return True

    def _blocks(self, digest: str, start: int, length: int | None) -> Iterator[bytes]:
        try:
            stream = self._path(digest).open("rb")
        except FileNotFoundError as error:
            raise missing(digest) from error
        with stream:
            stream.seek(start)
            left = length
            while left is None or left > 0:
                block = stream.read(BLOCK if left is None else min(BLOCK, left))
                if not block:
                    return
                left = None if left is None else left - len(block)
                yield block

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"{digest!r} is not a SHA-256")
        return self.home / digest[:2] / digest

    def _folder(self, folder: Path) -> None:
        if not folder.is_dir():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _sync(self.home)


def _put_back(aside: Path) -> Path:
    """Put back what a crash left aside, unless it was kept again meanwhile."""
    path = aside.with_name(aside.name.removesuffix(_ASIDE).removeprefix("."))
    if path.exists():
        aside.unlink(missing_ok=True)
    else:
        os.replace(aside, path)
    return path


def _identity(path: Path) -> tuple[int, ...]:
    """Return what changes when a file is changed; the time of change of its inode cannot be set by programs."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
