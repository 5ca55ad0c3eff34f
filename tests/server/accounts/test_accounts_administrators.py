"""The last administrator cannot be locked out, through no service and at no moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.hashers import make_password
from django.db import connection

from roadworthy.server.access.actor import Door
from roadworthy.server.access.refusals import LastAdministrator, Refused
from roadworthy.server.accounts.administrators import administrators, administrators_exist
from roadworthy.server.accounts.grants import delete_grant, make_grant
from roadworthy.server.accounts.groups import add_member, change_group, delete_group, make_group, remove_member
from roadworthy.server.accounts.models import Grant, Group, Role, User
from roadworthy.server.accounts.people import deactivate
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.accounts.roles import change_role, make_role

ROUNDS = 50


def lone_grant(people):
    user = people.person("administrator")
    return user, lambda actor: delete_grant(actor, Grant.objects.get(user=user).pk)


def lone_person(people):
    user = people.person("administrator")
    return user, lambda actor: deactivate(actor, user.pk, None)


def lone_group(people):
    user, group = people.person(), Group.objects.create(name="Admins")
    group.members.add(user)
    Grant.objects.create(role=Role.objects.get(slug="administrator"), group=group)
    return user, group


def lone_membership(people):
    user, group = lone_group(people)
    return user, lambda actor: remove_member(actor, group.pk, user.pk)


def lone_list_of_members(people):
    user, group = lone_group(people)
    return user, lambda actor: change_group(actor, group.pk, None, members=[])


def lone_group_deleted(people):
    user, group = lone_group(people)
    return user, lambda actor: delete_group(actor, group.pk, None)


def lone_group_grant(people):
    user, group = lone_group(people)
    return user, lambda actor: delete_grant(actor, group.grants.get().pk)


def lone_role(people):
    user = people.person()
    role = Role.objects.create(slug="root", title="Root", permissions=["account.manage"])
    Grant.objects.create(role=role, user=user)
    return user, lambda actor: change_role(actor, "root", None, "Root", ["audit.read"], False)


WAYS = [
    lone_grant,
    lone_person,
    lone_membership,
    lone_list_of_members,
    lone_group_deleted,
    lone_group_grant,
    lone_role,
]


@pytest.mark.parametrize("way", WAYS)
def test_the_last_administrator_stays(people, way):
    user, remove = way(people)
    with pytest.raises(Refused, match="nobody could manage people"):
        remove(actor_of(user, Door.PAGE))
    assert administrators().get() == user


@pytest.mark.parametrize("way", WAYS)
def test_one_of_two_can_go(people, way):
    user, remove = way(people)
    other = people.person("administrator")
    remove(actor_of(user, Door.PAGE))
    assert administrators().get() == other


@pytest.mark.parametrize("way", WAYS)
def test_somebody_who_cannot_sign_in_is_no_other_administrator(people, way):
    user, remove = way(people)
    User.objects.filter(pk=people.person("administrator").pk).update(password=make_password(None))
    User.objects.filter(pk=people.person("administrator").pk).update(is_active=False)
    narrow = people.person("administrator", system_id=5)
    assert narrow not in administrators()
    with pytest.raises(Refused, match="nobody could manage people"):
        remove(actor_of(user, Door.PAGE))


def test_who_comes_over_single_sign_on_counts(people):
    from allauth.socialaccount.models import SocialAccount

    user = people.person("administrator")
    User.objects.filter(pk=user.pk).update(password=make_password(None))
    assert not administrators_exist()
    SocialAccount.objects.create(user=user, provider="sso", uid="1")
    assert administrators_exist()


def test_group_services_keep_the_rest_of_the_group(people):
    admin = people.actor("administrator")
    first, second = people.person(), people.person()
    group = make_group(admin, "Team")
    add_member(admin, group.pk, first.pk)
    add_member(admin, group.pk, second.pk)
    remove_member(admin, group.pk, first.pk)
    assert list(group.members.all()) == [second]
    assert Group.objects.get().revision == 4
    make_role(admin, "reader", "Reader", ["system.read"])
    make_grant(admin, "reader", group=group.pk)
    delete_group(admin, group.pk, 4)
    assert not Grant.objects.filter(role__slug="reader").exists()


def together(*doings) -> list[BaseException | None]:
    """Do all at the same moment; return what each raised."""
    start = threading.Barrier(len(doings))

    def one(doing):
        try:
            start.wait()
            doing()
        except Refused as error:
            return error
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(doings)) as pool:
        return list(pool.map(one, doings))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", [0, 1, 2])
@pytest.mark.parametrize("second", [0, 1, 2])
def test_two_who_remove_each_other_at_the_same_moment_leave_one(transactional_people, first, second):
    people = transactional_people
    rounds = ROUNDS if connection.vendor == "postgresql" and first <= second else 3
    for _ in range(rounds):
        User.objects.all().update(is_active=False)
        ways = [WAYS[first](people), WAYS[second](people)] if first < 2 or second < 2 else two_in_groups(people)
        (one, end_one), (other, end_other) = ways
        one_actor, other_actor = actor_of(one, Door.PAGE), actor_of(other, Door.PAGE)
        raised = together(lambda: end_other(one_actor), lambda: end_one(other_actor))  # noqa: B023
        assert administrators().count() == 1
        assert sorted(map(type, raised), key=str) == sorted([type(None), LastAdministrator], key=str)
        Group.objects.all().delete()


def two_in_groups(people):
    first = lone_membership(people)
    Group.objects.update(name="Other admins")
    return first, lone_membership(people)
