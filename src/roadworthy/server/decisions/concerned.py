"""Whom something concerns: who asked, who answers for it, who signed, and who is next. Notices go to them."""

from __future__ import annotations

from roadworthy.server.decisions.case import UNDECIDED, case_of
from roadworthy.server.decisions.models import DecisionRequest, ExceptionRequest


def concerned(request: DecisionRequest) -> list[int]:
    """Return the primary keys of those whom a request concerns; those who could sign next only while it is open."""
    release = request.release
    people = {request.requested_by_id, release.system.owner_id, release.pushed_by_id, request.recommended_by_id}
    people |= set(request.signatures.filter(round=request.round).values_list("user_id", flat=True))
    if request.state in UNDECIDED:
        people |= set(next_to_sign(request))
    return sorted(pk for pk in people if pk is not None)


def next_to_sign(request: DecisionRequest) -> list[int]:
    """Return the primary keys of those who could take a free seat."""
    return sorted({int(key) for free in case_of(request).standing().missing for key in free.people})


def concerned_by_exception(exception: ExceptionRequest) -> list[int]:
    """Return the primary keys of those whom an exception concerns."""
    people = {exception.requested_by_id, exception.system.owner_id, exception.decided_by_id}
    return sorted(pk for pk in people if pk is not None)
