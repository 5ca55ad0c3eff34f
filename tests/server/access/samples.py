"""A body that an operation accepts, made from its schema in the OpenAPI document."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

TEXTS = ["x", "a", "a" * 64, "2099-01-01T00:00:00Z", "2099-01-01", "high", "1.0", "x-1", '"r1"', "a" * 32]


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    from roadworthy.server.api.api import api

    return dict(api.get_openapi_schema())


def body_of(route: str, method: str) -> Any:
    """Return a value for the JSON body of an operation; None when it takes none."""
    operation = document()["paths"]["/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route)][method.lower()]
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return None if schema is None else sample(schema)


def sample(schema: dict[str, Any]) -> Any:
    """Return the smallest value that a schema allows."""
    if "$ref" in schema:
        return sample(document()["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema:
            return sample(schema[name][0])
    if "const" in schema or "enum" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type")
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: sample(properties[name]) for name in schema.get("required", [])}
    if kind == "array":
        return [sample(schema["items"]) for _ in range(schema.get("minItems", 0))]
    if kind == "string":
        return _text(schema)
    return {"integer": schema.get("minimum", 1), "number": schema.get("minimum", 0.5), "boolean": True}.get(kind)


def _text(schema: dict[str, Any]) -> str:
    if schema.get("format") in {"date-time", "date"}:
        return "2099-01-01T00:00:00Z" if schema["format"] == "date-time" else "2099-01-01"
    low, high = schema.get("minLength", 0), schema.get("maxLength", 10**6)
    for text in [*TEXTS, "x" * max(low, 1)]:
        if low <= len(text) <= high and re.search(schema.get("pattern", ""), text):
            return text
    raise AssertionError(f"add a text to samples.TEXTS that fits {schema}")
