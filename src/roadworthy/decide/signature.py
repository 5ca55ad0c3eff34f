"""A signature under something to decide: who, in which role, for whom, what they chose, and what they saw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from roadworthy.core.errors import InputError
from roadworthy.evidence.statement import SHA256


class Choice(StrEnum):
    """What somebody decided, the strictest last."""

    APPROVE = "approve"
    APPROVE_WITH_CONDITIONS = "approve with conditions"
    REQUEST_CHANGES = "request changes"
    REJECT = "reject"

    @property
    def approves(self) -> bool:
        """Tell whether it takes a seat."""
        return self in {Choice.APPROVE, Choice.APPROVE_WITH_CONDITIONS}


@dataclass(frozen=True)
class Signature:
    """A choice that somebody made and signed."""

    person: str
    """Who signed; one name for each person, upper and lower case alike."""
    role: str
    """The role in which they signed."""
    choice: Choice
    digest: str
    """SHA-256 of what they were shown."""
    at: datetime
    on_behalf_of: str | None = None
    """Whose role it is, when it was delegated to the person."""
    conditions: tuple[str, ...] = ()
    """Under which they approve."""

    def __post_init__(self) -> None:
        if not SHA256.fullmatch(self.digest):
            raise InputError(
                f"{self.person} signed {self.digest!r}, which is not a SHA-256 digest",
                remedy="Sign the 64 hex digits of what was shown.",
            )
        if bool(self.conditions) is not (self.choice is Choice.APPROVE_WITH_CONDITIONS):
            missing = "names no condition" if not self.conditions else "names conditions"
            raise InputError(
                f"the choice '{self.choice}' of {self.person} {missing}",
                remedy=f"Conditions belong to '{Choice.APPROVE_WITH_CONDITIONS}', which needs at least one.",
            )

    @property
    def principal(self) -> str:
        """Return whose authority it uses."""
        return self.on_behalf_of or self.person

    @property
    def people(self) -> frozenset[str]:
        """Return everybody who stands behind it, in lower case: the person, and who delegated to them."""
        return frozenset({folded(self.person), folded(self.principal)})


def folded(person: str) -> str:
    """Return the name by which people are told apart."""
    return person.strip().casefold()
