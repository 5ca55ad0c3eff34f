"""How a push is refused: with a reason, what to do next, and an entry in the audit trail."""

from __future__ import annotations

from roadworthy.server.access.refusals import Refused

PUSH_REFUSED = "release.push_refused"


class BundleRefused(Refused):
    """A bundle that is not received: what it says is not believed, or it is not what it should be (422)."""

    kind = "bundle-refused"

    def __init__(self, problem: str, *, remedy: str, status: int = 422, system: str = "") -> None:
        super().__init__(problem, remedy=remedy, action=PUSH_REFUSED, system=system)
        self.status = status
