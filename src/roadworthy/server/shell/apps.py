"""The app `shell`."""

from __future__ import annotations

from django.apps import AppConfig


class ShellConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.shell"
    label = "shell"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.shell import doors
        from roadworthy.server.shell.navigation import Page, show

        del doors
        show([Page("Administration", "Style", "shell:styleguide", None, 900, "style")])
