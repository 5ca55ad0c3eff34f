"""Without an extra the core works, and asking for it names what to install."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from roadworthy.core.errors import MissingExtra
from roadworthy.evaluate.on_ray.cluster import connected


def test_ray_is_asked_for_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("ray"):
        monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra) as caught, connected(tmp_path, []):
        pass
    assert caught.value.remedy == "pip install 'roadworthy[ray]'"
