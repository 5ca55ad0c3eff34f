"""The OpenAPI document: what every operation shares is said of every operation."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from roadworthy.server.wire.problems import with_problems

IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that was read; needed to change what has one.",
    "schema": {"type": "string"},
}
IDEMPOTENCY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Send the same key again to have the same answer, and no second effect.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}
HEADERS = {"put": (IF_MATCH,), "patch": (IF_MATCH,), "delete": (IF_MATCH,), "post": (IF_MATCH, IDEMPOTENCY)}
"""What changing operations may be told, by method."""


class DocumentedApi(NinjaAPI):
    """An API whose document names its errors, its keys and how one signs in."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the document."""
        schema = super().get_openapi_schema(**options)
        for path in schema["paths"].values():
            for method, operation in path.items():
                known = {str(one.get("name", "")).lower() for one in operation.setdefault("parameters", [])}
                operation["parameters"] += [h for h in HEADERS.get(method, ()) if h["name"].lower() not in known]
        with_problems(schema)
        return schema
