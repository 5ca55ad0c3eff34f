"""JSON laid out without reading values: every number and every double key stays as it was written."""

from __future__ import annotations

import re
from collections.abc import Iterator

DEEPEST = 24
"""Levels that are set in; deeper ones stand at this one."""
_MARK = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+', re.DOTALL)
_EMPTY = {"{": "}", "[": "]"}


def indented(text: str) -> str:
    """Return JSON with one value on each line, set in by level; raises nothing, also for what is no JSON."""
    return "".join(_pieces(_MARK.findall(text)))


def _pieces(marks: list[str]) -> Iterator[str]:
    level, before = 0, ""
    for mark in marks:
        if mark in "}]":
            level -= 1
            if _EMPTY.get(before) != mark:
                yield _line(level)
        elif before in {"{", "[", ","}:
            yield _line(level)
        yield f"{mark} " if mark == ":" else mark
        level += mark in "{["
        before = mark


def _line(level: int) -> str:
    return "\n" + "  " * max(0, min(level, DEEPEST))
