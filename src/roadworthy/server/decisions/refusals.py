"""What is refused when people sign, beside shut doors; each is recorded in the audit trail."""

from __future__ import annotations

from roadworthy.server.access.refusals import Refused


class Stale(Refused):
    """What was signed is not what is shown now (409)."""

    status = 409
    kind = "stale"


class Held(Refused):
    """The verdict holds the release, and no signature changes that (409)."""

    status = 409
    kind = "held"


class Replayed(Refused):
    """A signature that was sent before, or that was made about something else (409)."""

    status = 409
    kind = "replayed"
