"""The server's secrets: made on first use, kept in the data directory, readable by nobody else."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from roadworthy.core.errors import StorageError
from roadworthy.evidence.keys import Signer, generate_pem, load_signer
from roadworthy.server.configuration import Configuration, configuration

SERVER_KEY = "server-key.pem"
RETIRED = "retired-server-keys"
"""Public keys that the server had before, one on each line."""
SESSION_KEY = "secret-key"


def secret_key(settings: Configuration) -> str:
    """Return the secret that signs sessions."""
    given = settings.secret_key.get_secret_value()
    return given or kept_secret(settings.data / SESSION_KEY, lambda: secrets.token_urlsafe(48).encode()).decode()


def server_signer() -> Signer:
    """Return the key with which the server signs heads, decisions and bundles."""
    return _signer(configuration().data / SERVER_KEY)


@lru_cache(maxsize=8)
def _signer(path: Path) -> Signer:
    kept_secret(path, generate_pem)
    return load_signer(path)


def trusted_keys() -> frozenset[str]:
    """Return the public keys whose signatures count as the server's: the present one, and those it had before."""
    return frozenset({server_signer().key_id, *_retired()})


def rotate_server_key() -> str:
    """Put a new key in the place of the present one and return its id; what the old one signed stays trusted.

    Processes that run keep the old key until they are started anew.
    """
    old = server_signer().key_id
    folder = configuration().data
    (folder / RETIRED).write_text("".join(f"{key}\n" for key in [*_retired(), old]))
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".server-key.")
    with os.fdopen(handle, "wb") as stream:
        stream.write(generate_pem())
        stream.flush()
        os.fsync(stream.fileno())
    Path(temporary).replace(folder / SERVER_KEY)
    _signer.cache_clear()
    return server_signer().key_id


def _retired() -> list[str]:
    path = configuration().data / RETIRED
    return path.read_text().split() if path.is_file() else []


def kept_secret(path: Path, make: Callable[[], bytes]) -> bytes:
    """Read a secret, or make it; whoever is first wins, and it is whole before it is visible."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(make())
                    stream.flush()
                    os.fsync(stream.fileno())
                with suppress(FileExistsError):
                    os.link(temporary, path)
            finally:
                Path(temporary).unlink(missing_ok=True)
        return path.read_bytes()
    except OSError as error:
        raise StorageError(
            f"cannot keep a secret at {path}: {error.strerror or error}",
            remedy="Name a directory that can be written with ROADWORTHY_DATA.",
        ) from error
