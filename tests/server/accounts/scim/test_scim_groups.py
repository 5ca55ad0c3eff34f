"""Groups over SCIM: who is in one holds the roles that it was granted, at once."""

from __future__ import annotations

from identity_provider import CORE_GROUP

from roadworthy.server.access.actor import Door
from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts.administrators import administrators
from roadworthy.server.accounts.models import Grant, Group, Role, User
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.audit.models import Entry, Outcome


def grant(group, role: str, **place) -> Group:
    row = Group.objects.get(scim_id=group["id"])
    Grant.objects.create(role=Role.objects.get(slug=role), group=row, **place)
    return row


def may(person, permission: Permission) -> bool:
    return actor_of(User.objects.get(scim_id=person["id"]), Door.PAGE).may(permission)


def members(idp, group) -> set[str]:
    return {one["value"] for one in idp.ask("GET", f"Groups/{group['id']}").json.get("members", [])}


def test_who_joins_gets_the_roles_of_the_group_and_who_leaves_loses_them(idp):
    ada, bob = idp.person(), idp.person()
    group = idp.group("Engineers", ada)
    grant(group, "engineer")
    assert may(ada, Permission.RELEASE_PUSH)
    assert not may(bob, Permission.RELEASE_PUSH)
    path = f"Groups/{group['id']}"
    answer = idp.patch(path, {"op": "add", "path": "members", "value": [{"value": bob["id"]}]})
    assert answer.status == 204
    assert answer.headers["ETag"] != group["meta"]["version"]
    assert may(bob, Permission.RELEASE_PUSH)
    assert idp.ask("GET", f"Users/{bob['id']}").json["groups"][0]["display"] == "Engineers"
    idp.patch(path, {"op": "remove", "path": f'members[value eq "{ada["id"]}"]'})
    assert not may(ada, Permission.RELEASE_PUSH)
    assert members(idp, group) == {bob["id"]}
    idp.ask("DELETE", path)
    assert not may(bob, Permission.RELEASE_PUSH)
    changes = Entry.objects.filter(kind="group", door="scim").order_by("number")
    assert [one.action for one in changes] == [
        "group.made",
        "group.changed",
        "group.changed",
        "group.changed",
        "group.deleted",
    ]


def test_well_known_shapes_of_members(idp):
    a, b, c = (idp.person() for _ in range(3))
    group = idp.group("Team")
    path = f"Groups/{group['id']}"
    nulls = [{"$ref": None, "value": a["id"]}, {"$ref": None, "value": b["id"]}]
    assert idp.patch(path, {"op": "Add", "path": "members", "value": nulls}).status == 204
    assert members(idp, group) == {a["id"], b["id"]}
    assert idp.patch(path, {"op": "Remove", "path": "members", "value": [{"value": a["id"]}]}).status == 204
    assert idp.patch(path, {"op": "Remove", "path": "members", "value": nulls[1:]}).status == 204
    assert members(idp, group) == set()
    okta = {"op": "add", "path": "members", "value": [{"value": c["id"], "display": "c@example.com"}]}
    assert idp.patch(path, okta, okta).status == 204
    assert members(idp, group) == {c["id"]}
    renamed = {"op": "replace", "value": {"id": group["id"], "displayName": "Renamed"}}
    assert idp.patch(path, renamed).status == 204
    everyone = {"op": "replace", "path": "members", "value": [{"value": a["id"]}, {"value": b["id"]}]}
    assert idp.patch(path, everyone).status == 204
    assert members(idp, group) == {a["id"], b["id"]}
    assert idp.patch(path, {"op": "remove", "path": "members"}).status == 204
    both = {"op": "add", "value": {"members": [{"value": a["id"]}], "externalId": "g1"}}
    assert idp.patch(path, both).status == 204
    found = idp.ask("GET", path).json
    assert (found["displayName"], found["externalId"]) == ("Renamed", "g1")
    assert found["members"] == [{"value": a["id"], "$ref": a["meta"]["location"], "type": "User"}]
    last = idp.patch(
        path,
        {"op": "remove", "path": f'members[value eq "{a["id"]}"]'},
        {"op": "add", "path": "members", "value": [{"value": a["id"]}, {"value": b["id"]}]},
        {"op": "remove", "path": f'members[value eq "{b["id"]}"]'},
    )
    assert last.status == 204
    assert members(idp, group) == {a["id"]}


def test_an_answer_is_given_where_attributes_are_asked_for(idp):
    group = idp.group()
    change = {"schemas": [], "Operations": [{"op": "add", "path": "externalId", "value": "x"}]}
    answer = idp.ask("PATCH", f"Groups/{group['id']}?attributes=externalId", change)
    assert answer.status == 200
    assert answer.json["externalId"] == "x"
    assert "displayName" not in answer.json


def test_nobody_gets_into_a_group_that_administrators_keep(idp, people):
    local = Group.objects.create(name="Admins")
    answer = idp.ask("POST", "Groups", {"schemas": [CORE_GROUP], "displayName": "Admins"})
    assert (answer.status, answer.json["scimType"]) == (409, "uniqueness")
    assert idp.find("Groups", 'displayName eq "Admins"').json["totalResults"] == 0
    person = idp.person()
    local.members.add(User.objects.get(scim_id=person["id"]))
    assert "groups" not in idp.ask("GET", f"Users/{person['id']}").json


def test_people_whom_the_provider_does_not_keep_are_not_taken_out(idp, people):
    group = idp.group("Mixed", idp.person())
    row = Group.objects.get(scim_id=group["id"])
    row.members.add(people.person())
    path = f"Groups/{group['id']}"
    assert idp.ask("PUT", path, {"schemas": [CORE_GROUP], "displayName": "Mixed", "members": []}).status == 200
    assert row.members.count() == 1
    assert members(idp, group) == set()


def test_a_member_must_be_a_person_who_is_kept(idp, people):
    group = idp.group()
    path = f"Groups/{group['id']}"
    for stranger in ("nonsense", "00000000-0000-0000-0000-000000000000", group["id"]):
        answer = idp.patch(path, {"op": "add", "path": "members", "value": [{"value": stranger}]})
        assert (answer.status, answer.json["scimType"]) == (400, "invalidValue"), answer
        gone = idp.patch(path, {"op": "remove", "path": f'members[value eq "{stranger}"]'})
        assert gone.status == 204
    content = {"schemas": [CORE_GROUP], "displayName": "x", "members": [{"value": "nonsense"}]}
    assert idp.ask("POST", "Groups", content).status == 400
    assert not Group.objects.filter(name="x").exists()


def test_the_last_administrator_stays_in_the_group_that_makes_them_one(idp, admin):
    said = idp.person(admin.email)
    group = idp.group("Admins", said)
    grant(group, "administrator")
    Grant.objects.filter(user=admin).delete()
    path = f"Groups/{group['id']}"
    ways = [
        lambda: idp.patch(path, {"op": "remove", "path": f'members[value eq "{said["id"]}"]'}),
        lambda: idp.patch(path, {"op": "replace", "path": "members", "value": []}),
        lambda: idp.ask("PUT", path, {"schemas": [CORE_GROUP], "displayName": "Admins"}),
        lambda: idp.ask("DELETE", path),
    ]
    for way in ways:
        answer = way()
        assert answer.status == 409, answer
        assert members(idp, group) == {said["id"]}
    assert administrators().get() == admin
    assert Entry.objects.filter(outcome=Outcome.REFUSED, action="user.lockout_refused").count() == len(ways)
