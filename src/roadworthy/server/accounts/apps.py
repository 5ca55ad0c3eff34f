"""The app `accounts`."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Configuration of the app."""

    name = "roadworthy.server.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Bring in the tables of this app."""
        from allauth.account.signals import password_changed, password_set, user_logged_in
        from allauth.mfa.signals import authenticator_added, authenticator_removed
        from django.db.models.signals import post_migrate

        from roadworthy.server.access.events import listen
        from roadworthy.server.access.permissions import Permission
        from roadworthy.server.accounts import doors, events
        from roadworthy.server.accounts.administrators import REDUCING, keep_one
        from roadworthy.server.accounts.second_factor import note_added, note_removed
        from roadworthy.server.accounts.seed import seed_roles
        from roadworthy.server.accounts.sign_in import note_password, note_sign_in
        from roadworthy.server.shell.navigation import MENU, Page, show

        del doors, events
        manage = Permission.ACCOUNT_MANAGE
        show(
            [
                Page("Administration", "People", "people:list", manage, 10, "people"),
                Page("Administration", "Groups", "people:groups", manage, 20, "people"),
                Page("Administration", "Roles", "people:roles", manage, 30, "roles"),
                Page("Administration", "Who holds what", "people:grants", manage, 40, "authority"),
                Page("Administration", "Organisation", "people:units", manage, 50, "graph"),
                Page("Administration", "Tokens", "people:tokens", manage, 60, "token"),
                Page("Administration", "Provisioning", "people:provisioning", manage, 65, "link"),
                Page(MENU, "Account", "people:account", None, 10, "person"),
                Page(MENU, "Your tokens", "people:own_tokens", None, 20, "token"),
                Page(MENU, "Delegations", "people:delegations", None, 30, "authority"),
            ]
        )
        post_migrate.connect(seed_roles, sender=self)
        user_logged_in.connect(note_sign_in)
        password_changed.connect(note_password)
        password_set.connect(note_password)
        authenticator_added.connect(note_added)
        authenticator_removed.connect(note_removed)
        for name in REDUCING:
            listen(name, keep_one)
