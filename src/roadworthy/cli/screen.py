"""The screen: one console for what a command says."""

from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console, RenderableType


@functools.cache
def console() -> Console:
    """Return the console of the standard output; a pipe gets 120 columns and no colour."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else 120, highlight=False, soft_wrap=False)


def show(*renderables: RenderableType) -> None:
    """Print what rich can render."""
    for renderable in renderables:
        console().print(renderable)


def print_line(text: str = "") -> None:
    """Print one line as it is."""
    console().print(text, markup=False, soft_wrap=True)
