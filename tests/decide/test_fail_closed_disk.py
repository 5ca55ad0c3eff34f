"""The fail-closed table, continued: full disks and forbidden places. Recorded samples outlive both."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections import Counter
from pathlib import Path

import pytest

from worked_example import Command, start

CASES = 300
IN_FLIGHT = 2 * 4
"""The concurrency of the suite, and as much again for answers that wait to be written."""
KILOBYTE = 1024
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH, PR_CAPBSET_DROP = 1, 2, 24


def files_of_at_most(size: int) -> None:
    """Make every file that grows beyond `size` fail as on a full disk (EFBIG)."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def obey_permissions() -> None:
    """Take from a superuser the right to write where permissions forbid it: drop it from the bounding set, prctl(2)."""
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    for right in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        if libc.prctl(PR_CAPBSET_DROP, right, 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


COUNTING_TARGET = """
import time
from pathlib import Path

def answer(request):
    Path(__file__).parent.parent.joinpath("asked", f"{request['id']}.{time.time_ns()}").touch()
    return "42"
"""


def asked(directory: Path) -> Counter[str]:
    """Count how often each case was asked, by the empty files that the target leaves."""
    return Counter(path.name.partition(".")[0] for path in (directory / "asked").iterdir())


def test_a_full_disk_during_an_evaluation_is_named_and_what_was_recorded_stays(command: Command) -> None:
    example = command.example
    command.sign_all()
    example.cases(right=CASES)
    (example.directory / "asked").mkdir()
    (example.directory / "evals" / "target.py").write_text(COUNTING_TARGET)
    full = start(example, "evaluate", "-C", example.directory, before=lambda: files_of_at_most(40 * KILOBYTE))
    sys.stdout.write(f"a full disk: exit {full.code}: {full.text}\n")
    assert full.code == 2, full.text
    assert "cannot write" in full.text
    assert "nothing recorded is lost" in full.text
    assert "Traceback" not in full.text

    first = asked(example.directory)
    assert 50 < len(first) < CASES
    said = command.gate()
    assert said.code == 3, said.text
    assert command.outcome()[0] == "not shown"

    rest = start(example, "evaluate", "-C", example.directory)
    assert rest.code == 0, rest.text
    assert f"{CASES} of {CASES} samples" in rest.text
    twice = [case for case, times in asked(example.directory).items() if times > 1]
    assert len(twice) <= IN_FLIGHT, "what was recorded before the disk was full is not asked again"
    assert command.gate().code == 0


def test_a_full_disk_at_the_gate_leaves_no_half_verdict(command: Command) -> None:
    example = command.example
    command.sign_all()
    assert command("evaluate").code == 0
    gate = ("gate", "--out", command.out, "-C", example.directory)
    full = start(example, *gate, before=lambda: files_of_at_most(3 * KILOBYTE))
    assert full.code == 2, full.text
    assert "cannot write" in full.text
    assert "Traceback" not in full.text
    assert not list(command.out.glob("*")) or not (command.out / "verdict.json").exists()
    said = start(example, *gate)
    assert said.code == 0, said.text
    assert command.verify().code == 0


@pytest.mark.parametrize("place", ["project", "store"])
def test_no_permission_to_write_evidence_is_named(command: Command, place: str) -> None:
    example = command.example
    command.sign_all()
    locked = example.directory
    if place == "store":
        locked = example.directory / ".roadworthy"
        locked.mkdir()
    with read_only(locked):
        said = start(example, "evaluate", "-C", example.directory, before=obey_permissions)
    sys.stdout.write(f"no permission in the {place}: exit {said.code}: {said.text}\n")
    assert said.code == 2, said.text
    assert "Permission denied" in said.text
    assert "Traceback" not in said.text
    assert command.gate().code == 3
    assert command("evaluate").code == 0
    assert command.gate().code == 0


def test_no_permission_to_write_reports_is_not_a_pass(command: Command) -> None:
    example = command.example
    command.sign_all()
    assert command("evaluate").code == 0
    command.out.mkdir()
    with read_only(command.out):
        said = start(example, "gate", "--out", command.out, "-C", example.directory, before=obey_permissions)
    assert said.code == 2, said.text
    assert "Permission denied" in said.text
    assert "Traceback" not in said.text


def test_a_declaration_that_may_not_be_read_is_named(command: Command) -> None:
    path = command.example.directory / "roadworthy.yaml"
    path.chmod(0)
    said = start(command.example, "check", "-C", command.example.directory, before=obey_permissions)
    path.chmod(0o600)
    assert said.code == 2, said.text
    assert "roadworthy.yaml: cannot read the file: Permission denied" in said.text


class read_only:
    """Forbid writing in a directory for a while."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def __enter__(self) -> None:
        self.directory.chmod(0o500)

    def __exit__(self, *_: object) -> None:
        self.directory.chmod(0o700)
