"""Two pushes at the same moment, of one bundle and of different ones: no lost update, no double effect."""

from __future__ import annotations

import os

import pytest

pytestmark = pytest.mark.slow
ROUNDS = int(os.environ.get("ROADWORTHY_TEST_ROUNDS", "10"))
"""Raised to 200 where it matters; each round is four pushes, and the registration of their system."""


def test_simultaneous_pushes_count_once_each(server, works):
    bundles = works.bundle(), works.bundle(minutes=8, release="1.8")
    assert server.script("push_together.py", ROUNDS, *bundles) == []
    seen = server.script("look_at_data.py")
    assert len(seen["bundles"]) == 2
