"""Signed heads outside the database: one line for each entry, so that cutting rows and tip together shows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from threading import Lock

import msgspec

from roadworthy.evidence.audit_chain import Head
from roadworthy.server.configuration import configuration

HEADS = "audit-heads.jsonl"
_kept: dict[str, int] = {}
_lock = Lock()


def heads_path() -> Path:
    """Return the file of heads in the data directory."""
    return configuration().data / HEADS


def keep_heads(heads: Iterable[Head]) -> None:
    """Add heads to the file, but those that this process added already.

    The head of an entry is added after its transaction, which a crash can prevent; so the next one brings it along.
    """
    path = heads_path()
    with _lock:
        new = [head for head in heads if head.number > _kept.get(str(path), 0)]
        if not new:
            return
        _write(path, b"".join(msgspec.json.encode(head) + b"\n" for head in new))
        _kept[str(path)] = new[-1].number


def _write(path: Path, lines: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(handle, lines)
        os.fsync(handle)
    finally:
        os.close(handle)


def kept_heads(path: Path, size: int | None = None) -> Iterator[Head]:
    """Read the heads that were kept, up to `size` bytes; a last line that a crash cut short is left out."""
    if not path.is_file():
        return
    read = 0
    with path.open("rb") as stream:
        for line in stream:
            read += len(line)
            if size is not None and read > size:
                return
            if line.endswith(b"\n"):
                yield msgspec.json.decode(line, type=Head)
