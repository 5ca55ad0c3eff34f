"""The app `releases`."""

from __future__ import annotations

from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.releases"
    label = "releases"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.releases import doors, events

        del doors, events
