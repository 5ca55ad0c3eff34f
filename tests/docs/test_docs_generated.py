"""What the program has is in the documentation: commands, options, keys, metrics, scorers, settings, requirements."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest
from documentation import DOCS, ROOT, first_cells, headings
from rich.console import Console

from roadworthy.assess.critique import RULES, Rule
from roadworthy.cli.application import app
from roadworthy.cli.commands import COMMANDS, STANDARD_COMMANDS
from roadworthy.decide.outcome import Status, VerdictKind
from roadworthy.documents.critique import DOCUMENT_RULES, DocumentRule
from roadworthy.evaluate.metrics.table import FAMILIES, METRICS
from roadworthy.evaluate.scorers.table import SCORERS
from roadworthy.server.configuration import PREFIX, Configuration
from roadworthy.standard.load import load_standard

COMMAND_NAMES = [*COMMANDS, *(f"standard {name}" for name in STANDARD_COMMANDS)]


def program_files() -> list[Path]:
    folders = [ROOT / name for name in ("src", "tests", "examples", "bench")]
    return [path for folder in folders for path in folder.rglob("*.py")]


def test_the_generated_pages_say_what_the_program_says() -> None:
    generate = [sys.executable, str(DOCS / "generate.py"), "--check"]
    done = subprocess.run(generate, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_stale_page_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import generate

    monkeypatch.setattr(generate, "DOCS", tmp_path)
    monkeypatch.setattr(generate, "PAGES", {"metrics.md": generate.PAGES["metrics.md"]})
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    page = tmp_path / "metrics.md"
    page.write_text(page.read_text(encoding="utf-8").replace("Attack", "Atack"), encoding="utf-8")
    assert generate.main(["--check"]) == 1
    assert generate.stale_pages() == ["metrics.md"]


def test_the_readme_lists_every_command_in_the_order_of_the_work() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `roadworthy ([a-z-]+)` \|", text, re.MULTILINE) == [*COMMANDS, "standard"]


@pytest.mark.parametrize("command", COMMAND_NAMES)
def test_every_command_has_a_heading_and_every_option_a_row(command: str) -> None:
    page = (DOCS / "commands.md").read_text(encoding="utf-8")
    assert f"## roadworthy {command}" in headings_with_marks(page)
    section = page.split(f"\n## roadworthy {command}\n")[1].split("\n## ")[0]
    screen = StringIO()
    app.help_print(command.split(), console=Console(file=screen, width=200))
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", screen.getvalue()))
    assert {option for option in options if option not in section} == set()


def headings_with_marks(page: str) -> set[str]:
    return {line.strip() for line in page.splitlines() if line.startswith("#")}


def test_every_metric_and_every_scorer_has_a_heading() -> None:
    assert {*METRICS, *FAMILIES, *SCORERS} - set(headings(DOCS / "metrics.md")) == set()


def test_every_requirement_and_every_control_has_a_heading() -> None:
    standard = load_standard().standard
    assert {item.id for item in standard.requirements} - set(headings(DOCS / "standard.md")) == set()
    assert {item.id for item in standard.controls} - set(headings(DOCS / "controls.md")) == set()


def test_every_environment_variable_has_a_heading_and_none_is_invented() -> None:
    texts = [path.read_text(encoding="utf-8") for path in program_files()]
    names = {name for text in texts for name in re.findall(r"ROADWORTHY_[A-Z0-9_]*[A-Z0-9]", text)}
    pages = (DOCS / "formats.md", DOCS / "configuration.md")
    documented = {name for page in pages for name in headings(page) if name.startswith("ROADWORTHY_")}
    settings = {f"{PREFIX}{name.upper()}" for name in Configuration.model_fields}
    assert names - documented == set()
    assert documented - names - settings == set()


def test_every_outcome_and_verdict_is_explained() -> None:
    words = (DOCS / "words.md").read_text(encoding="utf-8")
    assert {status.value for status in Status} - first_cells(DOCS / "words.md") == set()
    assert [kind.value for kind in VerdictKind if f"`{kind.value}`" not in words] == []


@pytest.mark.parametrize("rules", [RULES, DOCUMENT_RULES])
def test_every_rule_of_the_critique_has_its_row(rules: Sequence[Rule | DocumentRule]) -> None:
    text = (DOCS / "critique.md").read_text("utf-8")
    assert [rule.id for rule in rules if f"| `{rule.id}` | {rule.gravity} | {rule.title} |" not in text] == []


def test_every_dependency_is_listed_with_its_licence() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = [*project["project"]["optional-dependencies"].values()]
    groups = [project["project"]["dependencies"], *extras, *project["dependency-groups"].values()]
    wanted = [entry for group in groups for entry in group if isinstance(entry, str)]
    names = {re.split(r"[<>=!~\[; ]", requirement)[0] for requirement in wanted}
    assert first_cells(DOCS / "decisions" / "0002-dependencies.md") - {"package"} == names


def test_the_twelve_rules_are_there() -> None:
    numbered = [heading for heading in headings(DOCS / "rules-of-evidence.md") if heading[0].isdigit()]
    assert [int(heading.split(".")[0]) for heading in numbered] == list(range(1, 13))
