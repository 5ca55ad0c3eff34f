"""What Microsoft Entra ID and Okta are known to send, word for word, and PATCH beyond it."""

from __future__ import annotations

import pytest
from identity_provider import CORE, ENTERPRISE, PATCH

from roadworthy.server.accounts.models import User

CUSTOM = "urn:ietf:params:scim:schemas:extension:CustomExtensionName:2.0:User"
ENTRA_USER = {
    "schemas": [CORE, ENTERPRISE],
    "externalId": "jyoung",
    "userName": "jyoung@contoso.example",
    "active": True,
    "displayName": "Joy Young",
    "emails": [{"primary": True, "type": "work", "value": "jyoung@contoso.example"}],
    "meta": {"resourceType": "User"},
    "name": {"formatted": "Joy Young", "familyName": "Young", "givenName": "Joy"},
    "roles": [],
    "addresses": [{"type": "work", "formatted": "1 Road", "primary": False}],
    "phoneNumbers": [{"type": "mobile", "value": "555"}],
    ENTERPRISE: {"employeeNumber": "701984", "department": "Cars", "manager": "26118915"},
}
OKTA_USER = {
    "schemas": [CORE],
    "userName": "test.user@okta.example",
    "name": {"givenName": "Test", "familyName": "User"},
    "emails": [{"primary": True, "value": "test.user@okta.example", "type": "work"}],
    "displayName": "Test User",
    "locale": "en-US",
    "externalId": "00ujl29u0le5T6Aj10h7",
    "groups": [],
    "password": "1mz050nq",
    "active": True,
}


def test_entra_looks_up_makes_changes_and_turns_off(idp):
    missing = idp.find("Users", 'userName eq "jyoung@contoso.example"')
    assert missing.status == 200
    assert missing.json["totalResults"] == 0
    assert missing.json["Resources"] == []
    made = idp.ask("POST", "Users", ENTRA_USER)
    assert made.status == 201, made
    assert made.json[ENTERPRISE]["manager"] == {"value": "26118915"}
    path = f"Users/{made.json['id']}"
    answer = idp.patch(
        path,
        {"op": "Replace", "path": "displayName", "value": "Joy N. Young"},
        {"op": "Add", "path": "name.givenName", "value": "Joy N."},
        {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "joy@contoso.example"},
        {"op": "Add", "path": 'emails[type eq "home"].value', "value": "joy@home.example"},
        {"op": "Add", "path": 'addresses[type eq "work"].country', "value": "CH"},
        {"op": "Add", "path": 'phoneNumbers[type eq "work"].value', "value": "556"},
        {"op": "Replace", "path": f"{ENTERPRISE}:department", "value": "Ships"},
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "26118916"},
        {"op": "Remove", "path": f"{ENTERPRISE}:employeeNumber"},
        {
            "op": "Add",
            "path": "urn:ietf:params:scim:schemas:extension:CustomExtensionName:2.0:User:CustomAttribute",
            "value": "x",
        },
        {"op": "Replace", "path": "title", "value": ""},
    )
    assert answer.status == 200, answer
    said = answer.json
    assert said["emails"] == [
        {"value": "joy@contoso.example", "type": "work", "primary": True},
        {"value": "joy@home.example", "type": "home"},
    ]
    assert said["name"]["givenName"] == "Joy N."
    assert said[ENTERPRISE] == {"department": "Ships", "manager": {"value": "26118916"}}
    assert not {"title", "addresses", "phoneNumbers"} & said.keys()
    assert User.objects.get(scim_id=said["id"]).email == "joy@contoso.example"
    by_path = {
        "op": "replace",
        "value": {"displayName": "J", f"{ENTERPRISE}:department": "Air", "name.familyName": "Y"},
    }
    said = idp.patch(path, by_path).json
    assert (said["displayName"], said[ENTERPRISE]["department"], said["name"]["familyName"]) == ("J", "Air", "Y")
    off = idp.patch(path, {"op": "Replace", "path": "active", "value": "False"})
    assert off.json["active"] is False
    assert not User.objects.get(scim_id=said["id"]).is_active
    reference = idp.find("Users", f'id eq "{said["id"]}" and {ENTERPRISE}:manager eq "26118916"')
    assert reference.json["totalResults"] == 1


