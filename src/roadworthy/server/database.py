"""The address of the database, as Django wants it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from roadworthy.core.errors import InputError


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
        options: dict[str, Any] = dict(parse_qsl(parts.query))
        if pool:
            options["pool"] = {"min_size": 1, "max_size": pool, "timeout": 10}
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or str(options.pop("host", "")),
            "PORT": str(parts.port or ""),
            "CONN_HEALTH_CHECKS": not pool,
            "OPTIONS": options,
        }
    raise InputError(
        f"DATABASE_URL: {parts.scheme or 'nothing'} is no database that the server knows",
        remedy="Write postgres://user:password@host:5432/name or sqlite:///path.",
    )
