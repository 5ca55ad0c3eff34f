"""The table of doors x every address x every method x every role: each opens exactly as the table says.

What is expected is worked out from the tables of permissions and roles alone; what happens is asked over HTTP, with the
views replaced, so that only the door answers.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from addresses import METHODS, Address, addresses, openings
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from open_door import LET_IN
from server_people import People

from roadworthy.server.access.doors import Opening
from roadworthy.server.access.permissions import PERMISSIONS, Permission
from roadworthy.server.access.roles import ROLES
from roadworthy.server.accounts import door
from roadworthy.server.accounts.doors import PROVIDED
from roadworthy.server.accounts.models import Role, User
from roadworthy.server.shell.problem import status_of

ADDRESSES = addresses()
OPENINGS = openings()
SIGN_IN, SHUT, UNKNOWN, NOT_HERE, NOBODY = 302, 403, 405, 404, 401


def test_every_address_has_a_door():
    without = sorted({one.name for one in ADDRESSES} - {name for _, name in OPENINGS})
    assert not without, f"no door opens these; add them to doors.py of their app: {without}"


def test_every_door_has_an_address():
    assert {name for _, name in OPENINGS} <= {one.name for one in ADDRESSES}


def test_every_address_has_a_name():
    assert not [one.route for one in ADDRESSES if not one.name or one.name.endswith(":")]


def test_every_address_of_allauth_is_open_or_shut_for_a_reason():
    foreign = {one.name for one in ADDRESSES if ":" not in one.name}
    assert foreign == PROVIDED.keys()
    assert all(reason for _, reason in PROVIDED.values())


def test_what_is_public_is_public_on_purpose():
    public = {name for (_, name), one in OPENINGS.items() if not one.signed_in and not one.shut and ":" in name}
    assert public == {"people:set_up", "shell:healthz", "shell:readyz", "api:openapi-json"} | (
        public & {"shell:search_style", "doctor:healthz"}
    )


@pytest.fixture(autouse=True)
def only_doors(settings, monkeypatch) -> list[str]:
    """Replace the views, count refusals instead of recording them, and draw no pages about them."""
    refused: list[str] = []
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "open_door.OpenDoor"]
    monkeypatch.setattr(door, "record_refusal", lambda actor, action, subject, *_, **__: refused.append(subject.id))
    monkeypatch.setattr(door, "problem_page", lambda request, error: HttpResponse(status=status_of(error)))
    return refused


ARGUMENTS = {
    "provider_id": "sso",
    "uidb36": "x",
    "key": 1,
    "secret": "s",
    "digest": "a" * 64,
    "sha256": "a" * 64,
    "kind": "md",
}


def url_of(address: Address) -> str:
    """Return an address with arguments that fit."""
    last: Exception | None = None
    for other in (1, "x"):
        given = {name: ARGUMENTS.get(name, other) for name in address.arguments}
        for attempt in (given, {**given, "key": "x"} if "key" in given else given):
            try:
                return reverse(address.name, kwargs=attempt)
            except Exception as error:
                last = error
    raise AssertionError(f"say in ARGUMENTS what fits {address}") from last


def expected(opening: Opening | None, held: frozenset[Permission] | None, api: bool) -> int:
    """Return the status that the table asks for; `held` is None for nobody."""
    if opening is None:
        return UNKNOWN
    if opening.shut:
        return NOT_HERE
    if not opening.signed_in:
        return LET_IN
    if held is None:
        return NOBODY if api else SIGN_IN
    return LET_IN if opening.permission is None or opening.permission in held else SHUT


def doors_of(space: str = "", every: bool = False) -> Iterator[tuple[Address, str, Opening | None]]:
    """Yield the doors of the table; with `every`, also the methods that an address has no door for."""
    for address in ADDRESSES:
        if address.name.startswith(space):
            for method in METHODS:
                opening = OPENINGS.get((method, address.name))
                if every or opening is not None:
                    yield address, method, opening


def walk(
    client: Client, held: frozenset[Permission] | None, space: str = "", *, every: bool = False, **headers: str
) -> list[str]:
    """Try every door; return those that answered otherwise than the table says."""
    wrong = []
    for address, method, opening in doors_of(space, every):
        url = url_of(address)
        got = getattr(client, method.lower())(url, headers=headers).status_code
        want = expected(opening, held, url.startswith(("/api/", "/scim/")))
        if got != want:
            wrong.append(f"{method} {address.name}: {got}, not {want}")
    return wrong


def entered(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.stress
@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_what_it_may(people: People, role, only_doors):
    assert walk(entered(people.person(role)), ROLES[role].permissions) == []
    shut = [opening for _, _, opening in doors_of() if expected(opening, ROLES[role].permissions, True) == SHUT]
    assert len(only_doors) == len(shut)


def test_who_holds_no_role_opens_what_needs_none(people: People):
    assert walk(entered(people.person()), frozenset()) == []


def test_a_role_without_permissions_opens_no_more(people: People):
    Role.objects.create(slug="empty", title="Empty", permissions=[])
    assert walk(entered(people.person("empty")), frozenset()) == []


def test_nobody_opens_what_is_public(db):
    assert walk(Client(), None, every=True) == []


def test_who_was_deactivated_is_nobody(people: People):
    user = people.person("administrator")
    client, secret = entered(user), people.token(user)
    User.objects.filter(pk=user.pk).update(is_active=False)
    assert walk(client, None) == []
    assert walk(Client(), None, "api:", Authorization=f"Bearer {secret}") == []


@pytest.mark.stress
@pytest.mark.parametrize("role", ROLES)
def test_a_narrowed_role_opens_no_more_than_what_can_be_narrowed(people: People, role):
    held = {one for one in ROLES[role].permissions if PERMISSIONS[one].narrowable or PERMISSIONS[one].comes_along}
    assert walk(entered(people.person(role, system_id=1)), frozenset(held)) == []


@pytest.mark.stress
@pytest.mark.parametrize("permission", Permission)
def test_a_token_opens_what_its_one_permission_opens(people: People, permission):
    Role.objects.create(slug="all", title="All", permissions=sorted(map(str, Permission)))
    secret = people.token(people.person("all"), permission)
    held = frozenset({permission})
    assert walk(Client(), held, "api:", Authorization=f"Bearer {secret}") == []
    assert walk(Client(), held, "scim:", Authorization=f"Bearer {secret}") == []


def test_a_token_is_nobody_on_pages(people: People):
    secret = people.token(people.person("administrator"))
    wrong = walk(Client(), None, "people:", Authorization=f"Bearer {secret}")
    assert wrong == []


@pytest.mark.parametrize("header", ["Bearer rw_wrong", "Bearer", "Basic abc", "bearer  ", "Token rw_x"])
def test_a_wrong_token_is_nobody_even_beside_a_session(people: People, header):
    client = entered(people.person("administrator"))
    assert walk(client, None, "api:people", Authorization=header) == []
