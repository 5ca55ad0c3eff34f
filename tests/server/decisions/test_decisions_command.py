"""`roadworthy clearance` against a running server: its exit codes, and what it says."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest
from decided_releases import Cast

from roadworthy.cli.main import run
from roadworthy.server.access.permissions import Permission


@pytest.fixture
def ask(
    transactional_cast: Cast, live_server: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Any:
    """Return what runs the command with a token that may do nothing else: exit code, and what it said."""
    monkeypatch.setenv("ROADWORTHY_SERVER", live_server.url)
    monkeypatch.setenv(
        "ROADWORTHY_TOKEN", transactional_cast.people.token(transactional_cast.engineer, Permission.CLEARANCE_READ)
    )

    def command(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        code = run(["clearance", *arguments])
        streams = capsys.readouterr()
        return code, " ".join(f"{streams.out} {streams.err}".split())

    return command


def test_it_exits_0_only_when_it_is_cleared(transactional_cast: Cast, ask: Any) -> None:
    fingerprint = transactional_cast.release.fingerprint
    asked = ("--fingerprint", fingerprint, "--environment", "prod")
    code, said = ask(*asked)
    assert code == 1
    assert "Not cleared for prod: order-helper 1.0." in said
    assert "Nobody has been asked to approve it. Ask for approval." in said
    transactional_cast.approved()
    code, said = ask(*asked)
    assert (code, "Cleared for prod: order-helper 1.0, ship, approved." in said) == (0, True), said
    assert ask("--bundle", str(transactional_cast.works.bundle()), "--environment", "prod")[0] == 0
    assert ask("--fingerprint", fingerprint, "--environment", "staging")[0] == 1
    assert ask("--fingerprint", "0" * 64, "--environment", "prod")[0] == 1


def test_wrong_usage_exits_2(
    transactional_cast: Cast, ask: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fingerprint = transactional_cast.release.fingerprint
    for wrong in (
        ("--environment", "prod"),
        ("--fingerprint", "x", "--environment", "prod"),
        ("--fingerprint", fingerprint, "--environment", "no such"),
        ("--bundle", str(tmp_path / "none.zip"), "--environment", "prod"),
        ("--fingerprint", fingerprint, "--environment", "prod", "--server", "nonsense"),
    ):
        assert ask(*wrong)[0] == 2, wrong
    monkeypatch.setenv("ROADWORTHY_TOKEN", "rw_nobody")
    code, said = ask("--fingerprint", fingerprint, "--environment", "prod")
    assert (code, "401" in said) == (2, True)
    monkeypatch.delenv("ROADWORTHY_TOKEN")
    assert "clearance.read" in ask("--fingerprint", fingerprint, "--environment", "prod")[1]


def test_no_answer_is_no_clearance(transactional_cast: Cast, ask: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        asked = ("--fingerprint", transactional_cast.release.fingerprint, "--environment", "prod", "--server", nobody)
        code, said = ask(*asked)
    assert (code, "no clearance" in said) == (1, True)
