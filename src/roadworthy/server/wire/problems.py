"""Errors of the API in its description: which statuses an operation answers, all as problem+json (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from ninja import Field, Schema

MEDIA = "application/problem+json"
CHANGING = frozenset({"post", "put", "patch", "delete"})


class Fault(Schema):
    """One thing that is wrong with what was sent."""

    detail: str
    place: str = Field(description="Where it was sent: body.name, query.limit.")


class Problem(Schema):
    """Why the server will not, and what to do next."""

    type: str = Field(description="Kind of the problem, as an address.")
    title: str
    status: int
    detail: str
    remedy: str = Field(description="What to do next; empty where nothing helps.")
    instance: str = Field(description="Id of the request, as in the log and in X-Request-ID.")
    place: str = ""
    errors: list[Fault] = []


def problems(*statuses: int) -> dict[int, type[Problem]]:
    """Return errors that an operation answers beside those that every one may."""
    return dict.fromkeys(statuses, Problem)


def with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """Add to each operation of an OpenAPI document the errors that it can answer.

    Every operation: 401, 403, 404, 422. With a body: 400, 413. When it changes something: 409. With If-Match: 412, 428.
    """
    document["components"].setdefault("schemas", {}).update(_schemas())
    document["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"token": []}]
    for operations in document["paths"].values():
        for method, operation in operations.items():
            if not isinstance(operation, dict):
                continue
            responses = operation["responses"]
            stated = {int(status) for status in responses if int(status) >= HTTPStatus.BAD_REQUEST}
            for status in sorted(stated | _statuses(method, operation)):
                responses[status] = _response(status)
    return document


def _statuses(method: str, operation: dict[str, Any]) -> set[int]:
    named = {str(one.get("name", "")).lower() for one in operation.get("parameters", [])}
    found = {401, 403, 404, 422}
    if "requestBody" in operation:
        found |= {400, 413}
    if method in CHANGING:
        found.add(409)
    if "if-match" in named:
        found |= {412, 428}
    return found


def _response(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": HTTPStatus(status).phrase, "content": {MEDIA: {"schema": schema}}}


def _schemas() -> dict[str, Any]:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = schema.pop("$defs", {})
    return {"Problem": schema, **parts}
