"""The app `audit`."""

from __future__ import annotations

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.audit"
    label = "audit"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.audit import activity, doors, events
        from roadworthy.server.shell.navigation import Page, show
        from roadworthy.server.shell.tabs import add_tab

        del doors, events
        add_tab("system", activity.SYSTEM)
        add_tab("release", activity.RELEASE)
        show([Page("Record", "Audit trail", "audit:list", Permission.AUDIT_READ, 90, "audit")])
