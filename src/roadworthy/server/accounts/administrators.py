"""Somebody must be left who can administer: checked in one place, after every change that could take the last one away.

`keep_one` hears of each such change when it is recorded. By then the transaction holds the end of the audit chain, so
that no other change of people is between its own check and its commit: two administrators who remove each other at the
same moment are seen one after the other, and the second is refused.
"""

from __future__ import annotations

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q, QuerySet

from roadworthy.server.access.events import Event
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import LastAdministrator
from roadworthy.server.accounts.models import Grant, Role, User

ADMINISTRATOR = "administrator"
REDUCING = (
    "user.deactivated",
    "user.removed",
    "group.changed",
    "group.deleted",
    "group.member_removed",
    "grant.deleted",
    "role.changed",
    "role.deleted",
)
"""Events of changes that can take the last administrator away."""


def administrators() -> QuerySet[User]:
    """Return who can administer: active, able to sign in, and manages accounts everywhere, in person or by a group."""
    roles = [role.pk for role in Role.objects.all() if Permission.ACCOUNT_MANAGE in role.permissions]
    grants = Grant.objects.filter(role__in=roles, unit=None, product_line=None, system_id=None)
    held = Q(pk__in=grants.values("user")) | Q(memberships__in=grants.exclude(group=None).values("group"))
    signs_in = ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX) | Q(socialaccount__isnull=False)
    return User.objects.filter(held, signs_in, is_active=True).distinct()


def administrators_exist() -> bool:
    """Tell whether somebody can administer."""
    return administrators().exists()


def keep_one(event: Event) -> None:
    """Refuse a change that leaves nobody who can administer."""
    if not administrators_exist():
        raise LastAdministrator(
            "after this nobody could manage people any more",
            remedy="Make somebody else an administrator first; they must have signed in once.",
            action="user.lockout_refused",
        )
