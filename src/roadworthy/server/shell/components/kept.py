"""Keep what is drawn the same each time: a page of fifty rows draws the same few chips and days again and again."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from django.utils.translation import get_language

P = ParamSpec("P")
R = TypeVar("R")
KEPT = 2048
"""Drawings of each kind."""


def kept(draw: Callable[P, R]) -> Callable[P, R]:
    """Keep what a function draws, by its arguments and the language; for those that depend on nothing else."""

    @lru_cache(maxsize=KEPT, typed=True)  # typed: a choice equals its value, and has other words
    def in_language(_language: str | None, *args: P.args, **kwargs: P.kwargs) -> R:
        return draw(*args, **kwargs)

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> R:
        return in_language(get_language(), *args, **kwargs)  # type: ignore[arg-type]  # words and choices hash

    return drawn
