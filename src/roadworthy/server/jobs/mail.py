"""The address of a mail server, as Django wants it."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from roadworthy.core.errors import InputError


def mail_settings(url: str) -> dict[str, Any]:
    """Read smtp://user:password@host:587 (with STARTTLS where the port is 587) or smtps://; raises InputError."""
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise InputError("ROADWORTHY_EMAIL_URL is no address of a mail server", remedy="Write smtp://host:25.")
    return {
        "backend": "django.core.mail.backends.smtp.EmailBackend",
        "host": parts.hostname,
        "port": parts.port or (465 if parts.scheme == "smtps" else 25),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_ssl": parts.scheme == "smtps",
        "use_tls": parts.scheme == "smtp" and parts.port == 587,
        "timeout": 20,
    }
