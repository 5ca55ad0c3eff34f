"""The app `evidence`."""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.evidence"
    label = "evidence"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.evidence import doors, events
        from roadworthy.server.evidence.document_views import add_document_tab
        from roadworthy.server.evidence.files import sweep_orphans
        from roadworthy.server.jobs.board import Job, pin
        from roadworthy.server.shell.navigation import Page, show

        del doors, events
        add_document_tab()
        pin(
            Job(
                "orphans",
                "Remove files that no row names",
                timedelta(days=1),
                lambda moment: f"{sweep_orphans(at=moment)} files removed",
            )
        )
        show([Page("Record", "Evidence", "evidence:list", Permission.EVIDENCE_READ, 10, "evidence")])
