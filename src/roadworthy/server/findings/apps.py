"""The app `findings`."""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig


class FindingsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.findings"
    label = "findings"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.access.events import listen
        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.findings import doors, events
        from roadworthy.server.findings.gate import hear_judged
        from roadworthy.server.findings.jobs import expire_acceptances, remind
        from roadworthy.server.findings.search import offer_findings
        from roadworthy.server.findings.tabs import add_tabs
        from roadworthy.server.jobs.board import Job, pin
        from roadworthy.server.shell.navigation import Page, show

        del doors, events
        listen("release.judged", hear_judged)
        pin(
            Job("findings-due", "Remind of findings that are due or overdue", timedelta(hours=6), remind),
            Job("findings-accepted", "End accepted risks", timedelta(minutes=30), expire_acceptances),
        )
        show([Page("Work", "Findings", "findings:board", Permission.FINDING_READ, 30, "findings")])
        offer_findings()
        add_tabs()
