"""Checks of where the server stands: its settings, its directory, its keys, its addresses."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

from roadworthy.core.errors import RoadworthyError
from roadworthy.server.configuration import PREFIX, configuration
from roadworthy.server.doctor.check import Answer, failed, ok, warning
from roadworthy.server.preparation import check_data
from roadworthy.server.sealing import KEYS, seal, unseal
from roadworthy.server.secrets import SERVER_KEY, SESSION_KEY, server_signer

KEY_FILES = (SESSION_KEY, SERVER_KEY, KEYS)
LOW, LEAST = 2 * 1024**3, 256 * 1024**2
"""Bytes of free space that call for a warning, and that are too few to work."""
_LOCAL = {"127.0.0.1", "localhost", "::1"}
_COMMAND_LINE = ("home", "now", "server", "signing_key", "signing_key_file", "token")
_OPEN = 0o077
"""Permissions of others than the owner."""


def settings() -> Answer:
    """Check that the settings make sense together; what cannot be read at all never comes so far."""
    given = configuration()
    if given.debug:
        return failed(f"{PREFIX}DEBUG is on: errors show internals to whoever asks", f"Unset {PREFIX}DEBUG.")
    if given.oidc_issuer and not given.oidc_client_id:
        return failed("an OpenID Connect provider is named without a client", f"Set {PREFIX}OIDC_CLIENT_ID.")
    named = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in _names())
    if named:
        return warning(f"nothing reads {', '.join(named)}", "docs/configuration.md lists what is read; mend the name.")
    return ok(f"{len(given.model_fields_set)} of {len(type(given).model_fields)} settings are given")


def _names() -> set[str]:
    """Return what the server and the command line read."""
    return {f"{PREFIX}{name.upper()}" for name in (*_COMMAND_LINE, *type(configuration()).model_fields)}


def directory() -> Answer:
    """Check the data directory and its free space."""
    home = configuration().data
    try:
        check_data(configuration())
    except RoadworthyError as error:
        return failed(error.problem, error.remedy or "")
    free = shutil.disk_usage(home).free
    said = f"{free / 1024**3:.1f} GiB are free in {home}"
    if free < LEAST:
        return failed(said, "Free space, or move the directory; uploads are refused before the disk is full.")
    return warning(said, "Free space, or move the directory.") if free < LOW else ok(said)


def keys() -> Answer:
    """Check that the keys that there are work, and are nobody else's to read; makes none."""
    home = configuration().data
    found = [home / name for name in KEY_FILES if (home / name).exists()]
    try:
        if home / SERVER_KEY in found:
            server_signer()
        if home / KEYS in found:
            unseal(seal("doctor", "check of the doctor"), "check of the doctor")
    except RoadworthyError as error:
        return failed(error.problem, error.remedy or "Restore the keys from a backup.")
    readable = [path for path in [home, *found] if _others_may(path)]
    if readable:
        names = ", ".join(str(path) for path in readable)
        return warning(f"others on this machine may use {names}", f"Run: chmod go-rwx {' '.join(map(str, readable))}")
    unmade = [name for name in KEY_FILES if home / name not in found]
    return ok(f"made when first needed: {', '.join(unmade)}" if unmade else f"{len(found)} files, for the server alone")


def _others_may(path: Path) -> bool:
    """Tell whether others than the owner may use a path; a directory that a group shares is how clusters mount one."""
    mode = path.stat().st_mode
    return bool(mode & (0o007 if path.is_dir() else _OPEN))


def addresses() -> Answer:
    """Check the address under which people reach the server against how it listens."""
    given = configuration()
    public = urlsplit(given.base_url)
    if public.scheme not in {"http", "https"} or not public.hostname:
        return failed(f"{given.base_url} is no address of a web server", f"Set {PREFIX}BASE_URL to https://name.")
    if public.hostname in _LOCAL:
        if given.host in _LOCAL:
            return ok(f"{given.base_url}, for this machine only")
        return warning(
            f"it listens on {given.host}, but links lead to {given.base_url}",
            f"Set {PREFIX}BASE_URL to the address that people use.",
        )
    if public.scheme == "http":
        return failed(
            f"{given.base_url} is not encrypted: passwords and sessions can be read on the way",
            f"Put a proxy that speaks HTTPS before it, and set {PREFIX}BASE_URL to https://{public.netloc}.",
        )
    if not given.behind_proxy:
        return warning(
            f"{given.base_url} is HTTPS, which something before this server must speak, but no proxy is trusted",
            f"Set {PREFIX}BEHIND_PROXY=true where nobody can reach the server past its proxy.",
        )
    return ok(f"{given.base_url}, behind a proxy")
