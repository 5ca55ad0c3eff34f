"""Finding people and groups: filters, order, pages, attributes; and how many queries it takes."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from identity_provider import ENTERPRISE, SEARCH

from roadworthy.server.accounts.models import Group, User

MANY = 1000


@pytest.fixture
def three(idp) -> dict[str, dict]:
    return {
        "ada": idp.person(
            "Ada@Example.com",
            externalId="X1",
            title="Lead",
            displayName="Ada L",
            name={"familyName": "Lovelace"},
            emails=[{"value": "ada@work.example", "type": "work"}],
            **{ENTERPRISE: {"department": "R&D", "manager": {"value": "boss"}}},
        ),
        "bob": idp.person("bob_b@example.com", externalId="x1", active=False, title="100% Lead"),
        "cy": idp.person("cy'--@example.com"),
    }


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ('userName eq "ada@example.com"', "ada"),
        ('userName Eq "ADA@EXAMPLE.COM"', "ada"),
        ('urn:ietf:params:scim:schemas:core:2.0:User:userName eq "ada@example.com"', "ada"),
        ('username sw "ADA"', "ada"),
        ('userName co "@example"', "ada bob cy"),
        ('userName ew ".com"', "ada bob cy"),
        ('userName ne "ada@example.com"', "bob cy"),
        ('userName gt "b"', "bob cy"),
        ('externalId eq "X1"', "ada"),
        ('externalId eq "x1"', "bob"),
        ("externalId pr", "ada bob"),
        ("not (externalId pr)", "cy"),
        ('externalId eq ""', ""),
        ('displayName eq "ada l"', "ada"),
        ("displayName pr", "ada"),
        ("not (displayName pr)", "bob cy"),
        ('not (displayName eq "Ada L")', "bob cy"),
        ('title ne "Lead"', "bob cy"),
        ('title co "%"', "bob"),
        ('title co "_"', ""),
        ("title eq null", "cy"),
        ("title ne null", "ada bob"),
        ('name.familyName sw "love"', "ada"),
        ("active eq true", "ada cy"),
        ('active eq "False"', "bob"),
        ("active ne true", "bob"),
        ('title eq "Lead" and active eq true', "ada"),
        ('title co "Lead" and (active eq false or userName sw "ada")', "ada bob"),
        ('active eq false or userName sw "ada" and title eq "nothing"', "bob"),
        ('emails eq "ada@work.example"', "ada"),
        ('emails.value eq "Ada@Work.example"', "ada"),
        ('emails[type eq "work" and value eq "ada@work.example"]', "ada"),
        ('emails[type eq "work"].value eq "ada@work.example"', "ada"),
        (f'{ENTERPRISE}:department eq "r&d"', "ada"),
        (f'{ENTERPRISE}:manager eq "boss"', "ada"),
        ('meta.lastModified gt "2020-01-01T00:00:00Z"', "ada bob cy"),
        ('meta.created lt "2020-01-01T00:00:00Z"', ""),
        ('meta.resourceType eq "User"', "ada bob cy"),
        ('meta.resourceType eq "Group"', ""),
        ('id eq "nonsense"', ""),
        ("id pr", "ada bob cy"),
        ("""userName eq "cy'--@example.com\"""", "cy"),
        ("""userName eq "' or 1=1 --\"""", ""),
        ("""userName eq "\\" or userName pr or userName eq \\"\"""", ""),
        ("""userName eq "%\"""", ""),
        ("""userName sw "bob_\"""", "bob"),
        ("""userName sw "ad_\"""", ""),
        ("(" * 700 + "userName pr" + ")" * 700, "ada bob cy"),
    ],
)
def test_filters(idp, three, asked, found):
    answer = idp.find("Users", asked)
    assert answer.status == 200, answer
    names = {one["id"]: key for key, one in three.items()}
    assert {names[one["id"]] for one in answer.json["Resources"]} == set(found.split())
    assert answer.json["totalResults"] == len(found.split())


