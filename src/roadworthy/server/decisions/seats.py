"""In which role somebody signs: their own, or one that was delegated to them; asked for, and still free if can be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils import timezone

from roadworthy.server.access.refusals import Refused
from roadworthy.server.accounts.models import User
from roadworthy.server.accounts.reach import delegated_roles
from roadworthy.server.decisions.case import Case

REFUSED = "decision.sign_refused"


@dataclass(frozen=True)
class Seat:
    """A role in which somebody may sign."""

    role: str
    behalf: User | None = None
    """Whose role it is, when it was delegated."""


def seats_of(case: Case, person: User) -> list[Seat]:
    """List the roles in which somebody may sign a request, best first: free before taken, own before delegated."""
    free = {role for missing in case.standing().missing for role in missing.roles}
    return sorted(_held(case, person), key=lambda seat: (seat.role not in free, seat.behalf is not None, seat.role))


def seat_for(case: Case, person: User, role: str = "") -> Seat:
    """Return the role in which somebody signs; raises Refused when they hold none that is asked for."""
    found = [seat for seat in seats_of(case, person) if not role or seat.role == role]
    if found:
        return found[0]
    asked = " or ".join(sorted(case.roles)) or "a role that nobody has"
    held = f"{person.name} does not hold {role}" if role else f"{person.name} holds none of the roles that may sign"
    raise Refused(
        f"{held}; this decision needs {asked}",
        remedy="Ask somebody who holds the role.",
        action=REFUSED,
        system=case.request.release.system.slug,
    )


def _held(case: Case, person: User) -> Iterator[Seat]:
    moment = timezone.now()
    for role in case.roles:
        if case.roster.holds(str(person.pk), role, moment, None):
            yield Seat(role)
    for role, delegations in delegated_roles(person).items():
        for lent in delegations:
            if role in case.roles and case.roster.holds(str(lent.giver_id), role, moment, None):
                yield Seat(role, lent.giver)
