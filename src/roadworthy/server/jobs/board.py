"""The board of jobs that come back: each app pins its own in `ready()`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Job:
    """Something that the server does by itself, again and again."""

    name: str
    title: str
    every: timedelta
    run: Callable[[datetime], str]
    """Takes the time; returns what came of it in one line. May be run twice for one time, and must not mind."""


_BOARD: dict[str, Job] = {}


def pin(*jobs: Job) -> None:
    """Put jobs on the board; a second job of a name is an error."""
    for job in jobs:
        if _BOARD.get(job.name, job) != job:
            raise ValueError(f"two jobs are called {job.name!r}")
        _BOARD[job.name] = job


def board() -> dict[str, Job]:
    """Return every job by name."""
    return dict(_BOARD)
