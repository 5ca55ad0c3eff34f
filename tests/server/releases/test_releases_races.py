"""Two pushes at the same moment, of one bundle and of different ones: no lost update, no double effect."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.stress
ROUNDS = int(os.environ.get("PUSH_ROUNDS", "10"))
"""Each is four pushes at one moment, and the registration of their system; PUSH_ROUNDS=200 asks for more."""


def test_simultaneous_pushes_count_once_each(server, works):
    bundles = works.bundle(), works.bundle(minutes=8, release="1.8")
    assert server.script("push_together.py", ROUNDS, *bundles, seconds=120 + 3 * ROUNDS) == []
    seen = server.script("look_at_data.py")
    assert len(seen["bundles"]) == 2
