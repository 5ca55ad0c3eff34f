"""What waits on disk comes back as it was put there; a disk that is full is an error that says what to do."""

from __future__ import annotations

import datetime
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from roadworthy.core.errors import StorageError
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.spill import Blocks, Strings


def case(number: int) -> Case:
    """Make a case whose fields JSON could not hold."""
    return Case(str(number), "u", {"language": None}, {"day": datetime.date(2026, 1, 1), "n": number}, number, round=2)


def test_cases_come_back_by_block_in_the_order_of_adding() -> None:
    with Blocks(3) as blocks:
        for number in range(3_000):
            blocks.add(number % 2, (number, case(number)))
        assert list(blocks.read(0)) == [(number, case(number)) for number in range(0, 3_000, 2)]
        assert list(blocks.read(1)) == [(number, case(number)) for number in range(1, 3_000, 2)]
        assert list(blocks.read(2)) == []


def test_a_string_comes_back_once() -> None:
    strings = Strings(4)
    strings.put(2, b"second")
    strings.put(0, b"")
    assert (strings.pop(2), strings.pop(0), strings.pop(1)) == (b"second", b"", None)
    strings.put(2, b"again")
    assert (strings.pop(2), strings.pop(2)) == (b"again", None)


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    strings = Strings(1)
    strings.put(0, b"x")
    with Blocks(2) as blocks:
        blocks.add(0, (0, case(0)))
        assert not list(tmp_path.iterdir())


def test_a_folder_that_takes_no_files_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(StorageError, match=f"{tmp_path}/none"):
        Blocks(1)


FULL = """
import resource
from roadworthy.core.errors import StorageError
from roadworthy.evaluate.spill import Strings
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))
strings = Strings(100)
try:
    for number in range(100):
        strings.put(number, bytes(10_000))
except StorageError as error:
    print(error.remedy)
"""


def test_a_full_disk_says_what_to_do() -> None:
    said = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, check=True).stdout
    assert "TMPDIR" in said
