"""The pages of the documentation, as tests read them."""

from __future__ import annotations

import functools
import re
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
sys.path.insert(0, str(DOCS))
"""The generator of the pages lies beside them."""

_FENCE = re.compile(r"^```([a-z]*) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")


def pages() -> list[Path]:
    """List every Markdown page that is committed with the code."""
    top = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
    return [*top, *sorted(DOCS.rglob("*.md")), *sorted((ROOT / "examples").glob("*/README.md"))]


def shown(path: Path) -> str:
    """Name a page for a failing test."""
    return path.relative_to(ROOT).as_posix()


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file it is to be saved as, its text."""

    language: str
    file: str
    text: str


def blocks(path: Path) -> list[Block]:
    """List the fenced blocks of a page."""
    return [Block(*found) for found in _FENCE.findall(path.read_text(encoding="utf-8"))]


def prose(path: Path) -> str:
    """Return a page without its fenced blocks."""
    return _FENCE.sub("", path.read_text(encoding="utf-8"))


def headings(path: Path) -> list[str]:
    """List the headings of a page."""
    return _HEADING.findall(prose(path))


def links(path: Path) -> list[str]:
    """List the targets of the links of a page."""
    return _LINK.findall(re.sub(r"`[^`\n]*`", "", prose(path)))


@functools.cache
def anchors(path: Path) -> frozenset[str]:
    """Return the anchors that code hosts make of the headings of a page."""
    found: dict[str, int] = {}
    result = set()
    for heading in headings(path):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        count = found.get(slug, 0)
        found[slug] = count + 1
        result.add(f"{slug}-{count}" if count else slug)
    return frozenset(result)


def first_cells(path: Path) -> set[str]:
    """Return the first cell of every table row of a page, without the marks of code."""
    rows = re.findall(r"^\| ([^|]+) \|", prose(path), re.MULTILINE)
    return {row.strip().strip("`") for row in rows}
