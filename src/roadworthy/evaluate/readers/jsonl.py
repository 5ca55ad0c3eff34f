"""JSON Lines: one object a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.readers.lines import decode, read_lines
from roadworthy.evaluate.readers.row import Row


def read_jsonl(path: Path, columns: frozenset[str] | None) -> Iterator[Row]:  # noqa: ARG001
    """Yield the objects of a JSON Lines file; empty lines are passed over.

    Objects differ in their keys, so that the columns are checked on each by the dataset.
    """
    parse = msgspec.json.Decoder().decode
    for number, line in read_lines(path):
        text = decode(path, number, line)
        if text.strip():
            yield number, parse_object(text, Place(path, number), parse)


def parse_object(text: str | bytes, place: Place, parse: Any = msgspec.json.decode) -> dict[str, Any]:
    """Parse one JSON object. Raises InputError on anything else, NaN included."""
    try:
        value = parse(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise InputError(
            f"this is not valid JSON: {error}", place=place, remedy="Write one JSON object, without NaN."
        ) from error
    if not isinstance(value, dict):
        raise InputError(f"expected an object, found {_kind(value)}", place=place, remedy='Write {"id": ..., ...}.')
    return value


def _kind(value: Any) -> str:
    names = {list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "null")