def test_okta_makes_replaces_and_turns_off(idp):
    made = idp.ask("POST", "Users", OKTA_USER)
    assert made.status == 201, made
    path = f"Users/{made.json['id']}"
    off = idp.ask("PATCH", path, {"schemas": [PATCH], "Operations": [{"op": "replace", "value": {"active": False}}]})
    assert off.status == 200
    assert off.json["active"] is False
    again = idp.ask("PUT", path, {**OKTA_USER, "id": made.json["id"], "meta": made.json["meta"], "active": True})
    assert again.status == 200
    assert again.json["active"] is True
    assert again.json["id"] == made.json["id"]
    assert not User.objects.get(scim_id=made.json["id"]).has_usable_password()
    listed = idp.find("Users", startIndex=1, count=2)
    assert listed.json["totalResults"] == 1


def test_plain_json_is_taken_too(idp):
    assert idp.ask("POST", "Users", OKTA_USER, media="application/json; charset=utf-8").status == 201


def test_names_of_attributes_are_compared_without_regard_to_case(idp):
    answer = idp.ask("POST", "Users", {"schemas": [CORE.upper()], "USERNAME": "x@example.com", "ACTIVE": False})
    if answer.status == 400:
        answer = idp.ask("POST", "Users", {"schemas": [CORE], "USERNAME": "x@example.com", "ACTIVE": False})
    assert answer.status == 201, answer
    assert answer.json["active"] is False


@pytest.mark.parametrize(
    ("operation", "kind"),
    [
        ({"op": "frobnicate", "path": "title", "value": "x"}, "invalidValue"),
        ({"op": "add", "path": "]", "value": "x"}, "invalidPath"),
        ({"op": "add", "path": "emails[type eq", "value": "x"}, "invalidPath"),
        ({"op": "replace", "path": "id", "value": "x"}, "mutability"),
        ({"op": "replace", "path": "meta.version", "value": "x"}, "mutability"),
        ({"op": "replace", "path": "groups", "value": []}, "mutability"),
        ({"op": "remove", "path": "userName"}, "mutability"),
        ({"op": "remove", "path": "active"}, "mutability"),
        ({"op": "remove", "path": "emails"}, "mutability"),
        ({"op": "remove"}, "noTarget"),
        ({"op": "add", "path": "title"}, "invalidValue"),
        ({"op": "add", "path": "title", "value": {"a": 1}}, "invalidValue"),
        ({"op": "add", "path": "emails", "value": "x@example.com"}, "invalidValue"),
        ({"op": "replace", "path": 'emails[type co "x"].value', "value": "x@example.com"}, "noTarget"),
        ({"op": "replace", "path": "active", "value": "perhaps"}, "invalidValue"),
        ({"op": "replace", "path": "userName", "value": ""}, "invalidValue"),
        ({"op": "replace", "path": "userName", "value": "x" * 300}, "invalidValue"),
        ({"op": "replace", "path": "externalId", "value": "x" * 300}, "invalidValue"),
        ({"op": "replace", "path": "title", "value": "x" * 300}, "invalidValue"),
        ({"op": "replace", "path": "emails", "value": [{"value": "no address"}]}, "invalidValue"),
        ({"op": "replace", "path": "displayName", "value": "two\nlines"}, "invalidValue"),
        (
            {"op": "add", "path": "emails", "value": [{"value": f"x{n}@example.com"} for n in range(300)]},
            "invalidValue",
        ),
    ],
)
def test_operations_that_are_refused_change_nothing(idp, operation, kind):
    said = idp.person(title="Engineer", displayName="X")
    answer = idp.patch(f"Users/{said['id']}", {"op": "replace", "path": "title", "value": "Changed"}, operation)
    assert (answer.status, answer.json.get("scimType")) == (400, kind), answer
    assert idp.ask("GET", f"Users/{said['id']}").json == said
