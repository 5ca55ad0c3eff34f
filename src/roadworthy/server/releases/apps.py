"""The app `releases`."""

from __future__ import annotations

from django.apps import AppConfig


class ReleasesConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.releases"
    label = "releases"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.releases import doors, events, parts, tabs
        from roadworthy.server.shell.navigation import Page, show

        del doors, events
        tabs.add_parts()
        parts.add_parts()
        show(
            [
                Page("Decide", "Releases", "releases:list", Permission.RELEASE_READ, 10, "releases"),
                Page("Administration", "Keys", "keys:list", Permission.RELEASE_READ, 45, "token"),
            ]
        )
