"""Answers kept between runs, so that the same question to the same target is paid for once."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.core.digests import sha256_bytes, sha256_json
from roadworthy.core.errors import StorageError
from roadworthy.evaluate.reply import Reply

_BATCH = 100
"""Answers written in one transaction; a crash loses these from the cache, never from the journal."""


class CacheKey:
    """Names each answer by the SHA-256 of everything that it depends on: target, fingerprint, request, epoch."""

    def __init__(self, identity: dict[str, Any], fingerprint: str) -> None:
        self._asked = sha256_json({"target": identity, "fingerprint": fingerprint}).encode()
        self._encode = msgspec.json.Encoder(order="sorted").encode

    def __call__(self, request: dict[str, Any], epoch: int) -> str:
        """Return the key of one request."""
        return sha256_bytes(b"%b %d %b" % (self._asked, epoch, self._encode(request)))


class Cache:
    """A table of answers in SQLite."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=30)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS responses (key TEXT PRIMARY KEY, at INTEGER NOT NULL, reply BLOB NOT NULL)"
                " WITHOUT ROWID"
            )
        except (sqlite3.Error, OSError) as error:
            raise _broken(path, error) from error
        self._path = path
        self._waiting: dict[str, Reply] = {}
        self._decode = msgspec.json.Decoder(Reply).decode

    def get(self, key: str, *, not_before: int = 0) -> Reply | None:
        """Return the answer under `key` unless it is older than `not_before`, in seconds since 1970."""
        if key in self._waiting:
            return self._waiting[key]
        try:
            found = self._database.execute(
                "SELECT reply FROM responses WHERE key = ? AND at >= ?", (key, not_before)
            ).fetchone()
            return self._decode(found[0]) if found else None
        except (sqlite3.Error, msgspec.DecodeError) as error:
            raise _broken(self._path, error) from error

    def put(self, key: str, reply: Reply) -> None:
        """Keep an answer."""
        self._waiting[key] = reply
        if len(self._waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting."""
        rows = [(key, reply.asked_at or 0, msgspec.json.encode(reply)) for key, reply in self._waiting.items()]
        try:
            with self._database:
                self._database.executemany("INSERT OR REPLACE INTO responses VALUES (?, ?, ?)", rows)
        except sqlite3.Error as error:
            raise _broken(self._path, error) from error
        self._waiting = {}

    def close(self) -> None:
        """Write what is waiting and close the file."""
        try:
            # A disk that is full by now has been named by the journal; only saved calls are lost here.
            with suppress(StorageError):
                self.flush()
        finally:
            self._database.close()


def _broken(path: Path, error: Exception) -> StorageError:
    return StorageError(
        f"the response cache {path} cannot be used: {error}",
        remedy="Free space, or delete the cache file: only saved calls are lost.",
    )
