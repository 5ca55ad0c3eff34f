"""Names: slugs, and the nearest known one to a mistyped one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

SLUG = re.compile(r"^[a-z0-9][a-z0-9._-]{0,63}$")


def nearest(name: str, known: Iterable[str]) -> str | None:
    """Return the known name closest to `name`, if one is close."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.55)
    return found[0] if found else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Write a remedy for an unknown name: the nearest one, else the list of all."""
    names = sorted(known)
    close = nearest(name, names)
    if close:
        return f"Did you mean {close!r}?"
    return f"Known: {', '.join(names)}." if names else "None is known here."
