"""Whether a record may still be relied upon: right system, right fingerprint, right time, right key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from roadworthy.core.clock import parse_time
from roadworthy.decide.outcome import Status
from roadworthy.evidence.fingerprint import changed_parts
from roadworthy.standard.model import Expiry, Part

CLOCK_TOLERANCE = timedelta(minutes=5)
"""A record may be this much ahead of the judge's clock."""


@dataclass(frozen=True)
class Doubt:
    """Why a record cannot be relied upon."""

    status: Status
    reason: str
    first: str = ""
    """What to do before it is evaluated again; empty where that alone helps."""


def doubt_about_time(made: str, as_of: datetime, expiry: Expiry, until: str | None = None) -> Doubt | None:
    """Check the time of a record against the judge's clock and its expiry."""
    moment = parse_time(made)
    if moment > as_of + CLOCK_TOLERANCE:
        return Doubt(
            Status.NOT_SHOWN,
            f"The evidence is dated {made}, after the time of judgement: a clock was set back or forward.",
        )
    if until and parse_time(until) <= as_of:
        return Doubt(Status.STALE, f"It was valid until {until}.")
    if expiry.days is not None and moment + timedelta(days=expiry.days) <= as_of:
        return Doubt(Status.STALE, f"The evidence of {made[:10]} is older than {expiry.days} days.")
    return None


def doubt_about_fingerprint(
    recorded: Mapping[str, str], current: Mapping[str, str], depends_on: list[Part]
) -> Doubt | None:
    """Check that no part on which the evidence depends has changed since; none named means all of them."""
    relevant = depends_on or list(Part)
    changed = [part for part in changed_parts(recorded, current) if part in relevant]
    if changed:
        names = ", ".join(str(part) for part in changed)
        return Doubt(Status.STALE, f"The evidence is of another fingerprint: {names} changed since.")
    return None
