"""The memo of a decision: what the package `documents` writes from the verdict and from where the approval stands."""

from __future__ import annotations

from dataclasses import replace

from roadworthy.decide.approval import Standing
from roadworthy.decide.signature import Signature as Signed
from roadworthy.documents.memo import Memo
from roadworthy.server.decisions.case import APPROVED, case_of, decision_of, names_of, signed
from roadworthy.server.decisions.models import DecisionRequest, RequestState
from roadworthy.server.decisions.verdicts import verdict_of


def memo_of(request: DecisionRequest) -> Memo:
    """Return the memo on a request as it is shown now."""
    release = request.release
    return Memo(
        verdict=verdict_of(release),
        recommendation=request.recommendation,
        author=request.recommended_by.name if request.recommended_by else "",
        decision=named_standing(request),
        valid_until=release.valid_until,
    )


def named_standing(request: DecisionRequest) -> Standing:
    """Return where a request stands, with people under their names; what was decided stays as it was decided."""
    case = case_of(request)
    found = case.standing()
    if request.state in (*APPROVED, RequestState.REJECTED, RequestState.CHANGES_REQUESTED):
        counted = tuple(signed(row) for row in case.signatures)
        found = replace(decision_of(request), counted=counted)
    elif request.state != RequestState.OPEN:
        found = replace(found, missing=())
    return _named(found)


def _named(found: Standing) -> Standing:
    keys = {key for one in [*found.counted, *(refused.signature for refused in found.refused)] for key in one.people}
    names = names_of([*keys, *(key for free in found.missing for key in free.people)])

    def name(one: Signed) -> Signed:
        behalf = names.get(one.on_behalf_of, one.on_behalf_of) if one.on_behalf_of else None
        return replace(one, person=names.get(one.person, one.person), on_behalf_of=behalf)

    return replace(
        found,
        counted=tuple(name(one) for one in found.counted),
        refused=tuple(replace(one, signature=name(one.signature)) for one in found.refused),
        missing=tuple(
            replace(free, people=tuple(sorted(names.get(key, key) for key in free.people))) for free in found.missing
        ),
    )
