"""One JSON object in a file, as many tools write their whole log: bounded, and refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NoReturn

from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.readers.row import unreadable

MAX_JSON_BYTES = 256 * 1024 * 1024
"""Largest file that is read into memory at once."""


def read_json_object(path: Path, *, not_a_number: bool = False) -> dict[str, Any]:
    """Read the object. NaN and infinities are refused, unless the tool means something by `not_a_number`.

    Raises InputError on a huge file, on what is not JSON, and on JSON that is not an object.
    """
    try:
        size = path.stat().st_size
        if size > MAX_JSON_BYTES:
            raise InputError(
                f"the file has {size:,} bytes; at most {MAX_JSON_BYTES:,} are read at once",
                place=Place(path),
                remedy="Split the log, or write it in a format that is read piece by piece.",
            )
        data = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    return parse_json_object(data, Place(path), not_a_number=not_a_number)


def parse_json_object(data: bytes, place: Place, *, not_a_number: bool = False) -> dict[str, Any]:
    """Parse one object; see read_json_object."""
    try:
        value = json.loads(data, parse_constant=float if not_a_number else _refuse)
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"this is not valid JSON: {error}", place=place, remedy="Fetch or export the file again."
        ) from error
    if not isinstance(value, dict):
        raise InputError("this is not one JSON object", place=place, remedy="Name the log that the tool wrote.")
    return value


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a number")
