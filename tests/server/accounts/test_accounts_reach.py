"""From grants to reach: narrowing, tokens of one system, delegations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Door
from roadworthy.server.access.permissions import PERMISSIONS, Permission
from roadworthy.server.access.refusals import Missing, Refused
from roadworthy.server.access.roles import ROLES, SIGN
from roadworthy.server.accounts.delegations import delegate, revoke_delegation
from roadworthy.server.accounts.grants import Place, delete_grant, left_out, make_grant
from roadworthy.server.accounts.models import ApiToken, Delegation, Grant, Group, ProductLine, Role, Unit
from roadworthy.server.accounts.organisation import change_unit
from roadworthy.server.accounts.reach import actor_of, actor_of_token, delegated_roles
from roadworthy.server.systems.models import System


@pytest.fixture
def places(db: None) -> dict[str, System]:
    """Two lines in a unit below another, and one line elsewhere; a system in each, named as its line."""
    top = Unit.objects.create(slug="top", title="Top")
    below = Unit.objects.create(slug="below", title="Below", parent=top)
    lines = {
        "a": ProductLine.objects.create(slug="a", title="A", unit=below),
        "b": ProductLine.objects.create(slug="b", title="B", unit=top),
        "c": ProductLine.objects.create(slug="c", title="C"),
    }
    return {
        slug: System.objects.create(
            slug=slug, title=slug, kind="chat", purpose="x", team="t", tier="low", product_line=line
        )
        for slug, line in lines.items()
    }


def seen(actor) -> set[str]:
    return set(actor.visible(System.objects.all(), Permission.SYSTEM_READ).values_list("slug", flat=True))


@pytest.mark.parametrize(
    ("place", "reached"),
    [
        (Place(), {"a", "b", "c"}),
        (Place(unit="top"), {"a", "b"}),
        (Place(unit="below"), {"a"}),
        (Place(product_line="c"), {"c"}),
        (Place(system="b"), {"b"}),
    ],
)
def test_a_grant_reaches_what_lies_in_its_place(people, places, place, reached):
    user = people.person()
    make_grant(people.actor("administrator"), "viewer", person=user.pk, place=place)
    assert seen(actor_of(user, Door.PAGE)) == reached


def test_a_grant_to_a_group_reaches_its_members(people, places):
    user, group = people.person(), Group.objects.create(name="Team")
    group.members.add(user)
    make_grant(people.actor("administrator"), "viewer", group=group.pk, place=Place(system="a"))
    assert seen(actor_of(user, Door.PAGE)) == {"a"}


def test_a_unit_that_moves_takes_its_systems_along(people, places):
    admin = people.actor("administrator")
    user = people.person("viewer", unit=Unit.objects.get(slug="top"))
    change_unit(admin, "below", None, "Below", parent="")
    assert seen(actor_of(user, Door.PAGE)) == {"b"}


@pytest.mark.parametrize("role", ROLES)
def test_a_narrowed_grant_never_gives_what_cannot_be_narrowed(people, places, role):
    actor = actor_of(people.person(role, system_id=places["a"].pk), Door.PAGE)
    held = {permission for permission in Permission if actor.may(permission)}
    expected = {
        permission
        for permission in ROLES[role].permissions
        if PERMISSIONS[permission].narrowable or PERMISSIONS[permission].comes_along
    }
    assert held == expected
    assert not actor.may(Permission.ACCOUNT_MANAGE)
    assert not actor.may(Permission.AUDIT_READ)


def test_a_narrowed_administrator_grants_nothing(people, places):
    narrow = actor_of(people.person("administrator", system_id=places["a"].pk), Door.PAGE)
    with pytest.raises(Refused):
        make_grant(narrow, "administrator", person=narrow.user_id)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"role": "nothing", "person": 1}, "no role"),
        ({"role": "viewer"}, "one person or to one group"),
        ({"role": "viewer", "person": 1, "group": 1}, "one person or to one group"),
        ({"role": "viewer", "person": 1, "place": Place(system="zzz")}, "no system"),
        ({"role": "viewer", "person": 1, "place": Place(unit="zzz")}, "no unit"),
        ({"role": "viewer", "person": 1, "place": Place(unit="top", system="a")}, "in one place"),
        ({"role": "keeper", "person": 1, "place": Place(system="a")}, "can be narrowed"),
    ],
)
def test_a_bad_grant_is_refused(people, places, wrong, said):
    Role.objects.create(slug="keeper", title="Keeper", permissions=["audit.read"])
    with pytest.raises(InputError, match=said):
        make_grant(people.actor("administrator"), wrong.pop("role"), **wrong)
    assert Grant.objects.count() == 1


def test_a_grant_to_who_is_not_there_is_missing(people):
    with pytest.raises(Missing):
        make_grant(people.actor("administrator"), "viewer", person=10**15)


def test_the_same_grant_twice_is_one(people, places):
    admin, user = people.actor("administrator"), people.person()
    first = make_grant(admin, "viewer", person=user.pk, place=Place(system="a"))
    assert make_grant(admin, "viewer", person=user.pk, place=Place(system="a")).pk == first.pk
    delete_grant(admin, first.pk)
    assert seen(actor_of(user, Door.PAGE)) == set()


def test_what_a_narrowed_grant_leaves_out_is_told():
    role = Role(slug="x", title="X", permissions=["audit.read", "system.read", "standard.read"])
    assert left_out(role) == ["Read and export the audit trail"]


def token_actor(people, user, system=None):
    secret = people.token(user, system=system)
    return actor_of_token(ApiToken.objects.get(hint=secret[:8]), Door.API)


def test_a_token_of_one_system_reaches_that_one_only(people, places):
    everywhere = people.person("viewer")
    assert seen(token_actor(people, everywhere)) == {"a", "b", "c"}
    assert seen(token_actor(people, everywhere, places["a"].pk)) == {"a"}
    in_unit = people.person("viewer", unit=Unit.objects.get(slug="top"))
    assert seen(token_actor(people, in_unit, places["a"].pk)) == {"a"}


def test_a_token_does_not_outlive_what_its_person_may(people, places):
    user = people.person("viewer", unit=Unit.objects.get(slug="top"))
    secret = people.token(user, system=places["a"].pk)
    token = ApiToken.objects.get(hint=secret[:8])
    Grant.objects.filter(user=user).update(unit=None, product_line=ProductLine.objects.get(slug="c"))
    assert seen(actor_of_token(token, Door.API)) == set()
    Grant.objects.filter(user=user).delete()
    assert not any(actor_of_token(token, Door.API).may(permission) for permission in Permission)


def test_a_token_of_one_system_manages_no_accounts(people, places):
    actor = token_actor(people, people.person("administrator"), places["a"].pk)
    assert not actor.may(Permission.ACCOUNT_MANAGE)
    assert actor.may(Permission.SYSTEM_READ)
    assert actor.may(Permission.STANDARD_READ)


def test_no_token_for_a_system_that_one_does_not_see(people, places):
    user = people.person("viewer", system_id=places["a"].pk)
    with pytest.raises(InputError, match="no such system"):
        people.token(user, system=places["b"].pk)


def lend(people, giver, receiver, role="legal", **days):
    ends = timezone.now() + timedelta(days=days.get("ends", 5))
    return delegate(actor_of(giver, Door.PAGE), role, receiver.pk, ends, "Holiday")


def test_who_stands_in_may_sign_as_far_as_the_giver(people, places):
    giver, receiver = people.person("legal", system_id=places["a"].pk), people.person()
    lend(people, giver, receiver)
    actor = actor_of(receiver, Door.PAGE)
    assert seen(actor) == {"a"}
    assert actor.may(Permission.DECISION_SIGN)
    assert {permission for permission in Permission if actor.may(permission)} <= SIGN
    assert list(delegated_roles(receiver)) == ["legal"]
    assert not actor.holds_role("legal")


@pytest.mark.parametrize("end", ["revoked", "past", "future", "giver gone", "role taken back"])
def test_a_delegation_ends(people, end):
    giver, receiver = people.person("legal"), people.person()
    delegation = lend(people, giver, receiver)
    now = timezone.now()
    if end == "revoked":
        revoke_delegation(actor_of(giver, Door.PAGE), delegation.pk)
    elif end == "past":
        Delegation.objects.update(starts=now - timedelta(days=9), ends=now - timedelta(days=1))
    elif end == "future":
        Delegation.objects.update(starts=now + timedelta(days=1))
    elif end == "giver gone":
        giver.is_active = False
        giver.save()
    else:
        giver.grants.all().delete()
    assert delegated_roles(receiver) == {}
    assert not actor_of(receiver, Door.PAGE).may(Permission.DECISION_SIGN)


def test_a_role_that_was_lent_is_not_passed_on(people):
    giver, receiver, third = people.person("legal"), people.person(), people.person()
    lend(people, giver, receiver)
    with pytest.raises(Refused, match="role that one holds"):
        lend(people, receiver, third)


def test_a_bad_delegation_is_refused(people):
    giver, receiver = people.person("legal", "viewer"), people.person()
    with pytest.raises(InputError, match="within a year"):
        lend(people, giver, receiver, ends=500)
    with pytest.raises(InputError, match="within a year"):
        lend(people, giver, receiver, ends=-1)
    with pytest.raises(InputError, match="stand in for you"):
        lend(people, giver, giver)
    with pytest.raises(InputError, match="signs nothing"):
        lend(people, giver, receiver, role="viewer")
    with pytest.raises(Refused, match="role that one holds"):
        lend(people, giver, receiver, role="security")


def test_only_those_concerned_and_administrators_end_a_delegation(people):
    giver, receiver = people.person("legal"), people.person()
    delegation = lend(people, giver, receiver)
    with pytest.raises(Missing):
        revoke_delegation(people.actor("viewer"), delegation.pk)
    revoke_delegation(people.actor("administrator"), delegation.pk)
    delegation.refresh_from_db()
    assert delegation.revoked_at is not None


def test_an_inactive_person_reaches_nothing(people):
    user = people.person("administrator")
    user.is_active = False
    user.save()
    actor = actor_of(user, Door.PAGE)
    assert not any(actor.may(permission) for permission in Permission)
