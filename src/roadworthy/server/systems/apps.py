"""The app `systems`."""

from __future__ import annotations

from django.apps import AppConfig


class SystemsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.systems"
    label = "systems"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.access.events import listen
        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.shell.navigation import Page, show
        from roadworthy.server.standards.impact import IMPACT_SOURCES, ImpactSource
        from roadworthy.server.systems import doors, events, standard_impact
        from roadworthy.server.systems.retier import on_standard_in_force

        del doors, events
        listen("standard.in_force", on_standard_in_force)
        IMPACT_SOURCES["systems"] = ImpactSource(
            "Systems", Permission.SYSTEM_READ, standard_impact.count, standard_impact.changes
        )
        show([Page("Systems", "Systems", "systems:list", Permission.SYSTEM_READ, 10, "systems")])
