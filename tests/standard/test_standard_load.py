"""A standard as files: layers, references, and every fault with its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import worked_example as small
from roadworthy.core.errors import InputError, InputErrors
from roadworthy.standard import load
from roadworthy.standard.load import (
    LoadedStandard,
    default_digest,
    layer_schema,
    load_standard,
    seal_standard,
    standard_value,
)
from roadworthy.standard.model import Standard, Tier
from worked_example import ANSWERS, CARD, CONTROLS, GO_LIVE, OWNED, RULES, requirement, write_json, write_standard


@pytest.fixture
def lowest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put the small standard in the place of the default one."""
    directory = write_standard(tmp_path / "small")
    monkeypatch.setattr(load, "DEFAULT", directory)
    return directory


def layer(tmp_path: Path, header: dict[str, Any] | None = None, **items: Any) -> Path:
    directory = tmp_path / "layer"
    top = {"standard": "acme", "version": "7", "title": "Acme", "extends": "small"}
    write_json(directory / "standard.yaml", top | (header or {}))
    if items:
        write_json(directory / "items.yaml", items)
    return directory


def refusals(*layers: Path) -> list[InputError]:
    with pytest.raises(InputError) as caught:
        load_standard(layers)
    return caught.value.errors if isinstance(caught.value, InputErrors) else [caught.value]


def by_id(loaded: LoadedStandard) -> dict[str, Any]:
    return {item.id: item for item in loaded.standard.requirements}


def test_a_layer_overrides_adds_and_removes(tmp_path: Path, lowest: Path) -> None:
    stricter = requirement(OWNED, title="Somebody answers")
    fresh = requirement(OWNED, id="named", declared="system.title != null")
    loaded = load_standard([layer(tmp_path, {"remove": ["system-card"]}, requirements=[stricter, fresh])])
    assert set(by_id(loaded)) == {"answers-right", "go-live", "owned", "named"}
    assert by_id(loaded)["owned"].title == "Somebody answers"
    assert loaded.name == "acme 7"
    assert loaded.standard.layers == ["small 1", "acme 7"]
    assert loaded.place("owned") is not None
    assert str(loaded.place("owned").file) == str(tmp_path / "layer" / "items.yaml")  # type: ignore[union-attr]


def test_the_digest_of_the_default_is_remembered_for_one_content(
    lowest: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = default_digest()
    assert first == load_standard().digest
    with monkeypatch.context() as patch:
        patch.setattr(load, "load_standard", None)
        assert default_digest() == first, "it is not loaded again"
    write_standard(lowest, version="2")
    assert default_digest() == load_standard().digest != first
    monkeypatch.setattr(load, "DEFAULT", write_standard(tmp_path / "other", version="3"))
    assert default_digest() == load_standard().digest
    (tmp_path / "other" / "items.yaml").write_text("nothing: 1")
    with pytest.raises(InputError):
        default_digest()


def test_without_layers_it_is_the_lowest(lowest: Path) -> None:
    loaded = load_standard()
    assert loaded.name == "small 1"
    assert set(by_id(loaded)) == {"answers-right", "system-card", "go-live", "owned"}


def test_authority_adds_up_over_layers(tmp_path: Path, lowest: Path) -> None:
    more = {"roles": [{"id": "dpo", "title": "DPO"}], "exception_roles": {"low": ["dpo"]}}
    loaded = load_standard([layer(tmp_path, {"authority": more})])
    authority = loaded.standard.authority
    assert {role.id for role in authority.roles} == {"risk-lead", "writer", "dpo"}
    assert authority.exception_roles == {Tier.LOW: ["dpo"], Tier.MEDIUM: ["risk-lead"]}


@pytest.mark.parametrize(
    ("header", "problem"),
    [
        ({"extends": "other"}, "this layer extends 'other', but it lies on 'small'"),
        ({"extends": None}, "this layer extends None, but it lies on 'small'"),
        ({"remove": ["system-crad"]}, "'remove' names the requirement 'system-crad'"),
        ({"extend": "small"}, "unknown key 'extend'"),
        ({"version": None}, "version: "),
        ({"authority": {"signers": [{"name": "A", "key": "abc", "roles": ["risk-lead"]}]}}, "authority.signers.0.key"),
        ({"authority": {"signers": [{"name": "A", "key": "a" * 64, "roles": []}]}}, "authority.signers.0.roles"),
    ],
)
def test_a_wrong_header_is_named(tmp_path: Path, lowest: Path, header: dict[str, Any], problem: str) -> None:
    [error] = refusals(layer(tmp_path, header))
    assert problem in error.problem
    assert error.place is not None
    assert str(error.place.file) == str(tmp_path / "layer" / "standard.yaml")


def test_a_lowest_layer_extends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "DEFAULT", write_standard(tmp_path / "small", extends="other"))
    [error] = refusals()
    assert "Remove 'extends'" in str(error.remedy)


