"""Fixtures of the tests of decisions."""

from __future__ import annotations

from pathlib import Path

import pytest
from signed_people import People

from worked_example import make_key


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> People:
    """Four people: a lead, a writer, the owner, and a stranger."""
    folder: Path = tmp_path_factory.mktemp("people")
    return People(*(make_key(folder / f"{name}.pem") for name in ("lead", "writer", "owner", "stranger")))
