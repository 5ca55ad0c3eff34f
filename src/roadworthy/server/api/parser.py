"""Bodies of the API: one JSON object, read strictly."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser


class StrictParser(Parser):
    """Reads bodies that are one JSON object, without NaN and without a key twice."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the object; raises ValueError, which is answered as unreadable, for anything else."""
        try:
            value = json.loads(request.body, parse_constant=_refuse, object_pairs_hook=_once)
        except RecursionError as error:
            raise ValueError("the body is nested too deeply") from error
        if not isinstance(value, dict):
            raise ValueError("the body is no JSON object")
        return value


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found
