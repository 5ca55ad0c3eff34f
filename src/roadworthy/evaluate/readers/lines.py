"""Lines of a text file, with a cap on each, so that a file without line breaks cannot fill the memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from roadworthy.core.errors import InputError, Place
from roadworthy.evaluate.readers.row import MAX_LINE_BYTES, too_long, unreadable

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


def read_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (line number, bytes) with the line end kept; a byte order mark at the start is dropped."""
    try:
        with path.open("rb") as stream:
            number = 0
            while line := stream.readline(MAX_LINE_BYTES + 1):
                number += 1
                if len(line) > MAX_LINE_BYTES:
                    raise too_long(path, number)
                yield number, line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
    except OSError as error:
        raise unreadable(path, error) from error


def decode(path: Path, number: int, line: bytes) -> str:
    """Decode one line as UTF-8; the error names the line and the byte."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            f"byte {line[error.start]:#04x} is not valid UTF-8",
            place=Place(path, number),
            remedy="Save the file as UTF-8.",
        ) from error
