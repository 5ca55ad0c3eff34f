"""The commands of the tutorial and of the README do what the pages show."""

from __future__ import annotations

from pathlib import Path

import pytest
from documentation import DOCS, ROOT, Block
from session import Step, missing, opened, play, steps


def test_the_tutorial_runs_from_beginning_to_end(tmp_path: Path) -> None:
    project = tmp_path / "office-helper"
    project.mkdir()
    with opened(project, tmp_path / "keys") as session:
        ran, problem = play(DOCS / "tutorial.md", session)
        assert problem == [], "\n".join(problem)
    assert ran >= 20


def test_the_readme_shows_what_its_commands_print(tmp_path: Path) -> None:
    with opened(ROOT, tmp_path / "keys") as session:
        ran, problem = play(ROOT / "README.md", session, prefix="roadworthy ")
        assert problem == [], "\n".join(problem)
    assert ran >= 2


def test_a_session_splits_into_commands() -> None:
    block = Block("console", "", "$ one --flag\nfirst\n...\nlast\n$ two\n")
    assert steps(block) == [Step("one --flag", ("first", "...", "last")), Step("two", ())]


@pytest.mark.parametrize(
    ("expected", "output", "lacking"),
    [
        (("a", "...", "c"), "a\nb\nc\n", []),
        (("c", "a"), "a\nb\nc\n", ["a"]),
        (("evidence 5aa3419aad0d",), "evidence 9d2b6033c519", []),
        (("at 2026-11-23T06:53:46Z",), "│  at 2027-01-01T00:00:00Z   │", []),
        (("FAILED  ...",), "FAILED  bundle: altered", []),
        (("met",), "not met", ["met"]),
    ],
)
def test_lines_are_compared_in_order_without_digests_and_times(
    expected: tuple[str, ...], output: str, lacking: list[str]
) -> None:
    assert missing(expected, output) == lacking
