"""The OpenAPI document: what every operation shares is said of every operation."""

from __future__ import annotations

from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What went wrong, why, and what to do next (RFC 9457).",
    "required": ["type", "title", "status", "detail", "remedy", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Kind of the problem."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong."},
        "remedy": {"type": "string", "description": "What to do next."},
        "instance": {"type": "string", "description": "Id of the request, as in the log."},
        "place": {"type": "string", "description": "Where in the input, where that is known."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"detail": {"type": "string"}, "place": {"type": "string"}},
            },
        },
    },
}
SHARED = {
    400: "The request cannot be read.",
    401: "Nobody is signed in.",
    403: "The actor may not do this.",
    404: "There is no such thing that the actor may see.",
    422: "Something in the request is not valid.",
}
CHANGING = {
    409: "It is in another state than the request supposes.",
    412: "Somebody changed it meanwhile; If-Match names an older revision.",
    413: "More was sent than is received.",
    428: "The request must name the revision that it changes as If-Match.",
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag that was read; needed to change what has one.",
    "schema": {"type": "string"},
}
IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Send the same key again to have the same answer, and no second effect.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
}


class DocumentedApi(NinjaAPI):
    """An API whose document names its errors, its keys and how one signs in."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the document."""
        schema = super().get_openapi_schema(**options)
        parts = schema.setdefault("components", {})
        parts.setdefault("schemas", {})["Problem"] = PROBLEM
        parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        schema["security"] = [{"token": []}]
        for path in schema["paths"].values():
            for method, operation in path.items():
                _complete(method, operation)
        return schema


def _complete(method: str, operation: dict[str, Any]) -> None:
    known = SHARED | (CHANGING if method != "get" else {})
    for status, description in known.items():
        answer = {"description": description, "content": _content()}
        operation["responses"].setdefault(status, answer)
    parameters = operation.setdefault("parameters", [])
    if method in {"put", "patch", "delete"}:
        parameters.append(IF_MATCH)
    if method == "post":
        parameters.extend([IF_MATCH, IDEMPOTENCY])


def _content() -> dict[str, Any]:
    return {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
