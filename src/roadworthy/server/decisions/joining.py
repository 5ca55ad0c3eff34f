"""What this app hears from others, does by itself, and adds to their pages."""

from __future__ import annotations

from roadworthy.server.access.events import listen
from roadworthy.server.access.permissions import Permission
from roadworthy.server.decisions import carrying, reopening, tasks
from roadworthy.server.decisions.clearing import obstacles, speaks_against
from roadworthy.server.decisions.parts import add_parts
from roadworthy.server.decisions.provenance import what_was_decided
from roadworthy.server.decisions.tiers import follow_tier, tier_limits
from roadworthy.server.jobs.board import Job, pin
from roadworthy.server.releases.clearing import add_check
from roadworthy.server.releases.provenance import add_further
from roadworthy.server.shell.navigation import Page, show
from roadworthy.server.systems.override import FOLLOW
from roadworthy.server.systems.tier_authority import LIMITS


def join() -> None:
    """Listen to events, pin the job, add pages and tabs."""
    _listen()
    add_check(speaks_against)
    add_parts()
    add_check(obstacles)
    add_further(what_was_decided)
    if follow_tier not in FOLLOW:
        FOLLOW.append(follow_tier)
        LIMITS.append(tier_limits)
    _show()
    pin(Job(tasks.JOB, "Reopen decisions that no longer hold", tasks.EVERY, tasks.reopen_due))


def _show() -> None:
    show(
        [
            Page("Decide", "Decisions", "decisions:list", Permission.RELEASE_READ, 20, "decisions"),
            Page("Decide", "Exceptions", "decisions:exceptions", Permission.RELEASE_READ, 30, "exceptions"),
            Page("Decide", "Vendor changes", "decisions:vendor_changes", Permission.TIER_SET, 40, "external"),
            Page("Administration", "Authority", "decisions:authority", Permission.STANDARD_READ, 40, "authority"),
        ]
    )


def _listen() -> None:
    listen("release.superseded", reopening.superseded)
    listen("release.withdrawn", reopening.withdrawn)
    listen("release.received", carrying.received)
    listen("system.version_saved", reopening.version_saved)
    for name in ("standard.in_force", "standard.published", "standard.acceptance_ended"):
        listen(name, tasks.soon)
    for name in ("authority.added", "authority.changed", "authority.removed"):
        listen(name, tasks.soon)
    listen("*", tasks.hear_of_people)
