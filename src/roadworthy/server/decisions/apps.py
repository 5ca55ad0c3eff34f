"""The app `decisions`."""

from __future__ import annotations

from django.apps import AppConfig


class DecisionsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.decisions"
    label = "decisions"

    def ready(self) -> None:
        """Bring in the tables of this app, and what it adds to others."""
        from django.db.models.signals import post_migrate

        from roadworthy.server.decisions import doors, events
        from roadworthy.server.decisions.authority import seed_authority
        from roadworthy.server.decisions.joining import join

        del doors, events
        post_migrate.connect(seed_authority, sender=self)
        join()
