"""What this app hears from others, does by itself, and adds to their pages."""

from __future__ import annotations

from roadworthy.server.access.events import listen
from roadworthy.server.decisions import reopening, tasks
from roadworthy.server.jobs.board import Job, pin


def join() -> None:
    """Listen to events, pin the job, add pages and tabs."""
    _listen()
    pin(Job(tasks.JOB, "Reopen decisions that no longer hold", tasks.EVERY, tasks.reopen_due))


def _listen() -> None:
    listen("release.superseded", reopening.superseded)
    listen("release.received", reopening.received)
    listen("system.version_saved", reopening.version_saved)
    for name in ("standard.in_force", "standard.published", "standard.acceptance_ended"):
        listen(name, tasks.soon)
    for name in ("authority.added", "authority.changed", "authority.removed"):
        listen(name, tasks.soon)
    listen("*", tasks.hear_of_people)
