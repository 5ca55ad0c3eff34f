"""docs/suites.md says what the code does: every key, scorer and limit has its row."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from roadworthy.core.model import FileModel
from roadworthy.core.yaml_file import parse_yaml
from roadworthy.evaluate.dataset import DatasetSpec
from roadworthy.evaluate.limits import Limits
from roadworthy.evaluate.scorers.table import SCORERS
from roadworthy.evaluate.suite import Suite, suite_from
from roadworthy.evaluate.targets.table import KINDS
from roadworthy.evaluate.targets.tool import ToolSpec

PAGE = (Path(__file__).parents[2] / "docs" / "suites.md").read_text(encoding="utf-8")
TARGETS: list[type[FileModel]] = [*KINDS.values(), ToolSpec]


@pytest.mark.parametrize("model", [Suite, DatasetSpec, Limits])
def test_every_key_has_a_row(model: type[FileModel]) -> None:
    rows = {
        cell for line in PAGE.splitlines() if line.startswith("| `") for cell in line.split("|")[1].split("`")[1::2]
    }
    assert set(model.model_fields) <= rows


@pytest.mark.parametrize("model", TARGETS)
def test_every_key_of_a_target_is_named(model: type[FileModel]) -> None:
    section = PAGE.split("## Targets")[1].split("## Scorers")[0]
    assert [key for key in model.model_fields if key != "kind" and f"`{key}" not in section] == []


def test_every_kind_of_target_is_named() -> None:
    assert [kind for kind in KINDS if f"**`{kind}`**" not in PAGE] == []


def test_every_scorer_is_described_in_its_own_words() -> None:
    for scorer in SCORERS.values():
        needs = ", ".join(f"`{name}`" for name in sorted(scorer.needs)) or "-"
        assert f"| `{scorer.name}` | {scorer.measures} | {needs} |" in PAGE
        assert f"- `{scorer.name}`: {scorer.known_error}" in PAGE


def test_the_example_can_be_read() -> None:
    text = PAGE.split("```yaml\n")[1].split("```")[0]
    suite = suite_from(parse_yaml(text, "evals/task-quality.yaml"))
    assert suite.suite == "task-quality"
    assert yaml.safe_load(text)["metrics"] == ["task_success_rate"]
