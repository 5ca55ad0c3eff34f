"""The templates for CI systems call commands that exist and publish files that the gate writes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import yaml
from documentation import DOCS, ROOT, shown

from roadworthy.cli.application import app
from roadworthy.cli.commands import COMMANDS

TEMPLATES = sorted((DOCS / "ci").glob("*.yml"))
WRITTEN = {"bundle.zip", "report.html", "summary.md", "checklist.md", "junit.xml", "results.sarif", "verdict.json"}


def calls(path: Path) -> list[list[str]]:
    """List the calls of roadworthy in a template, as words."""
    text = re.sub(r" #.*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.findall(r"(?:^|[ :-])(roadworthy (?:check|evaluate|gate)[^|\n]*)", text, re.MULTILINE)
    return [shlex.split(line) for line in lines]


@pytest.mark.parametrize("path", TEMPLATES, ids=shown)
def test_a_template_parses_and_runs_the_three_commands(path: Path) -> None:
    assert isinstance(yaml.safe_load(path.read_text(encoding="utf-8")), dict)
    assert [call[1] for call in calls(path)] == ["check", "evaluate", "gate"]


@pytest.mark.parametrize("path", TEMPLATES, ids=shown)
def test_every_call_of_a_template_is_one_that_the_program_takes(path: Path) -> None:
    for _, command, *arguments in calls(path):
        assert command in COMMANDS
        _, bound, _ = app.parse_args([command, *arguments], exit_on_error=False, print_error=False)
        assert bound is not None


@pytest.mark.parametrize("path", TEMPLATES, ids=shown)
def test_every_file_that_a_template_publishes_is_one_that_the_gate_writes(path: Path) -> None:
    files = set(re.findall(r"out/([\w.]+)", path.read_text(encoding="utf-8")))
    assert files <= WRITTEN
    assert files


def test_the_files_of_the_gate_are_those_that_the_documentation_lists() -> None:
    source = (ROOT / "src" / "roadworthy" / "project" / "gate.py").read_text(encoding="utf-8")
    listed = (DOCS / "formats.md").read_text(encoding="utf-8")
    assert [name for name in WRITTEN if f'"{name}"' not in source] == []
    assert [name for name in WRITTEN if f"`{name}`" not in listed] == []


def test_there_is_a_template_for_each_system_that_the_page_names() -> None:
    page = (DOCS / "ci.md").read_text(encoding="utf-8")
    assert [path.name for path in TEMPLATES if f"(ci/{path.name})" not in page] == []
    assert len(TEMPLATES) == 3
