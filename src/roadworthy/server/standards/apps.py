"""The app `standards`."""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig


class StandardsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.standards"
    label = "standards"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from django.db.models.signals import post_migrate

        from roadworthy.server.access.actor import server_actor
        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.jobs.board import Job, pin
        from roadworthy.server.shell.navigation import Page, show
        from roadworthy.server.shell.search import SearchSource, offer
        from roadworthy.server.standards import doors, events, finding, tabs
        from roadworthy.server.standards.immutable import keep_published
        from roadworthy.server.standards.publish import end_acceptance, put_due_in_force
        from roadworthy.server.standards.seed import seed_standard

        del doors, events
        tabs.put_up()
        read = Permission.STANDARD_READ
        show(
            [
                Page("Standards", "Standards", "standards:list", read, 10, "standards"),
                Page("Standards", "Controls", "standards:controls", read, 20, "controls"),
                Page("Standards", "Coverage", "standards:coverage", read, 30, "kpis"),
            ]
        )
        offer(SearchSource("requirement", "Requirements", read, finding.requirements, 60))
        offer(SearchSource("control", "Controls", read, finding.controls, 61))
        offer(SearchSource("standard", "Standards", read, finding.standards, 62))
        pin(
            Job(
                "standards-in-force",
                "Put published standards in force on their day",
                timedelta(minutes=5),
                lambda moment: f"{put_due_in_force(server_actor())} put in force",
            ),
            Job(
                "standards-acceptance",
                "End the acceptance of earlier standards on their day",
                timedelta(minutes=5),
                lambda moment: f"{end_acceptance(server_actor())} ended",
            ),
        )
        post_migrate.connect(keep_published, sender=self)
        post_migrate.connect(seed_standard, sender=self)