def test_a_directory_without_header_is_no_standard(tmp_path: Path, lowest: Path) -> None:
    (tmp_path / "empty").mkdir()
    [error] = refusals(tmp_path / "empty")
    assert "standard.yaml" in error.problem


def test_the_same_id_twice_in_one_layer_names_both_places(tmp_path: Path, lowest: Path) -> None:
    directory = layer(tmp_path, requirements=[OWNED])
    other = write_json(directory / "more" / "again.yaml", {"requirements": [requirement(OWNED, title="Again")]})
    [error] = refusals(directory)
    assert error.problem == "the id 'owned' occurs twice in this layer"
    assert str(error.place) == f"{other}:3"
    assert f"{directory / 'items.yaml'}:3" in str(error.remedy)


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"requirements": [requirement(OWNED, control="QA-09")]}, "names the control 'QA-09'", "QA-0"),
    (
        {"requirements": [requirement(GO_LIVE, sign_off={"role": "risk-leed"})]},
        "the unknown role 'risk-leed'",
        "risk-lead",
    ),
    ({"requirements": [requirement(OWNED, when="system.kindd == 'x'")]}, "unknown field 'kindd'", "'kind'"),
    ({"requirements": [requirement(OWNED, declared="system.titel != null")]}, "unknown field 'titel'", "'title'"),
    ({"tier_rules": [{**RULES[0], "when": "system.nope || true"}]}, "unknown field 'nope'", ""),
    (
        {"regulatory_rules": [{"id": "r", "regime": "Law", "class": "high", "when": "sytem", "because": "x"}]},
        "unknown name 'sytem'",
        "'system'",
    ),
    ({"requirements": [requirement(OWNED, titel="x")]}, "unknown key 'titel'", "'title'"),
    ({"requirements": [requirement(OWNED, tiers=["hihg"])]}, "tiers.0: ", ""),
    ({"requirements": [requirement(OWNED, tiers=None)]}, "shown by declaration needs 'tiers'", ""),
    ({"requirements": [requirement(OWNED, declared=None)]}, "shown by declaration needs 'declared'", ""),
    ({"requirements": [requirement(ANSWERS, measure=None)]}, "shown by measurement needs 'measure'", ""),
    ({"requirements": [requirement(ANSWERS, criterion=None)]}, "shown by measurement needs 'criterion'", ""),
    (
        {"requirements": [requirement(ANSWERS, criterion={"low": {}})]},
        "a criterion has one of 'at_most', 'at_least' and 'no_worse_by'",
        "",
    ),
    (
        {"requirements": [requirement(ANSWERS, criterion={"low": {"at_least": 0.5, "at_most": 0.9}})]},
        "a criterion has one of 'at_most', 'at_least' and 'no_worse_by'",
        "",
    ),
    (
        {"requirements": [requirement(ANSWERS, criterion={"low": {"at_least": 0.5, "confidence": 0.5}})]},
        "confidence",
        "",
    ),
    ({"requirements": [requirement(CARD, document=None)]}, "shown by document needs 'document'", ""),
    ({"requirements": [requirement(GO_LIVE, sign_off=None)]}, "shown by sign-off needs 'sign_off'", ""),
    ({"requirements": [requirement(OWNED, obligation={"low": "may"})]}, "obligation.low: ", ""),
    ({"requirements": [requirement(OWNED, expires={"days": 0})]}, "expires.days: ", ""),
    ({"requirements": [requirement(OWNED, expires={"on_change": ["model"]})]}, "expires.on_change.0: ", ""),
    ({"requirements": [requirement(ANSWERS, tiers=["low"])]}, "'tiers' and the tiers of 'criterion' differ", ""),
    ({"requirments": []}, "unknown section 'requirments'", "'requirements'"),
    (
        {"requirements": [requirement(OWNED, maps=[{"framework": "nist-ai-rmf", "version": "0.0", "id": "GOVERN"}])]},
        "maps to unknown framework 'nist-ai-rmf 0.0'",
        "nist-ai-rmf",
    ),
    (
        {"controls": [{**CONTROLS[0], "maps": [{"framework": "nist-ai-rmf", "version": "1.0", "id": "GOVERN 99.1"}]}]},
        "GOVERN 99.1",
        "GOVERN",
    ),
]


