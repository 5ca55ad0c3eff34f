"""Roles by their names, as people know them; a role that is gone keeps its id."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from roadworthy.server.accounts.models import Role


def role_titles(roles: Iterable[str]) -> Mapping[str, str]:
    """Return the title of each role by its id, in the order given; one query."""
    wanted = list(dict.fromkeys(roles))
    known = dict(Role.objects.filter(slug__in=wanted).values_list("slug", "title"))
    return {role: known.get(role, role) for role in wanted}


def role_title(role: str) -> str:
    """Return the title of one role, or its id when it is gone; none for none."""
    return role_titles([role])[role] if role else ""
