"""The API as a whole: one router for each noun, errors as problem+json, one OpenAPI document."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja.errors import HttpError, ValidationError

from roadworthy.core.errors import InputError, InputErrors, Place, RoadworthyError
from roadworthy.core.version import VERSION
from roadworthy.server.accounts.api import ROUTERS as ACCOUNTS
from roadworthy.server.api import doors
from roadworthy.server.api.document import DocumentedApi
from roadworthy.server.api.parser import StrictParser
from roadworthy.server.assessments.routers import ROUTERS as ASSESSMENTS
from roadworthy.server.audit.api import router as audit
from roadworthy.server.decisions.api import ROUTERS as DECISIONS
from roadworthy.server.doctor.api import router as health
from roadworthy.server.evidence.api import router as evidence
from roadworthy.server.evidence.api_documents import router as documents
from roadworthy.server.findings.api import router as findings
from roadworthy.server.jobs.api import router as jobs
from roadworthy.server.portfolio.api import router as portfolio
from roadworthy.server.releases.api import router as releases
from roadworthy.server.releases.api_keys import router as keys
from roadworthy.server.shell.problem import problem_response
from roadworthy.server.standards.api import router as standards
from roadworthy.server.systems.api import router as systems
from roadworthy.server.webhooks.api import router as webhooks

api = DocumentedApi(
    title="Roadworthy",
    version=VERSION,
    description="Decide, with evidence, whether an AI feature may ship.",
    urls_namespace="api",
    docs_url=None,
    openapi_url="openapi.json",
    parser=StrictParser(),
)
del doors
ROUTERS = [
    *DECISIONS,
    *ASSESSMENTS,
    releases,
    keys,
    evidence,
    documents,
    *ACCOUNTS,
    systems,
    standards,
    jobs,
    webhooks,
    audit,
    health,
    findings,
    portfolio,
]
for _router in ROUTERS:
    api.add_router("", _router)


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Say of each field what is wrong with it."""
    found = [
        InputError(str(one.get("msg", "not valid")), place=Place(".".join(str(part) for part in one.get("loc", ()))))
        for one in error.errors
    ]
    return problem_response(request, InputErrors(found))


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    problem = RoadworthyError(str(error), remedy="See the description of the operation.")
    problem.status = error.status_code  # type: ignore[attr-defined]
    problem.kind = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")  # type: ignore[attr-defined]
    return problem_response(request, problem)


@api.exception_handler(RoadworthyError)
def _raise(request: HttpRequest, error: RoadworthyError) -> Any:
    """Leave errors of the field to the door, which answers and records them for pages and API alike."""
    raise error
