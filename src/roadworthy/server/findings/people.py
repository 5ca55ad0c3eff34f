"""People who can own a finding: those who can work on it where its system is."""

from __future__ import annotations

from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts import concerned
from roadworthy.server.accounts.models import User
from roadworthy.server.systems.models import System


def candidates(system: System | None = None) -> list[User]:
    """Return the active people who may write findings of a system, or of some; by name."""
    return concerned.candidates(Permission.FINDING_WRITE, system)
