"""What the tests of releases share: bundles made once, and a server that accepts them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pushed_bundles import Works, make_works, standard_row, trust
from running_server import Running, database

from roadworthy.core.digests import canonical_json
from roadworthy.server.access.actor import Actor
from roadworthy.server.releases.models import Release
from roadworthy.standard.load import standard_value


@pytest.fixture(scope="session")
def works(tmp_path_factory: pytest.TempPathFactory) -> Works:
    """Return the project whose bundles are pushed."""
    return make_works(tmp_path_factory.mktemp("works"))


@pytest.fixture
def ready(db: None, works: Works) -> Works:
    """Return it, with its standard in force here and the key of its pipeline entered."""
    standard_row(works.standard)
    trust(works.signer)
    return works


@pytest.fixture
def push() -> Callable[[Actor, Path], Release]:
    """Return what pushes a bundle by the service."""
    from roadworthy.server.releases.receive import receive

    def send(actor: Actor, path: Path) -> Release:
        with path.open("rb") as stream:
            return receive(actor, stream, declared_size=path.stat().st_size).release

    return send


@pytest.fixture
def server(works: Works, tmp_path: Path) -> Iterator[Running]:
    """Return a server that is not started yet, with data of its own: it accepts the bundles of `works`."""
    standard = tmp_path / "standard.json"
    standard.write_bytes(canonical_json(standard_value(works.standard.standard)))
    with database(f"roadworthy_running_{os.getpid()}") as url:
        running = Running(tmp_path / "running", url)
        running.data.mkdir()
        running.extra["PUSH_TOKEN"] = running.script("seed_server.py", standard, works.signer.key_id)["token"]
        try:
            yield running
        finally:
            running.kill()
