"""Object level: who may do everything, but elsewhere, gets at nothing here; through no page and no operation."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from addresses import addresses, openings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

sys.path.append(str(Path(__file__).parents[1] / "systems"))

from objects import FILES, FREE, OBJECTS, QUERY, SENT, World
from samples import body_of

from roadworthy.server.access.permissions import PERMISSIONS

ROUTES = {address.name: address for address in addresses()}
MISSING = "address {} leads to an object: add how to tests/server/access/objects.py, or say in FREE why it needs none"


def object_doors() -> list[tuple[str, str]]:
    """Return method and name of each door that leads to an object of a system or of a person."""
    found = []
    for (method, name), opening in openings().items():
        whole = opening.permission is not None and not PERMISSIONS[opening.permission].narrowable
        if opening.shut or not opening.signed_in or whole or not ROUTES[name].arguments or name in FREE:
            continue
        found.append((method, name))
    return sorted(found)


DOORS = object_doors()


def test_every_address_of_an_object_is_in_the_registry():
    missing = sorted({name for _, name in DOORS} - OBJECTS.keys())
    assert not missing, MISSING.format(", ".join(missing))


def test_the_registry_has_no_address_that_is_gone():
    assert OBJECTS.keys() <= {name for _, name in DOORS}
    assert FREE.keys() <= ROUTES.keys()


@pytest.fixture
def world(people) -> World:
    return World(people)


def ask(world: World, user: Any, method: str, name: str) -> Any:
    """Send a request that is well formed, as a person."""
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    door = (method, name)
    url = f"{reverse(name, kwargs=OBJECTS[name](world))}?{QUERY.get(door, '')}"
    sent: dict[str, Any] = {}
    if door in FILES:
        sent = {"data": {FILES[door]: SimpleUploadedFile("x.txt", b"x")}}
    elif name.startswith("api:") and method != "GET":
        body = body_of(ROUTES[name].route, method)
        sent = {"content_type": "application/json", "data": body if body is not None else {}}
    elif method != "GET":
        sent = {"data": SENT.get(door, {"revision": "1"})}
    return getattr(client, method.lower())(url, headers={"If-Match": '"r1"', "Idempotency-Key": "k"}, **sent)


@pytest.mark.parametrize(("method", "name"), [door for door in DOORS if door[1] in OBJECTS])
def test_who_may_do_everything_elsewhere_gets_at_nothing_here(world, method, name):
    answer = ask(world, world.outsider, method, name)
    assert answer.status_code in {403, 404}, (answer.status_code, answer.content[:300])


@pytest.mark.parametrize(("method", "name"), [door for door in DOORS if door[0] == "GET" and door[1] in OBJECTS])
def test_who_may_do_everything_here_is_not_told_that_it_is_not_there(world, method, name):
    answer = ask(world, world.insider, method, name)
    assert answer.status_code not in {401, 403}, answer.content[:300]
