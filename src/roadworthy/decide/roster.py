"""The roster: who holds which role from when until when, and who has delegated it to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from roadworthy.decide.signature import Signature, folded


@dataclass(frozen=True)
class Grant:
    """A role that a person holds."""

    person: str
    role: str
    since: datetime
    until: datetime | None = None
    """First moment at which they no longer hold it; None when it was not taken away."""
    scope: str | None = None
    """The part of the organisation in which they hold it; None means all of it."""


@dataclass(frozen=True)
class Delegation:
    """A role that its holder lends to somebody for a time. What is lent cannot be lent on."""

    delegator: str
    delegate: str
    role: str
    since: datetime
    until: datetime
    """First moment at which it no longer holds."""


@dataclass(frozen=True)
class Roster:
    """All grants and delegations, past ones too."""

    grants: tuple[Grant, ...] = ()
    delegations: tuple[Delegation, ...] = ()

    def holds(self, person: str, role: str, at: datetime, scope: str | None) -> bool:
        """Tell whether a person holds a role by their own right."""
        return any(
            folded(grant.person) == folded(person)
            and grant.role == role
            and grant.since <= at
            and (grant.until is None or at < grant.until)
            and grant.scope in (None, scope)
            for grant in self.grants
        )

    def lends(self, signature: Signature) -> bool:
        """Tell whether the role of a signature was lent to who signed, at that time."""
        return any(
            folded(lent.delegator) == folded(signature.principal)
            and folded(lent.delegate) == folded(signature.person)
            and lent.role == signature.role
            and lent.since <= signature.at < lent.until
            for lent in self.delegations
        )

    def holders(self, role: str, at: datetime, scope: str | None) -> tuple[str, ...]:
        """List who holds a role by their own right, sorted."""
        return tuple(sorted({grant.person for grant in self.grants if self.holds(grant.person, role, at, scope)}))
