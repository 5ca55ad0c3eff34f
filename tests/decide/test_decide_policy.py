"""Policy tests of a standard, and what a change of the standard means for given systems."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from roadworthy.core.errors import InputError, InputErrors
from roadworthy.decide.policy_test import run_policy_tests
from roadworthy.decide.standard_check import check_metrics
from roadworthy.decide.standard_diff import compare_standards, impact_on
from worked_example import ANSWERS, CARD, GO_LIVE, OWNED, RULES, Command, requirement, standard, system, write_json
from worked_example import system_value as declared

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def results(tmp_path: Path, expect: dict[str, Any], **changes: Any) -> tuple[str, ...]:
    test = {"test": "an example", "why": "To see.", "system": declared(**changes), "expect": expect}
    write_json(tmp_path / "tests" / "example.yaml", test)
    [result] = run_policy_tests(standard(), tmp_path)
    assert result.passed is (not result.failures)
    return result.failures


def test_an_expectation_that_holds_passes(tmp_path: Path) -> None:
    expect = {"tier": "low", "rules": ["everything"], "requires": ["owned", "go-live"], "not_required": []}
    assert results(tmp_path, expect) == ()


@pytest.mark.parametrize(
    ("expect", "failure"),
    [
        ({"tier": "high"}, "tier is low, expected high (rules that fired: everything)"),
        ({"tier": "low", "rules": ["about-people"]}, "tier rule 'about-people' did not fire"),
        ({"tier": "low", "regulatory": ["eu"]}, "regulatory rule 'eu' did not fire"),
        ({"tier": "low", "requires": ["ownd"]}, "unknown requirement 'ownd'. Did you mean 'owned'?"),
        ({"tier": "low", "not_required": ["owned"]}, "requirement 'owned' should not apply"),
        ({"tier": "low", "not_required": ["ownd"]}, "unknown requirement 'ownd'. Did you mean 'owned'?"),
    ],
)
def test_an_expectation_that_does_not_hold_says_what_is_so(
    tmp_path: Path, expect: dict[str, Any], failure: str
) -> None:
    assert results(tmp_path, expect) == (failure,)


def test_a_requirement_that_should_apply_says_why_not(tmp_path: Path) -> None:
    failures = results(tmp_path, {"tier": "prohibited", "requires": ["go-live"]}, practices=["social-scoring"])
    assert failures == ("requirement 'go-live' should apply: Not required in tier prohibited.",)


def test_no_test_is_not_a_pass(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no policy tests"):
        run_policy_tests(standard(), tmp_path)


def test_a_mistyped_key_of_a_policy_test_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputErrors, match="requirs"):
        results(tmp_path, {"tier": "low", "requirs": ["owned"]})


def test_a_metric_that_does_not_exist_is_named() -> None:
    check_metrics(standard())
    wrong = standard(requirements=[requirement(ANSWERS, measure={"metric": "task_succes_rate"})])
    with pytest.raises(InputErrors) as caught:
        check_metrics(wrong)
    assert "'task_succes_rate'" in caught.value.errors[0].problem
    assert caught.value.errors[0].remedy == "Did you mean 'task_success_rate'?"


def test_equal_standards_do_not_differ() -> None:
    assert compare_standards(standard(), standard()) == []


def test_each_difference_is_told_with_its_value() -> None:
    stricter = requirement(ANSWERS, criterion={**ANSWERS["criterion"], "low": {"at_least": 0.9, "confidence": 0.95}})
    new = standard(
        version="2",
        tier_rules=[*RULES[1:], {**RULES[0], "tier": "medium"}],
        requirements=[stricter, GO_LIVE, OWNED, requirement(CARD, id="data-sheet")],
    )
    found = {(change.section, change.id): change.what for change in compare_standards(standard(), new)}
    assert found == {
        ("tier_rules", "everything"): ("tier: low -> medium",),
        ("requirements", "answers-right"): ("criterion.low.at_least: 0.6 -> 0.9",),
        ("requirements", "system-card"): ("removed",),
        ("requirements", "data-sheet"): ("added",),
    }


def test_a_change_of_authority_is_told() -> None:
    new = standard(authority={"roles": [{"id": "risk-lead", "title": "Risk lead"}]})
    [change] = compare_standards(standard(), new)
    assert change.section == "authority"
    assert any(text.startswith("exception_roles") for text in change.what)


def test_the_impact_on_a_system() -> None:
    stricter = requirement(ANSWERS, criterion={**ANSWERS["criterion"], "low": {"at_least": 0.9}})
    agents = requirement(OWNED, id="agents-only", when='system.kind == "agent"')
    new = standard(requirements=[stricter, GO_LIVE, OWNED, agents, requirement(CARD, id="data-sheet")])
    impact = impact_on(system(), standard(), new, NOW)
    assert impact.tier == ("low", "low")
    assert impact.added == ("data-sheet",)
    assert impact.removed == ("system-card",)
    assert impact.changed == ("answers-right",)


def test_a_tier_that_moves_changes_the_criteria_that_apply() -> None:
    raised = standard(tier_rules=[*RULES, {**RULES[0], "id": "all-medium", "tier": "medium"}])
    impact = impact_on(system(), standard(), raised, NOW)
    assert impact.tier == ("low", "medium")
    assert impact.changed == ("answers-right",)


def test_the_commands_of_a_standard(command: Command, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    write_json(layer / "standard.yaml", {"standard": "acme", "version": "7", "title": "Acme", "extends": "small"})
    write_json(
        layer / "more.yaml", {"requirements": [requirement(OWNED, id="titled", declared="system.title != null")]}
    )
    said = command.bare("standard", "check", layer)
    assert (said.code, "acme 7 is valid" in said.text) == (0, True), said.text
    said = command.bare("standard", "test", layer)
    assert said.code == 2
    assert "no policy tests" in said.text
    test = {"test": "titled", "why": "x", "system": declared(), "expect": {"tier": "low", "requires": ["titled"]}}
    write_json(layer / "tests" / "titled.yaml", test)
    said = command.bare("standard", "test", layer)
    assert (said.code, "1 passed, 0 failed" in said.text) == (0, True), said.text
    write_json(layer / "tests" / "titled.yaml", {**test, "expect": {"tier": "high"}})
    said = command.bare("standard", "test", layer)
    assert (said.code, "tier is low, expected high" in said.text) == (1, True), said.text
    said = command.bare("standard", "diff", "default", layer, "--system", command.example.directory)
    assert said.code == 0
    assert "newly required: titled" in said.text
    assert command.bare("standard", "show", layer, "--requirement", "titlde").code == 2
    assert '"id": "titled"' in command.bare("standard", "show", layer, "--requirement", "titled").text
