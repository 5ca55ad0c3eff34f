"""People for tests: with roles, everywhere or somewhere, and tokens."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from roadworthy.server.access.actor import Actor, Door
from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts.models import Grant, Role, User
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.accounts.tokens import make_token

PASSWORD = "a staple of correct horses"


@cache
def _hashed() -> str:
    return make_password(PASSWORD)


class People:
    """Makes people, actors and tokens. They sign in with PASSWORD."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def person(self, *roles: str, name: str = "", **scope: Any) -> User:
        """Make a person with roles; `unit=`, `product_line=` or `system_id=` narrow them."""
        number = next(self._numbers)
        shown = name or f"{(roles[0] if roles else 'nobody').title()} {number}"
        user = User.objects.create(email=f"person{number}@example.com", name=shown, password=_hashed())
        for role in roles:
            Grant.objects.create(role=Role.objects.get(slug=role), user=user, **scope)
        return user

    def actor(self, *roles: str, **scope: Any) -> Actor:
        """Make a person and return them as an actor at the API."""
        return actor_of(self.person(*roles, **scope), Door.API)

    def token(self, user: User, *permissions: Permission, system: int | None = None) -> str:
        """Make a token of a person and return its secret."""
        actor = actor_of(user, Door.PAGE)
        held = permissions or tuple(permission for permission in Permission if actor.may(permission))
        _, secret = make_token(actor, "test", held, timezone.now() + timedelta(days=1), system)
        return secret
