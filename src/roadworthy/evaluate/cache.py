"""Answers kept between runs, so that the same question to the same target is paid for once."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import StorageError
from roadworthy.evaluate.reply import Reply

_BATCH = 1000
"""Answers written in one transaction; a crash loses these from the cache, never from the journal."""


class CacheKey:
    """Names each answer by the SHA-256 of everything that it depends on: target, fingerprint, request, epoch."""

    def __init__(self, identity: dict[str, Any], fingerprint: str) -> None:
        self._asked = sha256_json({"target": identity, "fingerprint": fingerprint}).encode()

    def __call__(self, request: bytes, epoch: int) -> bytes:
        """Return the key of one request, given as JSON."""
        return hashlib.sha256(b"%b %d %b" % (self._asked, epoch, request)).digest()


class Cache:
    """A table of answers in SQLite."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(path, timeout=30)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            # Answers are appended; only the short keys beside them land in random places.
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS answers (key BLOB PRIMARY KEY, at INTEGER NOT NULL, reply BLOB NOT NULL)"
            )
        except (sqlite3.Error, OSError) as error:
            raise _broken(path, error) from error
        self._path = path
        self._waiting: dict[bytes, Reply] = {}
        self._decode = msgspec.json.Decoder(Reply).decode
        self._encode = msgspec.json.Encoder().encode

    def get(self, keys: Sequence[bytes], *, not_before: int = 0) -> dict[bytes, Reply]:
        """Return the answers under `keys` that are not older than `not_before`, in seconds since 1970."""
        places = ",".join("?" * len(keys))
        sql = f"SELECT key, reply FROM answers WHERE key IN ({places}) AND at >= ?"  # noqa: S608 - only places
        try:
            rows = self._database.execute(sql, (*keys, not_before)).fetchall()
            found = {key: self._decode(reply) for key, reply in rows}
        except (sqlite3.Error, msgspec.DecodeError) as error:
            raise _broken(self._path, error) from error
        return found | {key: self._waiting[key] for key in keys if key in self._waiting}

    def put(self, key: bytes, reply: Reply) -> None:
        """Keep an answer."""
        self._waiting[key] = reply
        if len(self._waiting) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting."""
        rows = [(key, reply.asked_at or 0, self._encode(reply)) for key, reply in self._waiting.items()]
        try:
            with self._database:
                self._database.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", rows)
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
