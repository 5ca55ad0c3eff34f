"""The declaration: strict, and with a JSON Schema that says the same as the reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest

from roadworthy.core.errors import InputError, InputErrors
from roadworthy.declare.load import load_system, system_schema
from worked_example import system_value, write_json

EXAMPLES = Path(__file__).parents[2] / "examples"
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"kindd": "agent"}, "unknown key 'kindd'"),
    ({"kind": "agnet"}, "kind: "),
    ({"system": "Order Helper"}, "system: "),
    ({"system": "../secrets"}, "system: "),
    ({"models": []}, "models: "),
    ({"regions": []}, "regions: "),
    ({"users": {"who": []}}, "users.who: "),
    ({"users": {"who": ["x"], "monthly": -1}}, "users.monthly: "),
    ({"roadworthy": 2}, "roadworthy: "),
    ({"purpose": ""}, "purpose: "),
    ({"launch": "2026-02-30"}, "launch: "),
    ({"tools": [{"id": "a", "effect": "reed"}]}, "tools.0.effect: "),
    ({"tools": [{"id": "a"}]}, "the key 'tools.0.effect' is missing"),
    ({"practices": ["social scoring"]}, "practices.0: "),
    ({"guard": {"pii": ["on"]}}, "guard.pii"),
]


@pytest.mark.parametrize(("changes", "problem"), WRONG)
def test_reader_and_schema_refuse_the_same(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    value = system_value(**changes)
    write_json(tmp_path / "roadworthy.yaml", value)
    with pytest.raises(InputErrors) as caught:
        load_system(tmp_path)
    assert problem in caught.value.errors[0].problem
    if changes != {"launch": "2026-02-30"}:  # a schema's "format" is an annotation, not a check
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(value, system_schema(), jsonschema.Draft202012Validator)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"tools": [{"id": "a", "effect": "read"}] * 2}, "the id 'a' occurs twice in 'tools'"),
        ({"models": [{"id": "m", "provider": "p", "name": "n"}] * 2}, "the id 'm' occurs twice in 'models'"),
        ({"prompts": [{"id": "a"}]}, "a prompt has either a 'file' or a 'text'"),
        ({"prompts": [{"id": "a", "file": "x", "text": "y"}]}, "a prompt has either a 'file' or a 'text'"),
    ],
)
def test_what_only_the_reader_can_see(tmp_path: Path, changes: dict[str, Any], problem: str) -> None:
    write_json(tmp_path / "roadworthy.yaml", system_value(**changes))
    with pytest.raises(InputErrors) as caught:
        load_system(tmp_path)
    assert problem in caught.value.errors[0].problem


def test_a_missing_declaration_says_how_to_write_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no roadworthy.yaml here") as caught:
        load_system(tmp_path)
    assert "roadworthy init" in str(caught.value.remedy)


def test_the_schema_is_a_schema_and_takes_the_example(tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(system_schema())
    jsonschema.validate(system_value(), system_schema(), jsonschema.Draft202012Validator)
    write_json(tmp_path / "roadworthy.yaml", system_value())
    assert load_system(tmp_path).system == "order-helper"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*/roadworthy.yaml")), ids=lambda path: path.parent.name)
def test_the_shipped_examples_are_valid_for_reader_and_schema(path: Path) -> None:
    from roadworthy.core.yaml_file import load_yaml

    load_system(path.parent)
    jsonschema.validate(load_yaml(path).value, system_schema(), jsonschema.Draft202012Validator)


def test_norway_is_a_region(tmp_path: Path) -> None:
    write_json(tmp_path / "x.json", system_value())
    text = (tmp_path / "x.json").read_text().replace('"regions": [\n  "EU"\n ]', '"regions": [NO]')
    assert "[NO]" in text
    (tmp_path / "roadworthy.yaml").write_text(text)
    assert load_system(tmp_path).regions == ["NO"]
