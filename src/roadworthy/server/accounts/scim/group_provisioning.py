"""What the identity provider does with groups. Who is in a group holds the roles that are granted to it, at once."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.accounts.groups import change_group, make_group
from roadworthy.server.accounts.models import Group
from roadworthy.server.accounts.scim.group_resource import member_keys
from roadworthy.server.accounts.scim.member_changes import MemberChanges

LONGEST = 200
"""Characters of an externalId."""


@transaction.atomic
def provision(actor: Actor, resource: Any) -> Group:
    """Make a group with its people.

    Raises Taken for a name that is taken, also by a group that administrators keep: nobody gets into that by SCIM.
    """
    values = _columns(resource)
    group = make_group(actor, values.pop("name"), scim_id=uuid.uuid4(), **values)
    members = member_keys(one.value for one in resource.members or [])
    return change_group(actor, group.pk, None, joining=members) if members else group


@transaction.atomic
def keep(actor: Actor, group: Group, resource: Any) -> None:
    """Make a group what a resource says; people whom the provider does not keep stay in it.

    Raises Taken for a name that is taken, InputError for an id that is nobody's, Refused when nobody could administer
    after it.
    """
    wanted = member_keys(one.value for one in resource.members or [])
    hidden = set(group.members.filter(scim_id=None).values_list("pk", flat=True))
    change_group(actor, group.pk, None, members=wanted | hidden, **_columns(resource))


@transaction.atomic
def move(actor: Actor, group: Group, changes: MemberChanges) -> None:
    """Let people join and leave a group, however many are in it.

    Raises InputError for an id that is nobody's, Refused when nobody could administer after it.
    """
    joining, leaving = member_keys(changes.joining), member_keys(changes.leaving, known=False)
    change_group(actor, group.pk, None, joining=joining, leaving=leaving)


def _columns(resource: Any) -> dict[str, Any]:
    external_id = str(resource.external_id or "")
    if len(external_id) > LONGEST:
        raise InputError(f"an externalId has at most {LONGEST} characters", remedy="Send another one.")
    return {"name": str(resource.display_name), "external_id": external_id}
