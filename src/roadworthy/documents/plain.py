"""Text from outside, made harmless for a line of text: no control characters, no hidden reordering."""

from __future__ import annotations

import re

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""C0 and C1 controls (escape sequences start with one), lone surrogates and non-characters."""
_REORDERING = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Directional marks and overrides: with one, a name could make `hold` read as something else."""


def plain(text: str) -> str:
    """Replace control characters by a visible mark and drop directional overrides; line breaks stay."""
    return _REORDERING.sub("", _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n")))


def one_line(text: str, limit: int | None = None) -> str:
    """Write `text` on one line, cut to `limit` characters with an ellipsis."""
    line = " ".join(plain(text).split())
    return line if limit is None or len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def sentence(text: str) -> str:
    """Write `text` as a sentence: capital first, full stop last."""
    line = one_line(text)
    if not line:
        return line
    return f"{line[0].upper()}{line[1:]}{'' if line[-1] in '.:?' else '.'}"
