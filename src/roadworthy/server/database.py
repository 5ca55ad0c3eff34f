"""The address of the database, as Django wants it."""

from __future__ import annotations

from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from roadworthy.core.errors import InputError

_REMEDY = "Write postgres://user:password@host:5432/name or sqlite:///path."


def database(url: str, pool: int) -> dict[str, Any]:
    """Read postgres://... or sqlite:///...; raises InputError on anything else."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = unquote(parts.path.removeprefix("/")) or "roadworthy.sqlite"
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": path,
            "TEST": {"NAME": f"{path}.test"},
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        name, port = unquote(parts.path.lstrip("/")), _port(parts)
        if not name:
            raise InputError("DATABASE_URL names no database", remedy=_REMEDY)
        options: dict[str, Any] = dict(parse_qsl(parts.query))
        if pool:
            options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 10}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": name,
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or str(options.pop("host", "")),
            "PORT": port,
            "CONN_HEALTH_CHECKS": not pool,
            "OPTIONS": options,
        }
    raise InputError(
        f"DATABASE_URL: {parts.scheme or 'nothing'} is no database that the server knows",
        remedy=_REMEDY,
    )


def _port(parts: SplitResult) -> str:
    try:
        return str(parts.port or "")
    except ValueError as error:
        raise InputError("DATABASE_URL: its port is no number up to 65535", remedy=_REMEDY) from error
