"""What an event is about, as the audit trail, notices and webhooks name it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Subject:
    """A thing by kind and id."""

    kind: str
    """system, version, release, finding, exception, request, standard, user, role, grant, token, ..."""
    id: str
    title: str
    system: str = ""
    """Id (slug) of the system that it belongs to, where it belongs to one."""
    url: str = ""
    """Path of its page."""
