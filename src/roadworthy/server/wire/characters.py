"""Characters that no database takes: they are refused at the door, so that no page must think of them."""

from __future__ import annotations

import json
from contextlib import suppress

from django.http import HttpRequest

from roadworthy.core.errors import InputError

_JSON = ("application/json", "application/scim+json", "application/merge-patch+json")
_FORM = "application/x-www-form-urlencoded"
_NUL = "\x00"


def need_storable(request: HttpRequest) -> None:
    """Raise InputError for a NUL or half a surrogate pair in path, query, form or JSON, and for JSON nested too deep.

    What is uploaded as a file is left alone.
    """
    query = str(request.META.get("QUERY_STRING", "")).lower()
    if _NUL in request.path or "%00" in query or _NUL in query:
        raise _bad()
    if request.content_type in _JSON:
        _need_storable_json(request.body)
    elif request.content_type == _FORM and any(_NUL in value for _, values in request.POST.lists() for value in values):
        raise _bad()


def _need_storable_json(body: bytes) -> None:
    with suppress(ValueError):  # what is no JSON at all, the operation itself refuses
        try:
            text = json.dumps(json.loads(body), ensure_ascii=False)
        except RecursionError as error:
            raise InputError("the JSON is nested too deep", remedy="Send what the operation describes.") from error
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise _bad() from error
        if "\\u0000" in text.replace("\\\\", ""):
            raise _bad()


def _bad() -> InputError:
    return InputError("a character was sent that no text may hold: NUL or half a pair", remedy="Take it out.")
