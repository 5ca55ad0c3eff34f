"""The app `systems`."""

from __future__ import annotations

from django.apps import AppConfig


class SystemsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.systems"
    label = "systems"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.shell.navigation import Page, show
        from roadworthy.server.systems import doors, events

        del doors, events
        show([Page("Systems", "Systems", "systems:list", Permission.SYSTEM_READ, 10, "systems")])