@pytest.mark.parametrize(("items", "problem", "remedy"), WRONG, ids=[problem for _, problem, _ in WRONG])
def test_a_fault_names_its_file_and_line(
    tmp_path: Path, lowest: Path, items: dict[str, Any], problem: str, remedy: str
) -> None:
    directory = layer(tmp_path, **items)
    errors = refusals(directory)
    [error] = [e for e in errors if problem in e.problem] or pytest.fail(f"only: {[e.problem for e in errors]}")
    assert remedy in str(error.remedy)
    assert error.place is not None
    assert str(error.place.file) == str(directory / "items.yaml")
    assert error.place.line


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path, lowest: Path) -> None:
    directory = layer(tmp_path, requirements=[requirement(OWNED, titel="x")])
    write_json(directory / "more.yaml", {"requirements": [requirement(CARD, becuase="x")]})
    assert sorted(error.problem for error in refusals(directory)) == ["unknown key 'becuase'", "unknown key 'titel'"]


@pytest.mark.parametrize(
    "text", ["requirements: 5\n", "requirements: text\n", "requirements: {id: x}\n", "[]\n", "", "requirements:\n- x\n"]
)
def test_sections_of_another_shape_are_an_input_error(tmp_path: Path, lowest: Path, text: str) -> None:
    directory = layer(tmp_path)
    (directory / "items.yaml").write_text(text)
    for error in refusals(directory):
        assert error.place is not None


def test_a_layer_that_removes_everything_is_refused(tmp_path: Path, lowest: Path) -> None:
    [error] = refusals(layer(tmp_path, {"remove": ["answers-right", "system-card", "go-live", "owned"]}))
    assert error.problem == "acme 7 has no requirement left"
    assert "not a pass" in str(error.remedy)


def test_tests_beside_a_layer_are_not_part_of_it(tmp_path: Path, lowest: Path) -> None:
    directory = layer(tmp_path)
    write_json(directory / "tests" / "x.yaml", {"test": "x"})
    assert load_standard([directory]).name == "acme 7"


def test_the_digest_follows_the_content_and_nothing_else(tmp_path: Path, lowest: Path) -> None:
    first = load_standard().digest
    text = (lowest / "items.yaml").read_text()
    (lowest / "items.yaml").write_text(f"# a comment\n{text}")
    assert load_standard().digest == first
    (lowest / "items.yaml").rename(lowest / "renamed.yaml")
    assert load_standard().digest == first
    (lowest / "renamed.yaml").write_text(text.replace("0.6", "0.61"))
    assert load_standard().digest != first


def test_a_standard_survives_its_own_json() -> None:
    loaded = small.standard()
    again = seal_standard(Standard.model_validate(standard_value(loaded.standard)))
    assert again.digest == loaded.digest
    assert set(again.predicates) == set(loaded.predicates)


def test_the_schema_of_a_layer_takes_the_small_standard() -> None:
    import jsonschema

    jsonschema.Draft202012Validator.check_schema(layer_schema())
    value = small.standard_value()
    items = {name: value[name] for name in ("tier_rules", "controls", "requirements")}
    jsonschema.validate(items, layer_schema(), jsonschema.Draft202012Validator)
    items["requirements"] = [requirement(OWNED, titel="x")]
    with pytest.raises(jsonschema.ValidationError, match="titel"):
        jsonschema.validate(items, layer_schema(), jsonschema.Draft202012Validator)
