"""Writing that leaves the old file or the new one, on full disks and in forbidden places too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from roadworthy.core.errors import StorageError
from roadworthy.core.files import write_atomically

FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from roadworthy.core.errors import StorageError
from roadworthy.core.files import write_atomically
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_atomically(Path(sys.argv[1]), b"n" * 100_000)
except StorageError as error:
    print(error.diagnostics())
    sys.exit(error.exit_code)
"""


def test_a_file_is_written_with_its_directories_and_mode(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "file"
    write_atomically(path, b"one", mode=0o600)
    write_atomically(path, b"two", mode=0o600)
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o600
    assert os.listdir(path.parent) == ["file"]


def test_a_full_disk_keeps_the_old_file_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "verdict.json"
    path.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2, done.stderr
    assert f"cannot write {path}: File too large" in done.stdout
    assert "nothing recorded is lost" in done.stdout
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["verdict.json"]


def test_a_place_that_is_not_a_directory_is_named(tmp_path: Path) -> None:
    blocker = tmp_path / "file"
    blocker.write_text("x")
    with pytest.raises(StorageError, match="cannot write"):
        write_atomically(blocker / "below", b"x")


def test_a_directory_in_the_way_is_named_and_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(StorageError, match="cannot write"):
        write_atomically(tmp_path / "out", b"x")
    assert os.listdir(tmp_path) == ["out"]
