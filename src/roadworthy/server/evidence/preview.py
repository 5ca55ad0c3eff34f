"""Preview of a document: what can be shown of its beginning without running, loading or believing anything of it.

The content decides, and the ending of the name only among what the content allows. What passes the limits is cut and
says so; what is none of the kinds has no preview. Memory stays flat however large the file is.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from roadworthy.core.errors import EvidenceError
from roadworthy.documents.plain import plain
from roadworthy.server.evidence.first_rows import Rows, csv_rows, parquet_rows
from roadworthy.server.evidence.indenting import indented
from roadworthy.server.evidence.picture import Picture, picture_of

HEAD = 256 * 1024
"""Bytes of a text that are read."""
FORMATTED = 64 * 1024
"""Bytes up to which Markdown and JSON are laid out; longer ones are shown as they are written."""
_ENDS = {"md": "markdown", "markdown": "markdown", "json": "json", "csv": "table", "tsv": "table"}


class PreviewKind(StrEnum):
    """How a document is shown."""

    TEXT = "text"
    MARKDOWN = "markdown"
    JSON = "json"
    TABLE = "table"
    IMAGE = "image"
    NONE = "none"


@dataclass(frozen=True)
class Preview:
    """What is shown of a document."""

    kind: PreviewKind
    text: str = ""
    """Of text, Markdown (its source) and JSON (indented)."""
    rows: Rows | None = None
    """Of a table."""
    picture: Picture | None = None
    """Of an image."""
    cut: str = ""
    """What is not shown of it, in a sentence; empty when it is whole."""
    why: str = ""
    """Why there is no preview, in a sentence."""


def preview(path: Path, name: str) -> Preview:
    """Return what can be shown of the file at `path`, which somebody called `name`."""
    with path.open("rb") as stream:
        head = stream.read(HEAD + 1)
    whole = len(head) <= HEAD
    if head.startswith(b"PAR1"):
        return _table(lambda: parquet_rows(path))
    if (picture := picture_of(path)) is not None:
        return _image(picture)
    text = _text(head[:HEAD], whole)
    if text is None:
        return Preview(PreviewKind.NONE, why="It is neither text, a table nor a PNG or JPEG image.")
    return _written(text, _ENDS.get(name.rpartition(".")[2].lower(), "text"), len(head), whole)


def _written(text: str, ending: str, size: int, whole: bool) -> Preview:
    cut = "" if whole else f"Only the first {HEAD // 1024} KiB are shown."
    if ending == "table":
        return _table(lambda: csv_rows(text, whole))
    if ending != "text" and size > FORMATTED:
        cut = f"{cut} It is shown as it is written: only up to {FORMATTED // 1024} KiB are laid out.".strip()
    elif ending == "markdown":
        return Preview(PreviewKind.MARKDOWN, plain(text))
    elif ending == "json" and _is_json(text):
        return Preview(PreviewKind.JSON, plain(indented(text)))
    return Preview(PreviewKind.TEXT, plain(text), cut=cut)


def _table(read: Callable[[], Rows]) -> Preview:
    try:
        rows = read()
    except EvidenceError as error:
        return Preview(PreviewKind.NONE, why=f"{error.problem[:1].upper()}{error.problem[1:]}.")
    return Preview(PreviewKind.TABLE, rows=rows, cut=rows.cut)


def _image(picture: Picture) -> Preview:
    if picture.problem:
        return Preview(PreviewKind.NONE, why=picture.problem)
    return Preview(PreviewKind.IMAGE, picture=picture)


def _text(head: bytes, whole: bool) -> str | None:
    """Return the text of UTF-8; None for what is none."""
    if b"\0" in head:
        return None
    try:
        return codecs.getincrementaldecoder("utf-8-sig")().decode(head, final=whole)
    except UnicodeDecodeError:
        return None


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
