"""The API does what its OpenAPI document says, whatever it is asked; schemathesis asks."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from roadworthy.server.wsgi import application

load_all_checks()
# What is valid by its schema can still be refused: a name that is taken, a state that does not allow it.
CHECKED = [check for check in CHECKS.get_all() if check is not positive_data_acceptance]
# A wrong If-Match is answered with 412, a missing one with 428, as RFC 9110 and RFC 6585 have it.
CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            "negative_data_rejection": {"expected-statuses": ["4xx"]},
            "missing_required_header": {"expected-statuses": ["4xx"]},
        }
    }
)


def served(environ: Any, start_response: Any) -> list[bytes]:
    """Answer and close as a server does, so that the files of a form go with its request."""
    answer = application(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


@schemathesis.serializer("application/zip")
def as_it_is(context: Any, value: Any) -> bytes:
    """Send a body that is no structure of ours."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", served, config=CONFIG)


@pytest.fixture(autouse=True)
def _connection_of_the_test():
    """Let requests use the connection of the test, in whose transaction its rows are."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(people) -> str:
    """A token of somebody who may do nearly everything."""
    return people.token(people.person("administrator", "responsible-ai-lead"))


@pytest.mark.stress
@pytest.mark.django_db
@schema.parametrize()
@settings(max_examples=5, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_the_api_does_what_its_document_says(case, token):
    case.call_and_validate(checks=CHECKED, headers={"Authorization": f"Bearer {token}"})
