"""The app `webhooks`."""

from __future__ import annotations

from datetime import timedelta

from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.webhooks"
    label = "webhooks"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from roadworthy.server.access.events import listen
        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.jobs.board import Job, pin
        from roadworthy.server.shell.navigation import Page, show
        from roadworthy.server.webhooks import doors, events
        from roadworthy.server.webhooks.outbox import hear
        from roadworthy.server.webhooks.sweeping import sweep

        del doors, events
        listen("*", hear)
        pin(Job("deliveries", "Queue deliveries that were left behind", timedelta(minutes=10), sweep))
        show([Page("Administration", "Webhooks", "webhooks:list", Permission.WEBHOOK_MANAGE, 50, "send")])
