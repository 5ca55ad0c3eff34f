"""Declarations between the types of `declare` and the rows: canonical text, digest, and what columns can hold."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import rfc8785

from roadworthy.core.digests import canonical_json, sha256_bytes
from roadworthy.core.errors import InputError
from roadworthy.declare.load import system_value
from roadworthy.declare.system import System as Declaration
from roadworthy.server.systems.models import SystemVersion


def sealed(declaration: Declaration) -> tuple[str, str]:
    """Return the canonical JSON of a declaration and its SHA-256.

    Raises InputError for text that cannot be stored, and for numbers beyond 2**53.
    """
    value = system_value(declaration)
    if unstorable(value):
        raise InputError("the declaration holds NUL or broken characters", remedy="Remove them; they cannot be stored.")
    try:
        text = canonical_json(value)
    except (rfc8785.CanonicalizationError, UnicodeError) as error:
        raise InputError(
            f"the declaration cannot be written as JSON: {str(error)[:200]}",
            remedy="Use whole characters, and numbers up to 9007199254740991.",
        ) from error
    return text.decode(), sha256_bytes(text)


def declared(version: SystemVersion) -> Declaration:
    """Return the declaration that a version holds."""
    return Declaration.model_validate(json.loads(version.declaration))


def unstorable(value: Any) -> bool:
    """Tell whether a text within holds a NUL or half of a surrogate pair, which no database stores."""
    return any("\x00" in text or any("\ud800" <= char <= "\udfff" for char in text) for text in _texts(value))


def _texts(value: Any) -> Iterable[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
