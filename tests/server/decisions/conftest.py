"""What the tests of decisions share: a release that was pushed, and the people around it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[1] / "releases"))

from decided_releases import Cast, make_cast
from pushed_bundles import Works, make_works, standard_row, trust
from server_people import People


@pytest.fixture(scope="session")
def works(tmp_path_factory: pytest.TempPathFactory) -> Works:
    """Return the project whose bundles are pushed."""
    return make_works(tmp_path_factory.mktemp("works-of-decisions"))


@pytest.fixture
def cast(people: People, works: Works) -> Cast:
    """Return people and a release that was pushed; sign-off and document are missing, so that it is held."""
    standard_row(works.standard)
    trust(works.signer)
    return make_cast(people, works)


@pytest.fixture
def transactional_cast(transactional_people: People, works: Works) -> Cast:
    """Return the same for tests whose threads see each other's transactions."""
    from roadworthy.server.decisions.authority import seed_authority

    seed_authority()
    standard_row(works.standard)
    trust(works.signer)
    return make_cast(transactional_people, works)
