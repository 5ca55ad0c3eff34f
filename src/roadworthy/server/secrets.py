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
SECRET_KEY = "secret-key"


def secret_key(settings: Configuration) -> str:
    """Return the secret that signs sessions."""
    given = settings.secret_key.get_secret_value()
    return given or kept_secret(settings.data / SECRET_KEY, lambda: secrets.token_urlsafe(48).encode()).decode()


def server_signer() -> Signer:
    """Return the key with which the server signs heads, decisions and bundles."""
    return _signer(configuration().data / SERVER_KEY)


@lru_cache(maxsize=4)
def _signer(path: Path) -> Signer:
    kept_secret(path, generate_pem)
    return load_signer(path)


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
