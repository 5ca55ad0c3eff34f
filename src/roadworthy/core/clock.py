"""The clock: always UTC, written in one way, and replaceable."""

from __future__ import annotations

import os
from datetime import UTC, datetime

from roadworthy.core.errors import InputError

ENVIRONMENT = "ROADWORTHY_NOW"


def now() -> datetime:
    """Return the present in UTC to the second, or the time that ROADWORTHY_NOW names."""
    fixed = os.environ.get(ENVIRONMENT)
    return parse_time(fixed) if fixed else datetime.now(UTC).replace(microsecond=0)


def format_time(moment: datetime) -> str:
    """Write `moment` as RFC 3339 in UTC: 2026-11-23T05:42:48Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_time(text: str) -> datetime:
    """Read an RFC 3339 time; a time without a zone is refused."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"{text!r} is not a time", remedy="Write it as 2026-11-23T05:42:48Z.") from error
    if moment.tzinfo is None:
        raise InputError(f"{text!r} has no time zone", remedy="Write it as 2026-11-23T05:42:48Z.")
    return moment.astimezone(UTC)
