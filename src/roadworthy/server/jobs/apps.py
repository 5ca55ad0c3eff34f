"""The app `jobs`."""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.jobs"
    label = "jobs"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.access.events import listen
        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.jobs import doors
        from roadworthy.server.jobs.board import Job, pin
        from roadworthy.server.jobs.notices import forget_old, hear, send_digests, unread
        from roadworthy.server.jobs.pruning import prune_kept, prune_keys, prune_tasks
        from roadworthy.server.shell.inbox import Inbox, serve_inbox
        from roadworthy.server.shell.navigation import Page, show

        del doors
        listen("*", hear)
        pin(
            Job("digests", "Mail unread notices", timedelta(days=1), send_digests),
            Job("old-notices", "Remove notices read long ago", timedelta(days=1), forget_old),
            Job("old-keys", "Remove idempotency keys after a week", timedelta(days=1), prune_keys),
            Job("old-shared", "Remove counts of failed sign-ins that have ended", timedelta(minutes=5), prune_kept),
            Job("old-tasks", "Remove tasks finished long ago", timedelta(days=1), prune_tasks),
        )
        serve_inbox(Inbox("jobs:inbox", unread))
        show(
            [
                Page("Work", "Inbox", "jobs:inbox", None, 20, "inbox"),
                Page("Administration", "Jobs", "jobs:list", Permission.JOB_READ, 60, "clock"),
            ]
        )
