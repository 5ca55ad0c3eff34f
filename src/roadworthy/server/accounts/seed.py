"""Bring the built-in roles into the database as this version ships them."""

from __future__ import annotations

from typing import Any

from roadworthy.server.access.roles import ROLES


def seed_roles(**_: Any) -> None:
    """Make or renew the built-in roles; custom roles stay as they are. Runs after each migration."""
    from roadworthy.server.accounts.models import Role

    for slug, role in ROLES.items():
        Role.objects.update_or_create(
            slug=slug,
            defaults={
                "title": role.title,
                "permissions": sorted(map(str, role.permissions)),
                "signs": role.signs,
                "built_in": True,
            },
        )
