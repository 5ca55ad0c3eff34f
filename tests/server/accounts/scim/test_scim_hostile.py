"""What no provider sends: the door, bodies that are too large or no JSON, wrong types; and the form of errors."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from identity_provider import CORE, CORE_GROUP, PATCH, SEARCH, IdentityProvider

from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts.models import Group, User
from roadworthy.server.audit.models import Entry, Outcome

ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


def is_error(answer, *statuses: int) -> bool:
    return (
        answer.status in statuses
        and answer.headers["Content-Type"] == "application/scim+json"
        and answer.json["schemas"] == [ERROR]
        and answer.json["status"] == str(answer.status)
        and bool(answer.json["detail"])
    )


@pytest.mark.parametrize("secret", ["", "rw_wrong", "x" * 5000])
def test_a_wrong_token_is_nobody(db, secret):
    answer = IdentityProvider(secret).ask("GET", "Users")
    assert is_error(answer, 401)
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert is_error(IdentityProvider(secret).ask("POST", "Users", {"userName": "x@example.com"}), 401)
    assert not User.objects.exists()


def test_without_a_token_nobody_is_answered(db):
    answer = Client().get("/scim/v2/Users")
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/scim+json"
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/scim/v2/Users", "{}", content_type="application/scim+json")
    assert answer.status_code == 401


def test_a_token_needs_no_csrf_token(people, admin):
    headers = {"Authorization": f"Bearer {people.token(admin, Permission.SCIM_MANAGE)}"}
    content = json.dumps({"schemas": [CORE], "userName": "x@example.com"})
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/scim/v2/Users", content, content_type="application/scim+json", headers=headers)
    assert answer.status_code == 201


def test_a_session_provisions_nobody(signed_in):
    client = signed_in("administrator")
    assert client.get("/scim/v2/Users").status_code == 401
    content = json.dumps({"schemas": [CORE], "userName": "x@example.com"})
    answer = client.post("/scim/v2/Users", content, content_type="application/scim+json")
    assert answer.status_code == 401
    assert not User.objects.filter(email="x@example.com").exists()


def test_a_token_without_the_permission_is_refused_and_recorded(people):
    secret = people.token(people.person("administrator"), Permission.ACCOUNT_MANAGE)
    assert is_error(IdentityProvider(secret).ask("GET", "Users"), 403)
    assert Entry.objects.get(outcome=Outcome.REFUSED).action == "access.refused"


def test_the_token_of_a_provider_does_nothing_else(people, admin):
    secret = people.token(admin, Permission.SCIM_MANAGE)
    headers = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/people", headers=headers).status_code == 403
    assert Client().post("/api/v1/grants", "{}", content_type="application/json", headers=headers).status_code == 403
    assert Client().get("/people/", headers=headers).status_code == 302


BODIES = [
    "",
    "{",
    "nonsense",
    "[]",
    "null",
    '"text"',
    "5",
    '{"userName": NaN}',
    "\ufeff{}",
    '{"userName": "\\u0000@example.com"}',
    '{"userName": "\\ud800@example.com"}',
    "[" * 100_000,
    '{"a":' * 5000 + "1" + "}" * 5000,
    b"\xff\xfe\x00",
    json.dumps({"schemas": ["urn:nothing"], "userName": "x@example.com"}),
    json.dumps({"schemas": [CORE_GROUP], "userName": "x@example.com"}),
    json.dumps({"schemas": CORE, "userName": "x@example.com"}),
    json.dumps({"schemas": [5], "userName": "x@example.com"}),
    json.dumps({"schemas": [CORE]}),
    json.dumps({"schemas": [CORE], "userName": None}),
    json.dumps({"schemas": [CORE], "userName": ["x@example.com"]}),
    json.dumps({"schemas": [CORE], "userName": {"a": 1}}),
    json.dumps({"schemas": [CORE], "userName": "   "}),
    json.dumps({"schemas": [CORE], "userName": "x@example.com", "name": "x"}),
    json.dumps({"schemas": [CORE], "userName": "x@example.com", "emails": {"value": "a@example.com"}}),
    json.dumps({"schemas": [CORE], "userName": "x@example.com", "emails": ["a@example.com"]}),
    json.dumps({"schemas": [CORE], "userName": "x@example.com", "emails": [{"type": "work"}]}),
    json.dumps({"schemas": [CORE], "userName": "x@example.com", "active": "perhaps"}),
    json.dumps({"schemas": [CORE], "userName": "x@example.com", "externalId": 5}),
    json.dumps({"schemas": [CORE], "userName": "x" * 255 + "@example.com"}),
    json.dumps({"schemas": [CORE], "userName": "x@example.com", "title": "x" * 100_000}),
]


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
@pytest.mark.parametrize("number", range(len(BODIES)))
def test_bodies_that_are_refused(idp, number, method):
    said = idp.person("here@example.com") if method != "POST" else None
    path = f"Users/{said['id']}" if said else "Users"
    before = User.objects.count()
    answer = idp.ask(method, path, BODIES[number])
    assert is_error(answer, 400, 415), answer
    assert User.objects.count() == before
    if said:
        assert idp.ask("GET", path).json == said


@pytest.mark.parametrize("path", ["Users", "Users/.search", "Groups", ".search"])
def test_what_is_too_large_is_not_read(idp, path):
    large = json.dumps({"schemas": [CORE], "userName": "x@example.com", "junk": "x" * 5_000_000})
    assert is_error(idp.ask("POST", path, large), 413)


def test_too_many_operations_are_refused(idp):
    group = idp.group()
    content = {"schemas": [PATCH], "Operations": [{"op": "remove", "path": "members"}] * 1001}
    assert is_error(idp.ask("PATCH", f"Groups/{group['id']}", content), 400)
    for operations in ([], {}, None, "x", [5], [None], [[]]):
        assert is_error(idp.ask("PATCH", f"Groups/{group['id']}", {"schemas": [PATCH], "Operations": operations}), 400)


@pytest.mark.parametrize(
    "media", ["text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded"]
)
def test_other_media_are_refused(idp, media):
    content = json.dumps({"schemas": [CORE], "userName": "x@example.com"})
    assert is_error(idp.ask("POST", "Users", content, media=media), 400, 415)
    assert not User.objects.filter(email="x@example.com").exists()


@pytest.mark.parametrize(
    "path",
    [
        "Users/1",
        "Users/x",
        "Users/../Groups",
        "Users/%00",
        "Users/00000000-0000-0000-0000-000000000000",
        "Groups/nonsense",
        "Groups/'; drop table accounts_user; --",
        "Nonsense",
        "Schemas/nonsense",
        "ResourceTypes/nonsense",
        "Users?count=many",
        "Users?startIndex=1.5",
        "Users?sortOrder=sideways",
        "Users?sortBy=]",
        "Users?attributes=]",
        "Users?filter=%00",
        "Users?cursor=!",
        "Schemas?filter=id%20pr",
    ],
)
def test_addresses_that_are_refused(idp, path):
    assert is_error(idp.ask("GET", path), 400, 403, 404)


def test_methods_that_are_not_answered(idp):
    said = idp.person()
    for method, path in [
        ("PUT", "Users"),
        ("DELETE", "Groups"),
        ("POST", f"Users/{said['id']}"),
        ("POST", "Schemas"),
        ("GET", ".search"),
        ("DELETE", "ServiceProviderConfig"),
    ]:
        answer = idp.ask(method, path, {} if method in {"PUT", "POST"} else None)
        assert is_error(answer, 405), answer
        assert answer.headers["Allow"]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_methods_that_only_look_change_nothing(idp, method):
    said = idp.person()
    content = {"schemas": [CORE], "userName": "other@example.com"}
    assert idp.ask(method, "Users", content).status == 200
    assert idp.ask(method, f"Users/{said['id']}", content).status == 200
    assert idp.find("Users").json["Resources"] == [said]


def test_what_is_not_offered_says_so(idp):
    assert is_error(idp.ask("POST", "Bulk", {"schemas": []}), 501)
    assert is_error(idp.ask("GET", "Me"), 501)
    config = idp.ask("GET", "ServiceProviderConfig").json
    assert config["bulk"]["supported"] is False
    assert config["changePassword"]["supported"] is False
    assert config["patch"]["supported"] is True
    assert config["etag"]["supported"] is True
    assert "password" not in idp.ask("GET", f"Schemas/{CORE}").text.lower()


def test_searches_that_are_refused(idp):
    for content in (
        {"schemas": [SEARCH], "filter": 5},
        {"schemas": [SEARCH], "filter": "x" * 5000},
        {"schemas": [SEARCH], "count": "many"},
        {"schemas": [SEARCH], "attributes": 5},
        {"schemas": ["urn:nothing"]},
    ):
        assert is_error(idp.ask("POST", "Users/.search", content), 400), content


def test_a_group_of_other_things_is_refused(idp):
    for members in ([5], ["x"], [{"value": 5}], {"value": "x"}, [[]], [{"value": None}], [{"display": "x"}]):
        content = {"schemas": [CORE_GROUP], "displayName": "x", "members": members}
        assert is_error(idp.ask("POST", "Groups", content), 400), members
    for name in ("", "  ", "x" * 201, "two\nlines", None, 5):
        assert is_error(idp.ask("POST", "Groups", {"schemas": [CORE_GROUP], "displayName": name}), 400), name
    assert not Group.objects.exists()
