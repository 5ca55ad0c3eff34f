"""People over SCIM: taken on, kept up to date, let go; and what stays of them."""

from __future__ import annotations

import pytest
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.hashers import make_password
from django.test import Client
from identity_provider import CORE, ENTERPRISE

from roadworthy.server.access.actor import Door
from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts.administrators import administrators
from roadworthy.server.accounts.models import ApiToken, Grant, Group, Role, User
from roadworthy.server.accounts.people import deactivate, reactivate
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.accounts.signing import signer_of
from roadworthy.server.audit.models import Entry, Outcome


def row_of(said) -> User:
    return User.objects.get(scim_id=said["id"])


def trail() -> list[str]:
    return list(Entry.objects.filter(door=Door.SCIM).order_by("number").values_list("action", flat=True))


def test_somebody_is_taken_on_without_a_password(idp):
    answer = idp.ask(
        "POST",
        "Users",
        {
            "schemas": [CORE, ENTERPRISE],
            "userName": "Ada@Corp",
            "externalId": "00u1",
            "displayName": "Ada Lovelace",
            "name": {"givenName": "Ada", "familyName": "Lovelace"},
            "emails": [{"value": "ada@home.example"}, {"value": "Ada@Example.com", "type": "work"}],
            "password": "correct horse battery",
            "phoneNumbers": [{"value": "1"}],
            ENTERPRISE: {"department": "Analysis", "manager": "no id of ours"},
        },
    )
    assert answer.status == 201
    said = answer.json
    assert answer.headers["Location"] == said["meta"]["location"]
    assert answer.headers["ETag"] == said["meta"]["version"]
    assert said["userName"] == "Ada@Corp"
    assert said["active"] is True
    assert said[ENTERPRISE] == {"department": "Analysis", "manager": {"value": "no id of ours"}}
    assert "password" not in said
    user = row_of(said)
    assert (user.email, user.name, user.external_id) == ("ada@example.com", "Ada Lovelace", "00u1")
    assert not user.has_usable_password()
    assert "password" not in user.scim
    assert "phoneNumbers" not in user.scim
    assert trail() == ["user.added"]
    assert idp.ask("GET", f"Users/{said['id']}").json == said


def test_without_addresses_the_user_name_is_the_address_and_follows_it(idp):
    said = idp.person("grace@example.com")
    assert said["emails"] == [{"value": "grace@example.com", "primary": True}]
    assert row_of(said).name == "grace@example.com"
    idp.patch(f"Users/{said['id']}", {"op": "replace", "path": "userName", "value": "hopper@example.com"})
    assert row_of(said).email == "hopper@example.com"
    answer = idp.ask("POST", "Users", {"schemas": [CORE], "userName": "no address"})
    assert (answer.status, answer.json["scimType"]) == (400, "invalidValue")


def test_deactivation_ends_sessions_and_tokens_and_is_undone_without_them(idp, people):
    said = idp.person()
    user = row_of(said)
    Grant.objects.create(role=Role.objects.get(slug="engineer"), user=user)
    secret = people.token(user, Permission.SYSTEM_READ)
    browser = Client()
    browser.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get("/account/").status_code == 200
    answer = idp.patch(f"Users/{said['id']}", {"op": "replace", "value": {"active": False}})
    assert answer.json["active"] is False
    assert browser.get("/account/").status_code == 302
    asked = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/me", headers=asked).status_code == 401
    answer = idp.patch(f"Users/{said['id']}", {"op": "Replace", "path": "active", "value": "True"})
    assert answer.json["active"] is True
    assert browser.get("/account/").status_code == 302
    assert Client().get("/api/v1/me", headers=asked).status_code == 401
    assert trail() == ["user.added", "user.deactivated", "user.reactivated"]


def test_replacing_takes_away_what_is_left_out(idp):
    said = idp.person("a@example.com", title="Engineer", externalId="x", displayName="A")
    answer = idp.ask("PUT", f"Users/{said['id']}", {"schemas": [CORE], "userName": "a@example.com"})
    assert answer.status == 200
    assert not {"title", "externalId", "displayName"} & answer.json.keys()
    assert answer.json["active"] is True
    assert row_of(said).scim == {"userName": "a@example.com"}
    entry = Entry.objects.filter(action="user.changed").latest("number")
    assert '"attributes":["displayName","title"]' in entry.detail
    assert "Engineer" not in entry.detail


def test_who_is_let_go_stays_as_a_record_without_access(idp, people):
    said = idp.person("leaver@example.com", externalId="x1")
    user = row_of(said)
    key = signer_of(user).key_id
    group = idp.group("Signers", said)
    local = Group.objects.create(name="Local")
    local.members.add(user)
    Grant.objects.create(role=Role.objects.get(slug="engineer"), user=user)
    people.token(user, Permission.SYSTEM_READ)
    assert idp.ask("DELETE", f"Users/{said['id']}").status == 204
    user.refresh_from_db()
    assert (user.is_active, user.scim_id, user.email) == (False, None, "leaver@example.com")
    assert user.signing_key_id == key
    assert not user.memberships.exists()
    assert not user.grants.exists()
    assert not ApiToken.objects.filter(user=user, revoked_at=None).exists()
    entry = Entry.objects.get(action="user.removed")
    assert '"groups":["Local","Signers"]' in entry.detail
    assert '"roles":["engineer"]' in entry.detail
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        content = None if method in {"GET", "DELETE"} else {"schemas": [CORE], "userName": "x@example.com"}
        answer = idp.ask(method, f"Users/{said['id']}", content)
        assert answer.status in {400, 404}, answer
    assert idp.find("Users", 'userName eq "leaver@example.com"').json["totalResults"] == 0
    assert "members" not in idp.ask("GET", f"Groups/{group['id']}").json


