"""The table of doors: each page and each operation of the API, and the permission that opens it.

Every URL of the server has an entry; a test walks them all with every role. A door without an entry stays shut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from roadworthy.server.access.permissions import Permission


@dataclass(frozen=True)
class Opening:
    """What opens a door: a permission, being signed in, or nothing at all."""

    permission: Permission | None = None
    signed_in: bool = True
    shut: bool = False
    """Open to nobody: an address of a library that is not used here."""


PUBLIC = Opening(signed_in=False)
SIGNED_IN = Opening()
SHUT = Opening(signed_in=False, shut=True)

_DOORS: dict[str, Opening] = {}


def opens(doors: Mapping[str, Opening | Permission]) -> None:
    """Add doors to the table: `GET systems:list` -> what opens it. A second entry for a door is an error."""
    for door, opening in doors.items():
        entry = Opening(opening) if isinstance(opening, Permission) else opening
        if _DOORS.get(door, entry) != entry:
            raise ValueError(f"two entries for the door {door!r}")
        _DOORS[door] = entry


def opening(method: str, view: str) -> Opening | None:
    """Return what opens a door; HEAD opens as GET does, and OPTIONS too. None: the door is not in the table."""
    asked = "GET" if method in {"HEAD", "OPTIONS"} else method
    return _DOORS.get(f"{asked} {view}")


def methods(view: str) -> list[str]:
    """Return the methods for which a page or operation has a door."""
    asked = sorted(door.split(" ", 1)[0] for door in _DOORS if door.split(" ", 1)[1] == view)
    return [*asked, "HEAD", "OPTIONS"] if "GET" in asked else asked


def doors() -> Mapping[str, Opening]:
    """Return the whole table."""
    return _DOORS
