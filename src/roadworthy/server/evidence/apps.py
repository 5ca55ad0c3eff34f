"""The app `evidence`."""

from __future__ import annotations

from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.evidence"
    label = "evidence"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.evidence import events

        del events
