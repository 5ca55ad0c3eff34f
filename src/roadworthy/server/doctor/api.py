"""Health over the API."""

from __future__ import annotations

from ninja import Router

from roadworthy.server.access.request import Request
from roadworthy.server.doctor.examination import LITTLE, examine, worst
from roadworthy.server.doctor.schemas import CheckOut, HealthOut

router = Router(tags=["Health"])


@router.get("/health/checks", response=HealthOut, url_name="health_checks", summary="Examine the installation")
def health_checks(request: Request) -> HealthOut:
    """Ask the checks that cost little, those of 'roadworthy doctor' without other services and without --deep."""
    results = examine(LITTLE)
    return HealthOut(level=worst(results), checks=[CheckOut.of(result) for result in results])
