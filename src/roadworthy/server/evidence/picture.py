"""PNG and JPEG images: told by their first bytes, measured by their headers, never decoded here."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

LARGEST = 8 * 1024 * 1024
"""Bytes of an image that is shown."""
MOST_PIXELS = 40_000_000
"""Pixels of an image that is shown: a small file can hold more than a browser should lay out."""
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of JPEG whose segment holds the size (ITU-T T.81, B.1.1.3)."""
_MOST_SEGMENTS = 500


@dataclass(frozen=True)
class Picture:
    """An image."""

    media_type: str
    width: int
    """Pixels."""
    height: int
    problem: str = ""
    """Why it is not shown, in a sentence; empty when it is."""


def picture_of(path: Path) -> Picture | None:
    """Return what the header of an image says; None for what is neither PNG nor JPEG."""
    with path.open("rb") as stream:
        start = stream.read(24)
        if start.startswith(_PNG):
            width, height = struct.unpack(">II", start[16:24]) if len(start) == 24 else (0, 0)
            return _measured(path, "image/png", width, height)
        if start.startswith(_JPEG):
            return _measured(path, "image/jpeg", *_frame(stream))
    return None


def _measured(path: Path, media_type: str, width: int, height: int) -> Picture:
    problem = ""
    if not width or not height:
        problem = "Its header does not say how large the image is."
    elif path.stat().st_size > LARGEST or width * height > MOST_PIXELS:
        problem = f"Images of at most {LARGEST // 1024**2} MiB and {MOST_PIXELS // 10**6} million pixels are shown."
    return Picture(media_type, width, height, problem)


def _frame(stream: BinaryIO) -> tuple[int, int]:
    """Return width and height of a JPEG; zeros where no frame is found."""
    stream.seek(2)
    for marker, length in _segments(stream):
        if marker in _FRAMES:
            header = stream.read(5)
            if len(header) == 5:
                _, height, width = struct.unpack(">BHH", header)
                return width, height
        stream.seek(length - 2, 1)
    return 0, 0


def _segments(stream: BinaryIO) -> Iterator[tuple[int, int]]:
    for _ in range(_MOST_SEGMENTS):
        head = stream.read(4)
        if len(head) < 4 or head[0] != 0xFF or head[1] == 0xDA:
            return
        length = struct.unpack(">H", head[2:])[0]
        if length < 2:
            return
        yield head[1], length
