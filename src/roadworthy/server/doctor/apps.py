"""The app `doctor`."""

from __future__ import annotations

from django.apps import AppConfig


class DoctorConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.doctor"
    label = "doctor"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.doctor import doors
        from roadworthy.server.shell.navigation import Page, show

        del doors
        show([Page("Administration", "Health", "doctor:health", Permission.JOB_READ, 70, "check")])
