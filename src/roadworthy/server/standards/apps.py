"""The app `standards`."""

from __future__ import annotations

from django.apps import AppConfig


class StandardsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.standards"
    label = "standards"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from django.db.models.signals import post_migrate

        from roadworthy.server.standards import events
        from roadworthy.server.standards.immutable import keep_published
        from roadworthy.server.standards.seed import seed_standard

        del events
        post_migrate.connect(keep_published, sender=self)
        post_migrate.connect(seed_standard, sender=self)
