"""What the server answers when it will not: each is one HTTP status, with a problem and a remedy."""

from __future__ import annotations

from roadworthy.core.errors import InputError, RoadworthyError


class Refused(RoadworthyError):
    """The actor may not do this (403). Refusals of people who are signed in are recorded in the audit trail."""

    status = 403
    kind = "refused"

    def __init__(self, problem: str, *, remedy: str | None = None, action: str = "", system: str = "") -> None:
        super().__init__(problem, remedy=remedy)
        self.action = action
        """Event under which it is recorded, for example `decision.refused`; empty for a shut door."""
        self.system = system


class LastAdministrator(Refused):
    """After this nobody could administer any more (403; over SCIM 409)."""

    kind = "last-administrator"


class NotSignedIn(RoadworthyError):
    """Nobody is signed in, or the token is not valid (401)."""

    status = 401
    kind = "not-signed-in"


class Missing(RoadworthyError):
    """There is no such thing, or the actor may not know of it (404)."""

    status = 404
    kind = "missing"


class NotAllowed(RoadworthyError):
    """The address does not answer this method (405)."""

    status = 405
    kind = "method-not-allowed"


class Conflict(RoadworthyError):
    """The thing is in another state than the request supposes (409)."""

    status = 409
    kind = "conflict"


class Taken(InputError):
    """A name or address that is to be unique is somebody else's (422; over SCIM 409)."""

    kind = "taken"


class Changed(RoadworthyError):
    """Somebody changed it meanwhile: the revision in If-Match is not the present one (412)."""

    status = 412
    kind = "changed"


class PreconditionNeeded(RoadworthyError):
    """The request must say which revision it changes (428)."""

    status = 428
    kind = "precondition-needed"


class TooLarge(RoadworthyError):
    """More was sent than is received (413)."""

    status = 413
    kind = "too-large"
