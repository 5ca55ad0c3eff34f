"""Text from outside, made safe for Markdown of a code host."""

from __future__ import annotations

import re

from roadworthy.documents.plain import one_line, plain

_MARKS = re.compile(r"([\\`*_{}\[\]|~$])")
_START = re.compile(r"^([-+#=]|\d+[.)](?=\s|$))")
_LINKED = re.compile(r"(?i)(@|#)(?=\w)|(:)(?=//)|(\bwww)(?=\.)|(\bGH)(?=-\d)|(!)(?=\d)")
_CODE = re.compile(r"`([^`]+)`")
_JOINER = "\N{WORD JOINER}"
"""Invisible and of no width; it stops code hosts from linking mentions, issue numbers and addresses."""


def escape(text: str, limit: int | None = None, *, trim: bool = True) -> str:
    """Write `text` so that Markdown shows it as it is, without any markup, mention or link of its own."""
    line = one_line(text, limit) if trim else plain(text)
    line = _START.sub(_escape_start, _MARKS.sub(r"\\\1", line))
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _LINKED.sub(lambda found: f"{found[0]}{_JOINER}", line)


def _escape_start(found: re.Match[str]) -> str:
    return f"{found[0][:-1]}\\{found[0][-1]}"


def prose(text: str, limit: int | None = None) -> str:
    """Write `text` like escape, but keep commands between backticks as code."""
    pieces = _CODE.split(one_line(text, limit))
    return "".join(code(piece) if place % 2 else escape(piece, trim=False) for place, piece in enumerate(pieces))


def code(text: str) -> str:
    """Write an id or a digest as inline code; backticks and pipes inside cannot break out."""
    return f"`{one_line(text).replace('`', '´').replace('|', '¦') or ' '}`"


def table(headings: list[str], rows: list[list[str]]) -> list[str]:
    """Write a table; cells must have been escaped."""
    lines = [f"| {' | '.join(headings)} |", f"|{'|'.join(' --- ' for _ in headings)}|"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]
