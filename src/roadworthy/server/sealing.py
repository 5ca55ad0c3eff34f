"""Secrets that the database holds are sealed with keys that it does not hold.

The file `sealing-keys` in the data directory has one key on each line. The first seals; every line opens, so that a key
is replaced by putting a new one above it. Each text is sealed for one purpose (`user 17 signing key`) and opens for no
other.
"""

from __future__ import annotations

import hashlib
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from roadworthy.core.errors import StorageError
from roadworthy.server.configuration import configuration
from roadworthy.server.secrets import kept_secret

KEYS = "sealing-keys"
_FORM = "v1"
_NONCE = 12


def seal(text: str, purpose: str) -> str:
    """Seal a text for one purpose with AES-256-GCM; the result is text, too."""
    key = _keys(_path())[0]
    nonce = secrets.token_bytes(_NONCE)
    box = nonce + _cipher(key, purpose).encrypt(nonce, text.encode(), None)
    return f"{_FORM}.{_name(key)}.{urlsafe_b64encode(box).decode()}"


def unseal(sealed: str, purpose: str) -> str:
    """Open what was sealed for the same purpose; raises StorageError when the key is gone or the text was altered."""
    form, _, rest = sealed.partition(".")
    name, _, box = rest.partition(".")
    key = next((key for key in _keys(_path()) if _name(key) == name), None)
    if form != _FORM or key is None:
        raise StorageError(
            f"no key in {_path()} opens the sealed {purpose}",
            remedy=f"Put back the line of {KEYS} that was in force when it was sealed.",
        )
    try:
        data = urlsafe_b64decode(box)
        return _cipher(key, purpose).decrypt(data[:_NONCE], data[_NONCE:], None).decode()
    except (InvalidTag, ValueError) as error:
        raise StorageError(f"the sealed {purpose} was altered", remedy="Restore it from a backup.") from error


def _path() -> Path:
    return configuration().data / KEYS


@lru_cache(maxsize=8)
def _keys(path: Path) -> tuple[bytes, ...]:
    lines = kept_secret(path, lambda: urlsafe_b64encode(secrets.token_bytes(32)) + b"\n").split()
    try:
        keys = tuple(urlsafe_b64decode(line) for line in lines)
    except ValueError:
        keys = ()
    if not keys or any(len(key) != 32 for key in keys):
        raise StorageError(
            f"{path} does not hold keys of 32 bytes in base64, one on each line", remedy="Restore it from a backup."
        )
    return keys


def _name(key: bytes) -> str:
    return hashlib.sha256(b"roadworthy sealing key" + key).hexdigest()[:8]


def _cipher(key: bytes, purpose: str) -> AESGCM:
    derived = HKDF(SHA256(), 32, salt=None, info=f"roadworthy seal {_FORM} {purpose}".encode()).derive(key)
    return AESGCM(derived)
