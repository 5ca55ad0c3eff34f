"""What can be done with groups of people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.refusals import Taken
from roadworthy.server.accounts.models import Group, User
from roadworthy.server.accounts.people import need_to_manage
from roadworthy.server.accounts.texts import name
from roadworthy.server.audit.services import record
from roadworthy.server.wire.revision import locked


@transaction.atomic
def make_group(actor: Actor, shown: str, **fields: Any) -> Group:
    """Make a group. Raises Taken for a name that is taken."""
    need_to_manage(actor)
    group = Group(name=name(shown, "the name of a group"), **fields)
    _save(group)
    record(actor, "group.made", group.subject, after={"name": group.name}, row=group)
    return group


@transaction.atomic
def change_group(
    actor: Actor,
    key: int,
    revision: int | None,
    *,
    members: Iterable[int] | None = None,
    joining: Iterable[int] = (),
    leaving: Iterable[int] = (),
    **values: Any,
) -> Group:
    """Change the name of a group, what the identity provider said of it, or exactly who is in it.

    Instead of all `members`, those who join and leave can be named. Raises Taken for a name that is taken, InputError
    for a person who is not there, Refused when nobody could administer after it.
    """
    need_to_manage(actor)
    group = locked(Group.objects.all(), revision, pk=key)
    if "name" in values:
        values["name"] = name(values["name"], "the name of a group")
    before = {field: getattr(group, field) for field, value in values.items() if getattr(group, field) != value}
    after = {field: values[field] for field in before}
    for field in before:
        setattr(group, field, values[field])
    if members is not None:
        present = set(group.members.values_list("pk", flat=True))
        joining, leaving = set(members) - present, present - set(members)
    _move(group, set(joining), set(leaving), before, after)
    if not before and not after:
        return group
    group.revision += 1
    _save(group)
    record(actor, "group.changed", group.subject, before=before, after=after, row=group)
    return group


def _move(group: Group, joining: set[int], leaving: set[int], before: dict[str, Any], after: dict[str, Any]) -> None:
    """Let people join and leave, and add their names to what changed."""
    if joining:
        # Locked before the trail is: the check of the foreign key at the end would else wait for who waits for us.
        people = User.objects.select_for_update().filter(pk__in=joining).order_by("pk")
        known = dict(people.values_list("pk", "name"))
        if len(known) != len(joining):
            raise InputError(
                "somebody who is to be in the group is not there", remedy="Look them up in the list of people."
            )
        present = set(group.members.filter(pk__in=joining).values_list("pk", flat=True))
        added = {key: shown for key, shown in known.items() if key not in present}
        group.members.add(*added)
        if added:
            after["members"] = sorted(added.values())
    if leaving:
        gone = dict(group.members.filter(pk__in=leaving).values_list("pk", "name"))
        group.members.remove(*gone)
        if gone:
            before["members"] = sorted(gone.values())


@transaction.atomic
def add_member(actor: Actor, key: int, person: int) -> Group:
    """Put somebody into a group."""
    need_to_manage(actor)
    group = locked(Group.objects.all(), None, pk=key)
    user = locked(User.objects.all(), None, pk=person)
    if not group.members.filter(pk=person).exists():
        group.members.add(user)
        _touch(group)
        record(actor, "group.member_added", group.subject, after={"member": user.name}, row=group, person=user.pk)
    return group


@transaction.atomic
def remove_member(actor: Actor, key: int, person: int) -> Group:
    """Take somebody out of a group. Raises Refused when nobody could administer after it."""
    need_to_manage(actor)
    group = locked(Group.objects.all(), None, pk=key)
    user = group.members.filter(pk=person).first()
    if user is not None:
        group.members.remove(user)
        _touch(group)
        record(actor, "group.member_removed", group.subject, before={"member": user.name}, row=group, person=user.pk)
    return group


@transaction.atomic
def delete_group(actor: Actor, key: int, revision: int | None) -> None:
    """Delete a group with what it was granted. Raises Refused when nobody could administer after it."""
    need_to_manage(actor)
    group = locked(Group.objects.all(), revision, pk=key)
    subject = group.subject
    before = {
        "members": sorted(group.members.values_list("name", flat=True)),
        "roles": sorted(group.grants.values_list("role__title", flat=True)),
    }
    group.delete()
    record(actor, "group.deleted", subject, before=before)


def _touch(group: Group) -> None:
    group.revision += 1
    group.save(update_fields=["revision", "updated_at"])


def _save(group: Group) -> None:
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError as error:
        raise Taken("a group of this name is there already", remedy="Choose another name.") from error
