"""Clearance over the API: what a deployment pipeline asks, with a token that may do nothing else."""

from __future__ import annotations

import logging
from typing import Any

from django.db import DatabaseError
from django.http import HttpResponse
from ninja import Query, Router

from roadworthy.core.errors import RoadworthyError
from roadworthy.server.access.request import Request
from roadworthy.server.decisions.clearing import Answer, may_ship
from roadworthy.server.decisions.schemas import ClearanceAsked, ClearanceOut
from roadworthy.server.shell.problem import problem_response
from roadworthy.server.wire.problems import Problem

router = Router(tags=["Clearance"])
log = logging.getLogger("roadworthy.clearance")


class Unanswerable(RoadworthyError):
    """The question could not be answered, which is no clearance (503)."""

    status = 503
    kind = "unanswerable"


@router.get(
    "/clearance",
    response={200: ClearanceOut, 503: Problem},
    url_name="clearance",
    operation_id="ask_clearance",
    summary="May this ship?",
)
def ask_clearance(request: Request, response: HttpResponse, asked: Query[ClearanceAsked]) -> Any:
    """Answer whether a release may be deployed now. Whatever is not shown refuses; any other answer than 200 does, too.

    The fingerprint is that of the verdict: 'roadworthy gate' prints it, and it is in verdict.json.
    """
    response["Cache-Control"] = "no-store"
    try:
        return _shown(
            may_ship(request.actor, fingerprint=asked.fingerprint, environment=asked.environment, system=asked.system)
        )
    except (DatabaseError, OSError, RoadworthyError) as error:
        log.exception("clearance of %s could not be answered", asked.fingerprint[:12])
        trouble = Unanswerable("the question cannot be answered now, which is no clearance", remedy="Ask again.")
        trouble.__cause__ = error
        return problem_response(request, trouble)


def _shown(answer: Answer) -> dict[str, Any]:
    release, request = answer.release, answer.request
    return {
        "cleared": answer.cleared,
        "reasons": [{"check": one.check, "reason": one.reason, "remedy": one.remedy} for one in answer.reasons],
        "conditions": list(answer.conditions),
        "fingerprint": answer.fingerprint,
        "environment": answer.environment,
        "system": release.system.slug if release else None,
        "release": release.pk if release else None,
        "name": release.name if release else None,
        "verdict": release.verdict if release else None,
        "decision": request.state if request else None,
        "standard": str(release.standard) if release else None,
        "valid_until": answer.valid_until,
        "asked_at": answer.asked_at,
    }
