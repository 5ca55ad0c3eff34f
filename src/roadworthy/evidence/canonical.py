"""Canonical JSON (RFC 8785), read back so strictly that any changed byte is noticed."""

from __future__ import annotations

import json
from typing import Any

import rfc8785

from roadworthy.core.digests import canonical_json
from roadworthy.core.errors import EvidenceError, Place

MAX_BYTES = 16 * 1024 * 1024
_SAFE_INTEGER = 2**53 - 1
_REMEDY = "Get the file again from whoever made it; it has been altered or is not an evidence file."


def write_canonical(value: Any) -> bytes:
    """Serialise `value`, and make sure that it can be read back.

    Raises EvidenceError on NaN, infinities, integers beyond 2**53 and values that JSON does not know.
    """
    try:
        data = canonical_json(value)
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeError) as error:
        raise EvidenceError(
            f"this cannot be written as evidence: {error}",
            remedy="Use text, finite numbers, true, false, null, lists and keys only.",
        ) from error
    if len(data) > MAX_BYTES:
        raise EvidenceError(
            f"this has {len(data):,} bytes as JSON; at most {MAX_BYTES:,} are sealed",
            remedy="Keep large content in an object and name its digest.",
        )
    return data


def read_canonical(data: bytes, place: Place | None = None) -> Any:
    """Parse canonical JSON.

    Raises EvidenceError unless `data` is, byte for byte, the RFC 8785 form of its value: other spacing or
    order, duplicate keys, trailing bytes, NaN and invalid UTF-8 are refused.
    """
    if len(data) > MAX_BYTES:
        raise EvidenceError(f"{len(data):,} bytes; at most {MAX_BYTES:,} are read", place=place, remedy=_REMEDY)
    fractions: list[str] = []

    def fraction(digits: str) -> float:
        fractions.append(digits)
        return float(digits)

    try:
        text = data.decode("utf-8")
        value = json.loads(text, parse_int=_number, parse_float=fraction, parse_constant=_refuse)
        same = (not fractions and _is_plain(text, value)) or canonical_json(value) == data
    except (ValueError, RecursionError) as error:
        raise EvidenceError(f"this is not JSON: {error}", place=place, remedy=_REMEDY) from error
    if not same:
        raise EvidenceError("this is not canonical JSON (RFC 8785)", place=place, remedy=_REMEDY)
    return value


def _is_plain(text: str, value: Any) -> bool:
    """Tell quickly that `text`, which holds no fraction, is canonical; False only means that it may not be.

    In ASCII, where the orders of UTF-16 and of code points agree, Python spells all but numbers as RFC 8785 does.
    """
    return text.isascii() and text == json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _number(text: str) -> int | float:
    """Read digits as JSON does: a double beyond 2**53, as RFC 8785 writes 1e16 as 10000000000000000."""
    if len(text) > 25:
        raise ValueError("a number is too long")
    number = int(text)
    return number if abs(number) <= _SAFE_INTEGER else float(text)


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is not a number")
