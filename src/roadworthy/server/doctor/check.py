"""What a check is, and what it says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How a check came out."""

    OK = "ok"
    WARNING = "warning"
    """It works, and somebody should look."""
    FAILED = "failed"
    """Something does not work, or cannot be trusted."""
    NOT_ASKED = "not asked"
    """What it rests on failed, or it was not asked for."""


class Cost(StrEnum):
    """What it takes to ask."""

    LITTLE = "little"
    """A few queries; asked for the page, too."""
    OUTSIDE = "outside"
    """Asks another service."""
    DEEP = "deep"
    """Reads everything that is kept."""


@dataclass(frozen=True)
class Answer:
    """What a check found."""

    level: Level
    detail: str
    remedy: str = ""
    """What to do next; empty where all is well."""


@dataclass(frozen=True)
class Check:
    """One question to the installation."""

    name: str
    title: str
    ask: Callable[[], Answer]
    cost: Cost = Cost.LITTLE
    rests_on: str = ""
    """Name of the check without whose success this one cannot be asked."""


@dataclass(frozen=True)
class Result:
    """A check with its answer."""

    check: Check
    answer: Answer


def ok(detail: str) -> Answer:
    """Say that all is well."""
    return Answer(Level.OK, detail)


def warning(detail: str, remedy: str) -> Answer:
    """Say that somebody should look."""
    return Answer(Level.WARNING, detail, remedy)


def failed(detail: str, remedy: str) -> Answer:
    """Say that something does not work."""
    return Answer(Level.FAILED, detail, remedy)
