"""Without an extra the core works, and asking for it names what to install."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

from roadworthy.core.errors import MissingExtra
from roadworthy.evaluate.on_ray.cluster import connected
from worked_example import Command


@pytest.fixture
def without_ray(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("ray"):
        monkeypatch.setitem(sys.modules, "ray", None)


@pytest.mark.usefixtures("without_ray")
def test_ray_is_asked_for_by_name(tmp_path: Path) -> None:
    with pytest.raises(MissingExtra) as caught, connected(tmp_path, []):
        pass
    assert caught.value.remedy == "pip install 'roadworthy[ray]'"


@pytest.mark.usefixtures("without_ray")
@pytest.mark.parametrize("more", [(), ("--until-decided",)])
def test_without_ray_no_run_is_begun(more: tuple[str, ...], command: Command, own_key: Path) -> None:
    said = command("evaluate", "--on", "ray", *more)
    assert (said.code, "pip install 'roadworthy[ray]'" in said.text) == (2, True), said.text
    assert not (command.example.directory / ".roadworthy" / "runs").exists()
    assert not own_key.exists(), "not even a key was made"