@pytest.mark.parametrize(
    "asked",
    [
        "userName",
        'userName eq "a',
        "userName eq",
        'userName is "a"',
        'password eq "a"',
        "scim__userName eq 1",
        'is_active eq "a"',
        'session_epoch eq "1"',
        'memberships__name eq "a"',
        'userName__regex eq "a"',
        "userName eq 5",
        'active eq "maybe"',
        "active gt true",
        'title gt "a"',
        'name eq "a"',
        'id sw "a"',
        'meta.created eq "yesterday"',
        'emails[password eq "x"]',
        'groups[value eq "x"]',
        'userName eq "a"; drop table accounts_user',
        "(" * 2500 + "userName pr" + ")" * 2500,
        "not (" * 400 + "userName pr" + ")" * 400,
        " or ".join(["userName pr"] * 400),
        "\u202euserName eq 1",
    ],
)
def test_filters_that_are_refused(idp, three, asked):
    answer = idp.find("Users", asked)
    assert (answer.status, answer.json["scimType"]) == (400, "invalidFilter"), answer
    assert User.objects.exists()


def test_filters_of_groups(idp, three):
    ada, bob = three["ada"], three["bob"]
    first, second = idp.group("First", ada, bob), idp.group("Second", ada)
    idp.group("Third")

    def names(asked: str) -> list[str]:
        answer = idp.find("Groups", asked, sortBy="displayName")
        assert answer.status == 200, answer
        return [one["displayName"] for one in answer.json["Resources"]]

    assert names('displayName eq "first"') == ["First"]
    assert names(f'members eq "{ada["id"]}"') == ["First", "Second"]
    assert names(f'members[value eq "{bob["id"]}"]') == ["First"]
    assert names(f'not (members.value eq "{bob["id"]}")') == ["Second", "Third"]
    assert names("members pr") == ["First", "Second"]
    assert names(f'id eq "{second["id"]}" and members eq "{ada["id"]}"') == ["Second"]
    assert [one["userName"] for one in idp.find("Users", f'groups eq "{first["id"]}"').json["Resources"]] == [
        "Ada@Example.com",
        "bob_b@example.com",
    ]


def test_who_is_not_provisioned_is_not_found(idp, people):
    people.person("engineer")
    Group.objects.create(name="Local")
    assert idp.find("Users").json["totalResults"] == 0
    assert idp.find("Groups").json["totalResults"] == 0


def test_attributes(idp, three):
    whole = idp.find("Users", attributes="userName,name.familyName", sortBy="userName").json["Resources"]
    assert [one.keys() - {"schemas", "id"} for one in whole] == [{"userName", "name"}, {"userName"}, {"userName"}]
    path = f"Users/{three['ada']['id']}"
    assert "emails" not in idp.ask("GET", f"{path}?excludedAttributes=emails,title").json
    assert idp.ask("GET", f"{path}?attributes=nonsense").json.keys() == {"schemas", "id"}
    assert idp.ask("GET", f"{path}?attributes=userName&excludedAttributes=title").status == 400
    group = idp.group("Team", three["ada"])
    assert "members" not in idp.ask("GET", f"Groups/{group['id']}?excludedAttributes=members").json
    assert "members" in idp.ask("GET", f"Groups/{group['id']}?attributes=members.value").json
    assert "members" not in idp.ask("GET", f"Groups/{group['id']}?attributes=displayName").json


def test_a_body_asks_as_an_address_does(idp, three):
    asked = {"schemas": [SEARCH], "filter": 'userName sw "ada"', "attributes": ["userName"], "count": 5}
    answer = idp.ask("POST", "Users/.search", asked)
    assert answer.status == 200
    assert [one["userName"] for one in answer.json["Resources"]] == ["Ada@Example.com"]
    group = idp.group("Ada")
    everything = idp.ask("POST", ".search", {"schemas": [SEARCH], "filter": 'displayName sw "ada"'})
    assert [one["id"] for one in everything.json["Resources"]] == [three["ada"]["id"], group["id"]]
    both = {"schemas": [SEARCH], "startIndex": 3, "count": 2}
    found = idp.ask("POST", ".search", both).json
    assert [one["meta"]["resourceType"] for one in found["Resources"]] == ["User", "Group"]
    assert (found["totalResults"], found["startIndex"], found["itemsPerPage"]) == (4, 3, 2)
    assert idp.ask("POST", "Groups/.search", {"schemas": [SEARCH]}).json["totalResults"] == 1


