"""SHA-256 digests of bytes, files and canonical JSON (RFC 8785)."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import rfc8785


def canonical_json(value: Any) -> bytes:
    """Serialise `value` by RFC 8785 (JSON Canonicalization Scheme).

    Raises `rfc8785.CanonicalizationError` on NaN, infinities and integers beyond 2**53.
    """
    return rfc8785.dumps(value)


def sha256_bytes(data: bytes) -> str:
    """Return the SHA-256 of `data` as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_json(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON of `value`."""
    return sha256_bytes(canonical_json(value))


def sha256_file(path: Path) -> str:
    """Return the SHA-256 of a file, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
