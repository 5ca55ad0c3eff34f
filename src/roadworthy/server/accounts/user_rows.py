"""Rows of people, as Django's sign-in asks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import BaseUserManager

if TYPE_CHECKING:
    from roadworthy.server.accounts.models import User


class UserRows(BaseUserManager["User"]):
    """Find and make people; mail addresses are compared without regard to case."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the person who signs in with a mail address."""
        return self.get(email__iexact=username)

    def create_user(self, email: str, name: str, password: str | None = None, **fields: Any) -> User:
        """Make a person; without a password they sign in elsewhere."""
        user = self.model(email=email.lower(), name=name, **fields)
        user.set_password(password)
        user.save()
        return user
