"""Who is asked before a release counts as shipped. Apps above add their checks; without any, nothing is cleared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from roadworthy.server.releases.models import Release


@dataclass(frozen=True)
class Obstacle:
    """Why a release may not be deployed, and what to do about it."""

    reason: str
    remedy: str


ClearingCheck = Callable[[Release, str], list[Obstacle]]
"""Takes a release and an environment; returns what speaks against."""
CHECKS: list[ClearingCheck] = []


def add_check(check: ClearingCheck) -> None:
    """Ask `check` before each shipping; an app does so in its `ready()`."""
    if check not in CHECKS:
        CHECKS.append(check)


def obstacles(release: Release, environment: str) -> list[Obstacle]:
    """Return everything that speaks against deploying a release to an environment; nobody to ask is one of them."""
    if not CHECKS:
        return [Obstacle("nothing on this server can clear a release", "Enable the app that decides about releases.")]
    return [found for check in CHECKS for found in check(release, environment)]