@pytest.mark.parametrize(
    ("parameters", "first", "shown"),
    [
        ({}, 0, 100),
        ({"count": 0}, 0, 0),
        ({"count": -5}, 0, 0),
        ({"count": 10_000}, 0, 200),
        ({"startIndex": 0, "count": 2}, 0, 2),
        ({"startIndex": -3, "count": 2}, 0, 2),
        ({"startIndex": 999, "count": 50}, 998, 2),
        ({"startIndex": 1001, "count": 50}, 1000, 0),
        ({"startIndex": 10**30}, 1000, 0),
    ],
)
def test_pages(idp, thousand, parameters, first, shown):
    answer = idp.find("Users", sortBy="userName", **parameters)
    assert answer.status == 200, answer
    assert (answer.json["totalResults"], answer.json["itemsPerPage"]) == (MANY, shown)
    assert [one["userName"] for one in answer.json["Resources"]] == [
        f"p{number:04}@example.com" for number in range(first, first + shown)
    ]


def test_every_page_together_is_everybody_once(idp, thousand):
    found = []
    for start in range(1, MANY, 200):
        page = idp.find("Users", startIndex=start, count=200, attributes="userName").json
        found += [one["userName"] for one in page["Resources"]]
    assert sorted(found) == [f"p{number:04}@example.com" for number in range(MANY)]


def test_a_page_takes_as_many_queries_as_a_row(idp, thousand):
    def queries(**parameters) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert idp.find("Users", **parameters).status == 200
        return len(seen)

    idp.find("Users", count=1)
    few = queries(count=1)
    assert queries(count=200) == few <= 8
    assert queries(count=200, startIndex=800, sortBy="name.familyName", sortOrder="descending") == few
    group = Group.objects.get(name="Everybody")
    with CaptureQueriesContext(connection) as seen:
        assert len(idp.ask("GET", f"Groups/{group.scim_id}").json["members"]) == MANY
    assert len(seen) <= few
    someone = thousand[0].scim_id
    with CaptureQueriesContext(connection) as seen:
        assert (
            idp.patch(f"Groups/{group.scim_id}", {"op": "remove", "path": f'members[value eq "{someone}"]'}).status
            == 204
        )
    assert len(seen) <= 25
    assert not [one for one in seen if len(one["sql"]) > 5000]


@pytest.fixture
def thousand(idp) -> list[User]:
    now = timezone.now()
    rows = [
        User(
            email=f"p{number:04}@example.com",
            name=f"P {number}",
            scim_id=uuid.uuid4(),
            scim_name=f"p{number:04}@example.com",
            scim={"userName": f"p{number:04}@example.com", "name": {"familyName": f"F{number % 7}"}},
            created_at=now + timedelta(seconds=number),
        )
        for number in range(MANY)
    ]
    made = User.objects.bulk_create(rows)
    group = Group.objects.create(name="Everybody", scim_id=uuid.uuid4())
    group.members.add(*made)
    return made


def test_sorting(idp, three):
    def names(**parameters) -> list[str]:
        answer = idp.find("Users", **parameters)
        assert answer.status == 200, answer
        return [one["userName"][:2].lower() for one in answer.json["Resources"]]

    assert names(sortBy="userName") == ["ad", "bo", "cy"]
    assert names(sortBy="userName", sortOrder="descending") == ["cy", "bo", "ad"]
    assert names(sortBy="title") == ["bo", "ad", "cy"]
    assert names(sortBy="title", sortOrder="descending") == ["cy", "ad", "bo"]
    assert names(sortBy="emails.type") == ["ad", "bo", "cy"]
    assert idp.find("Users", sortBy="password").status == 400
    assert idp.find("Users", sortBy="nothing").status == 400
