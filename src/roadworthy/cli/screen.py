"""The screen: one console for what a command says."""

from __future__ import annotations

import functools
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


_PIPE = 120
"""Columns where nobody says how many there are."""
_LEAST = 40
"""Fewer would leave tables without a word in a line."""


@functools.cache
def console() -> Console:
    """Return the console of the standard output; a pipe gets the columns of COLUMNS, else 120, and no colour."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else _columns(), highlight=False, soft_wrap=False)


def _columns() -> int:
    said = os.environ.get("COLUMNS", "")
    return max(_LEAST, int(said)) if said.isdecimal() and int(said) else _PIPE


def show(*renderables: RenderableType) -> None:
    """Print what rich can render."""
    for renderable in renderables:
        console().print(renderable)


def print_line(text: str = "") -> None:
    """Print one line as it is."""
    console().print(text, markup=False, soft_wrap=True)
