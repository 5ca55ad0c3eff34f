"""A server of every released version, and one of today, comes forward to this version with all it has."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from released import COMMAND, FILL, clean_environment, fresh_database, make_snapshot, snapshots, unpack

pytestmark = pytest.mark.stress

FIRST = """
from roadworthy.server.preparation import load
load()
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
executor = MigrationExecutor(connection)
first = executor.loader.graph.root_nodes()
executor.migrate(first)
print(len(first))
"""


@pytest.fixture(scope="module")
def of_today(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a snapshot made by this version."""
    return make_snapshot(tmp_path_factory.mktemp("snapshot"))


@pytest.fixture(params=[*snapshots(), "today"], ids=lambda value: getattr(value, "name", value))
def snapshot(request: pytest.FixtureRequest) -> Path:
    """Return each snapshot there is."""
    found: Path = request.getfixturevalue("of_today") if request.param == "today" else request.param
    return found


def run(place: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], env=place, capture_output=True, text=True, timeout=300)


def failed(place: dict[str, str]) -> list[str]:
    told = json.loads(run(place, "doctor", "--deep", "--as-json").stdout)
    return [check["name"] for check in told["checks"] if check["level"] == "failed"]


def test_a_server_of_a_released_version_comes_forward_whole(snapshot, tmp_path):
    backup = unpack(snapshot, tmp_path / "backup")
    with fresh_database() as database:
        place = clean_environment(ROADWORTHY_DATA=str(tmp_path / "data"), **database)
        done = run(place, "restore", str(backup))
        assert done.returncode == 0, done.stderr
        assert failed(place) == ["worker"]


def test_from_the_first_migrations_a_database_comes_forward(tmp_path):
    with fresh_database() as database:
        place = clean_environment(ROADWORTHY_DATA=str(tmp_path / "data"), **database)
        (tmp_path / "data").mkdir(mode=0o700)
        first = subprocess.run([sys.executable, "-c", FIRST], env=place, capture_output=True, text=True, timeout=300)
        assert first.returncode == 0, first.stderr
        assert int(first.stdout) > 15
        filled = subprocess.run([sys.executable, str(FILL)], env=place, capture_output=True, text=True, timeout=300)
        assert filled.returncode == 0, filled.stderr
        assert failed(place) == ["worker"]


def test_no_migration_is_missing(tmp_path):
    place = clean_environment(ROADWORTHY_DATA=str(tmp_path / "data"), ROADWORTHY_SECRET_KEY="only for tests")
    (tmp_path / "data").mkdir()
    program = [sys.executable, "-m", "roadworthy.server.manage", "makemigrations", "--check", "--dry-run"]
    done = subprocess.run(program, env=place, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_generator_overwrites_nothing(of_today):
    with pytest.raises(FileExistsError):
        make_snapshot(of_today.parent)


def test_the_snapshots_are_small():
    assert [path.name for path in snapshots() if os.path.getsize(path) > 500_000] == []
