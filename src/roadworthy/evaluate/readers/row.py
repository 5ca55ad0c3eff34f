"""What every reader shares: the row it yields, its limits and its errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from roadworthy.core.errors import InputError, Place
from roadworthy.core.names import did_you_mean

MAX_LINE_BYTES = 4 * 1024 * 1024
"""Longest line that is read; a longer one is refused without being read into memory."""

Row = tuple[int, dict[str, Any]]
"""Line number from 1, and the fields."""

Reader = Callable[[Path, frozenset[str] | None], Iterator[Row]]
"""A path, and the columns that are needed (None for all), to rows."""


def top_level(columns: Iterable[str], known: Iterable[str]) -> set[str]:
    """Map needed names, dotted ones included, to the columns of the file that hold them."""
    have = set(known)
    return {name if name in have else name.split(".")[0] for name in columns}


def missing_column(name: str, known: Iterable[str], place: Place) -> InputError:
    """Make the error for a column that is not there."""
    return InputError(f"there is no column {name!r}", place=place, remedy=did_you_mean(name, known))


def too_long(path: Path, line: int) -> InputError:
    """Make the error for a line beyond the limit."""
    return InputError(
        f"the line is longer than {MAX_LINE_BYTES:,} bytes",
        place=Place(path, line),
        remedy="Write one object a line; keep large content in files of its own.",
    )


def unreadable(path: Path, error: OSError) -> InputError:
    """Make the error for a file that cannot be opened or read."""
    return InputError(
        f"cannot read the dataset: {error.strerror or error}",
        place=Place(path),
        remedy="Check the path and its permissions.",
    )
