"""The app `accounts`."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from django.db.models.signals import post_migrate

        from roadworthy.server.access.events import listen
        from roadworthy.server.accounts import doors, events
        from roadworthy.server.accounts.administrators import REDUCING, keep_one
        from roadworthy.server.accounts.seed import seed_roles

        del doors, events
        post_migrate.connect(seed_roles, sender=self)
        for name in REDUCING:
            listen(name, keep_one)