def test_who_comes_back_is_the_same_person_with_nothing_but_what_the_provider_gives(idp):
    said = idp.person("back@example.com", externalId="x1")
    user = row_of(said)
    Grant.objects.create(role=Role.objects.get(slug="director"), user=user)
    idp.ask("DELETE", f"Users/{said['id']}")
    again = idp.person("back@example.com", externalId="x1")
    assert again["id"] != said["id"]
    assert row_of(again) == user
    assert row_of(again).is_active
    assert not actor_of(row_of(again), Door.PAGE).reach


def test_an_address_that_goes_to_another_person_does_not_carry_the_key_of_the_first(idp):
    first = row_of(idp.person("jane@example.com", externalId="x1", displayName="Jane One"))
    key = signer_of(first).key_id
    idp.ask("DELETE", f"Users/{first.scim_id}")
    second = row_of(idp.person("jane@example.com", externalId="x2", displayName="Jane Two"))
    assert second != first
    first.refresh_from_db()
    assert first.email == f"removed-{first.pk}@removed.invalid"
    assert first.signing_key_id == key
    assert signer_of(second).key_id != key


def test_whom_an_administrator_let_in_again_does_not_lose_their_address(idp, admin):
    first = row_of(idp.person("jane@example.com", externalId="x1"))
    idp.ask("DELETE", f"Users/{first.scim_id}")
    reactivate(actor_of(admin, Door.PAGE), first.pk, None)
    assert row_of(idp.person("jane@example.com", externalId="x2")) == first


def test_somebody_who_is_here_is_taken_up_with_what_they_hold(idp, people):
    user = people.person("engineer")
    said = idp.person(user.email, displayName="New Name")
    user.refresh_from_db()
    assert str(user.scim_id) == said["id"]
    assert user.name == "New Name"
    assert user.grants.count() == 1


def test_somebody_whom_an_administrator_shut_out_does_not_come_in_by_a_new_account(idp, people, admin):
    user = people.person("engineer")
    deactivate(actor_of(admin, Door.PAGE), user.pk, None)
    answer = idp.ask("POST", "Users", {"schemas": [CORE], "userName": user.email})
    assert (answer.status, answer.json["scimType"]) == (409, "uniqueness")
    assert "administrator" in answer.json["detail"]


@pytest.mark.parametrize("name", ["Ada@Example.com", "ADA@EXAMPLE.COM", "ada@example.com"])
def test_a_user_name_is_unique_without_regard_to_case(idp, name):
    idp.person("ada@example.com")
    answer = idp.ask("POST", "Users", {"schemas": [CORE], "userName": name})
    assert (answer.status, answer.json["scimType"]) == (409, "uniqueness")
    other = idp.person("other@example.com")
    answer = idp.patch(f"Users/{other['id']}", {"op": "replace", "path": "userName", "value": name})
    assert (answer.status, answer.json["scimType"]) == (409, "uniqueness")
    mails = {"op": "replace", "path": "emails", "value": [{"value": name}]}
    assert idp.patch(f"Users/{other['id']}", mails).status == 409


@pytest.mark.parametrize("way", ["patch", "put", "delete"])
def test_the_last_administrator_is_not_locked_out(idp, admin, way):
    said = idp.person(admin.email)
    path = f"Users/{said['id']}"
    if way == "patch":
        answer = idp.patch(path, {"op": "replace", "path": "active", "value": False})
    elif way == "put":
        answer = idp.ask("PUT", path, {"schemas": [CORE], "userName": admin.email, "active": False})
    else:
        answer = idp.ask("DELETE", path)
    assert answer.status == 409
    assert "nobody could manage people" in answer.json["detail"]
    assert administrators().get() == admin
    refused = Entry.objects.get(outcome=Outcome.REFUSED)
    assert (refused.action, refused.door) == ("user.lockout_refused", "scim")
    assert idp.ask("GET", path).json["active"] is True


def test_one_of_two_administrators_can_go(idp, admin, people):
    User.objects.filter(pk=admin.pk).update(password=make_password(None))
    SocialAccount.objects.create(user=admin, provider="sso", uid="1")
    said = idp.person(people.person("administrator").email)
    assert idp.ask("DELETE", f"Users/{said['id']}").status == 204
    assert administrators().get() == admin


def test_versions(idp):
    said = idp.person()
    path, first = f"Users/{said['id']}", said["meta"]["version"]
    assert idp.ask("GET", path, If_None_Match=first).status == 304
    change = {"op": "replace", "path": "title", "value": "Lead"}
    answer = idp.patch(path, change, If_Match=first)
    assert answer.status == 200
    assert answer.headers["ETag"] != first
    stale = idp.patch(path, {**change, "value": "Head"}, If_Match=first)
    assert (stale.status, stale.json["status"]) == (412, "412")
    assert idp.ask("DELETE", path, If_Match=first).status == 412
    put = {"schemas": [CORE], "userName": said["userName"]}
    assert idp.ask("PUT", path, put, If_Match='W/"other"').status == 412
    assert idp.ask("PUT", path, put, If_Match="*").status == 200
    version = idp.ask("GET", path).json["meta"]["version"]
    idp.group("Team", said)
    assert idp.ask("GET", path, If_None_Match=version).status == 200
