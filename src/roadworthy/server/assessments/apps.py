"""The app `assessments`."""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig


class AssessmentsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.assessments"
    label = "assessments"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.access.events import listen
        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.assessments import doors, events
        from roadworthy.server.assessments.hearing import expire_evidence, hear_intake, hear_version
        from roadworthy.server.assessments.search import offer_assessments
        from roadworthy.server.assessments.tabs import add_tabs
        from roadworthy.server.jobs.board import Job, pin
        from roadworthy.server.shell.navigation import Page, show

        del doors, events
        listen("system.version_saved", hear_version)
        listen("intake.submitted", hear_intake)
        title = "Raise residual risks whose evidence has ended"
        pin(Job("assessments-evidence", title, timedelta(hours=6), expire_evidence))
        show(
            [
                Page("Systems", "Assessments", "assessments:list", Permission.ASSESSMENT_READ, 50, "assessments"),
                Page("Systems", "Briefs", "assessments:briefs", Permission.ASSESSMENT_READ, 20, "intake"),
            ]
        )
        offer_assessments()
        add_tabs()
