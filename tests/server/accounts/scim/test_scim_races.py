"""Providers send several requests at the same moment: nothing is lost, nothing is there twice, nothing hangs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from identity_provider import CORE, Answer, IdentityProvider

from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts.administrators import administrators
from roadworthy.server.accounts.models import Group, User

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 10


@pytest.fixture
def admin(transactional_people) -> User:
    return transactional_people.person("administrator")


@pytest.fixture
def idp(transactional_people, admin) -> IdentityProvider:
    return IdentityProvider(transactional_people.token(admin, Permission.SCIM_MANAGE))


def together(*doings: Callable[[], Answer]) -> list[Answer]:
    """Ask all at the same moment."""
    start = threading.Barrier(len(doings))

    def one(doing: Callable[[], Answer]) -> Answer:
        try:
            start.wait()
            return doing()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(doings)) as pool:
        return list(pool.map(one, doings))


def rounds() -> int:
    return ROUNDS if connection.vendor == "postgresql" else 3


def test_two_who_make_the_same_person_make_one(idp):
    for number in range(rounds()):
        content = {"schemas": [CORE], "userName": f"same{number}@example.com"}
        shout = {"schemas": [CORE], "userName": f"SAME{number}@example.com"}
        answers = together(*(lambda sent=sent: idp.ask("POST", "Users", sent) for sent in (content, shout, content)))
        assert sorted(one.status for one in answers) == [201, 409, 409], answers
        assert {one.json.get("scimType") for one in answers if one.status == 409} == {"uniqueness"}
        assert User.objects.filter(email=f"same{number}@example.com").count() == 1


def test_two_who_make_the_same_group_make_one(idp):
    for number in range(rounds()):
        content = {"displayName": f"Same {number}"}
        answers = together(*(lambda sent=content: idp.ask("POST", "Groups", sent) for _ in range(3)))
        assert sorted(one.status for one in answers) == [201, 409, 409], answers


def test_two_changes_of_one_person_are_both_kept(idp):
    said = idp.person()
    path = f"Users/{said['id']}"
    for number in range(rounds()):
        answers = together(
            lambda n=number: idp.patch(path, {"op": "replace", "path": "title", "value": f"T{n}"}),
            lambda n=number: idp.patch(path, {"op": "replace", "path": "userType", "value": f"U{n}"}),
        )
        assert [one.status for one in answers] == [200, 200]
        found = idp.ask("GET", path).json
        assert (found["title"], found["userType"]) == (f"T{number}", f"U{number}")


def test_of_two_who_saw_the_same_version_one_is_told(idp):
    said = idp.person()
    path, version = f"Users/{said['id']}", said["meta"]["version"]
    for number in range(rounds()):
        changes = [{"op": "replace", "path": "title", "value": f"{number}{who}"} for who in "ab"]
        answers = together(
            *(lambda change=change, v=version: idp.patch(path, change, If_Match=v) for change in changes)
        )
        assert sorted(one.status for one in answers) == [200, 412]
        won = next(one for one in answers if one.status == 200)
        found = idp.ask("GET", path).json
        assert found["title"] == won.json["title"]
        version = found["meta"]["version"]


def test_members_who_join_at_the_same_moment_are_all_in(idp):
    people = [idp.person() for _ in range(4)]
    group = idp.group()
    path = f"Groups/{group['id']}"
    for _ in range(rounds()):
        joins = [{"op": "add", "path": "members", "value": [{"value": one["id"]}]} for one in people]
        answers = together(*(lambda join=join: idp.patch(path, join) for join in joins))
        assert [one.status for one in answers] == [204] * 4
        assert len(idp.ask("GET", path).json["members"]) == 4
        leaves = [{"op": "remove", "path": f'members[value eq "{one["id"]}"]'} for one in people]
        answers = together(*(lambda leave=leave: idp.patch(path, leave) for leave in leaves))
        assert [one.status for one in answers] == [204] * 4
        assert "members" not in idp.ask("GET", path).json


def test_letting_go_while_groups_change_does_not_hang(idp):
    groups = [idp.group(f"Group {number}") for number in range(3)]
    for _ in range(rounds()):
        person = idp.person()
        idp.patch(f"Groups/{groups[0]['id']}", {"op": "add", "path": "members", "value": [{"value": person["id"]}]})
        join = {"op": "add", "path": "members", "value": [{"value": person["id"]}]}
        leave = {"op": "remove", "path": f'members[value eq "{person["id"]}"]'}
        answers = together(
            lambda p=person: idp.ask("DELETE", f"Users/{p['id']}"),
            lambda leave=leave: idp.patch(f"Groups/{groups[0]['id']}", leave),
            lambda join=join: idp.patch(f"Groups/{groups[1]['id']}", join),
            lambda p=person: idp.patch(f"Users/{p['id']}", {"op": "replace", "path": "title", "value": "x"}),
        )
        assert answers[0].status == 204, answers
        assert all(one.status in {200, 204, 400, 404} for one in answers[1:]), answers
        assert idp.ask("GET", f"Users/{person['id']}").status == 404
        for group in groups:
            assert person["id"] not in idp.ask("GET", f"Groups/{group['id']}").text
        assert not User.objects.get(email=person["userName"]).memberships.exists()
    assert Group.objects.count() == 3


def test_two_administrators_are_not_both_let_go(idp, transactional_people, admin):
    User.objects.filter(pk=admin.pk).update(password="!")  # the token's own person cannot sign in
    for _ in range(rounds()):
        first, second = (idp.person(transactional_people.person("administrator").email) for _ in range(2))
        answers = together(
            lambda one=first: idp.ask("DELETE", f"Users/{one['id']}"),
            lambda one=second: idp.patch(f"Users/{one['id']}", {"op": "replace", "path": "active", "value": False}),
        )
        assert sorted(one.status for one in answers) in ([200, 409], [204, 409]), answers
        assert administrators().count() == 1
        administrators().update(password="!")
