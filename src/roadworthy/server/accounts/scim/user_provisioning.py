"""What the identity provider does with people: it takes them on, keeps them up to date, and lets them go.

A person who is let go stays as a record, since signatures and the audit trail rest upon it; their access, their groups
and their roles end, and SCIM shows them no more.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.refusals import Conflict, Taken
from roadworthy.server.accounts.models import Grant, Group, User
from roadworthy.server.accounts.people import (
    add_person,
    change_person,
    deactivate,
    need_to_manage,
    reactivate,
    shut_out,
)
from roadworthy.server.accounts.scim.user_resource import columns, provisioned
from roadworthy.server.audit.services import record
from roadworthy.server.wire.revision import locked

TRIES = 5
"""Attempts to lock the groups of somebody who is put into others at the same moment."""


@transaction.atomic
def provision(actor: Actor, resource: Any) -> User:
    """Take a person on: a new one, one who is here already, or one who comes back.

    Raises Taken for a userName or a mail address of somebody whom the provider keeps already, and for the address of
    somebody whom an administrator shut out.
    """
    need_to_manage(actor)
    values = columns(resource)
    found = list(
        User.objects.select_for_update()
        .filter(Q(email__iexact=values["email"]) | Q(scim_name=values["scim_name"]))
        .order_by("pk")
    )
    if any(one.scim_id is not None for one in found):
        raise Taken("somebody with this userName or mail address is kept already", remedy="Look them up by userName.")
    for one in found:
        if not _is_the_same(one, values["external_id"]):
            _give_up_address(actor, one)
            found = []
    values["scim_id"] = uuid.uuid4()
    if found:
        user = _take_up(actor, found[0], values)
    else:
        user = add_person(actor, values.pop("email"), values.pop("name"), **values)
    _set_active(actor, user, resource.active)
    return user


@transaction.atomic
def keep(actor: Actor, user: User, resource: Any) -> None:
    """Make a person what a resource says; the caller has locked the row.

    Raises Taken for a userName or a mail address of somebody else, Refused for the last administrator.
    """
    change_person(actor, user.pk, None, **columns(resource, user))
    _set_active(actor, user, resource.active)


def let_go(actor: Actor, key: uuid.UUID, compare: Callable[[User], None]) -> None:
    """End the access of a person, their groups and what was granted to them, and hide them from SCIM.

    `compare` is given the locked row, and raises Changed when the client saw another version. Raises Refused for the
    last administrator, Conflict when the person is put into groups faster than they can be locked.
    """
    need_to_manage(actor)
    for _ in range(TRIES):
        # Groups are locked before people, here as where members change, so that two changes never wait for each other.
        # When the person came into another group meanwhile, undoing the attempt gives the locks back.
        with transaction.atomic():
            known = set(Group.objects.select_for_update().filter(members__scim_id=key).order_by("pk"))
            user = locked(provisioned(), None, scim_id=key)
            if set(user.memberships.all()) <= known:
                compare(user)
                _end(actor, user)
                return
            transaction.set_rollback(True)
    raise Conflict("the person is being put into groups", remedy="Send the request again.")


def _end(actor: Actor, user: User) -> None:
    groups, grants = list(user.memberships.all()), Grant.objects.filter(user=user).select_related("role")
    before = {
        "active": user.is_active,
        "groups": sorted(group.name for group in groups),
        "roles": sorted(grant.role.slug for grant in grants),
    }
    grants.delete()
    user.memberships.clear()
    Group.objects.filter(pk__in=[group.pk for group in groups]).update(
        revision=F("revision") + 1, updated_at=timezone.now()
    )
    user.scim_id = user.scim_name = None
    user.scim = {}
    user.scim_removed_at = timezone.now()
    tokens = shut_out(user)
    record(actor, "user.removed", user.subject, before=before, row=user, tokens_revoked=tokens)


def _is_the_same(user: User, external_id: str) -> bool:
    """Tell whether an address that is here belongs to the person who is taken on.

    Raises Taken for somebody whom an administrator shut out: the provider does not let them in again by a new account.
    """
    if not user.is_active and user.scim_removed_at is None:
        raise Taken(
            "somebody with this mail address was deactivated by an administrator",
            remedy="An administrator reactivates them first, or changes their address.",
        )
    return user.scim_removed_at is None or not (user.external_id and external_id) or user.external_id == external_id


def _give_up_address(actor: Actor, user: User) -> None:
    """Free the address of somebody who was let go, now that it was given to another person.

    What the former did stays theirs: another person gets a record and a key of their own.
    """
    change_person(actor, user.pk, None, email=f"removed-{user.pk}@removed.invalid")


def _take_up(actor: Actor, user: User, values: dict[str, Any]) -> User:
    """Let the provider keep somebody who is here, or who comes back: with no group and no role but those it gives."""
    if user.scim_removed_at is not None:
        user.memberships.clear()
    return change_person(actor, user.pk, None, scim_removed_at=None, **values)


def _set_active(actor: Actor, user: User, active: bool) -> None:
    if active:
        reactivate(actor, user.pk, None)
    else:
        deactivate(actor, user.pk, None)
