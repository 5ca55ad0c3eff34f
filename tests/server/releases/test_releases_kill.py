"""kill -9 while a bundle is sent and taken in: what was acknowledged is there whole, nothing is half there."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import random
import time
from pathlib import Path
from threading import Thread

import pytest
from push_and_die import POINTS
from running_server import Running

pytestmark = pytest.mark.stress


def send(server: Running, bundle: Path, acknowledged: list[str], cut: float = 1.0) -> None:
    """Push a bundle, or a part of it, and note it when the server has acknowledged it."""
    data = bundle.read_bytes()
    headers = {
        "Authorization": f"Bearer {server.extra['PUSH_TOKEN']}",
        "Content-Type": "application/zip",
        "Content-Length": str(len(data)),
    }
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(server.connection()) as connection:
        connection.putrequest("POST", "/api/v1/bundles")
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders(data[: int(len(data) * cut)])
        if connection.getresponse().status in {200, 201}:
            acknowledged.append(hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("point", POINTS)
def test_a_death_at_any_point_leaves_all_or_nothing(server, works, point):
    first, second = works.bundle(), works.bundle(minutes=8, release="1.8")
    assert server.script("push_and_die.py", point, first, check=False) == -9
    seen = server.script("look_at_data.py")
    assert seen["wrong"] == []
    assert len(seen["bundles"]) == (point == "committed")
    assert server.script("push_and_die.py", "never", first, second, check=False) == 0
    seen = server.script("look_at_data.py")
    assert (seen["wrong"], len(seen["bundles"])) == ([], 2)


def test_a_killed_server_keeps_what_it_acknowledged_and_nothing_else(server, works):
    bundles = [works.bundle(minutes=40 + place, release=f"4.{place}") for place in range(4)]
    acknowledged: list[str] = []
    chance = random.Random(4)
    for place, bundle in enumerate(bundles):
        server.start()
        cut = 0.5 if place == 0 else 1.0
        sender = Thread(target=send, args=(server, bundle, acknowledged, cut))
        sender.start()
        time.sleep(chance.uniform(0.02, 0.2))
        server.kill()
        sender.join()
        seen = server.script("look_at_data.py")
        assert seen["wrong"] == []
        assert set(acknowledged) <= set(seen["bundles"])
    server.start()
    acknowledged.clear()
    for bundle in bundles:
        send(server, bundle, acknowledged)
    server.kill()
    seen = server.script("look_at_data.py")
    assert (seen["wrong"], seen["bundles"]) == ([], sorted(acknowledged))
    assert len(acknowledged) == len(bundles)
