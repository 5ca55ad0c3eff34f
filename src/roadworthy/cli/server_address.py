"""Where the server is and with which token commands speak to it."""

from __future__ import annotations

import os
from urllib.parse import urlsplit

from roadworthy.core.errors import InputError

SERVER, TOKEN = "ROADWORTHY_SERVER", "ROADWORTHY_TOKEN"


def server_address(given: str) -> str:
    """Return the address of the server, as given or from the environment; raises InputError when it is none."""
    named = given or os.environ.get(SERVER, "")
    parts = urlsplit(named)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise InputError(
            f"{named!r} is no address of a server" if named else "no server is named",
            remedy=f"Give --server https://roadworthy.example.com, or set {SERVER}.",
        )
    return named.rstrip("/")


def server_token(variable: str, permission: str) -> str:
    """Return the token that an environment variable holds; raises InputError when there is none."""
    token = os.environ.get(variable, "").strip()
    if not token:
        raise InputError(
            f"there is no token in {variable}",
            remedy=f"Make one on the server, with the permission {permission}, and keep it as a secret.",
        )
    return token
