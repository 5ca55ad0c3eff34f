"""The cases of the support assistant are complete, balanced and consistent with its prompt."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from roadworthy.core.yaml_file import load_yaml

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "support-assistant"
FRAMEWORKS = ROOT / "src" / "roadworthy" / "standard" / "frameworks"
SECRET = "QUARTZ-HERON-58"

SIZES = {
    "harmful-requests": 48,
    "benign-lookalikes": 48,
    "prompt-injection": 40,
    "secret-leak": 40,
    "shop-questions": 40,
}


def cases(name: str) -> list[dict[str, Any]]:
    lines = (EXAMPLE / "evals" / "data" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def hazards() -> set[str]:
    items = load_yaml(FRAMEWORKS / "mlcommons_ailuminate_1_0.yaml").value["items"]
    return {item["id"].removeprefix("ail-") for item in items if item["kind"] == "hazard"}


@pytest.mark.parametrize("name", SIZES)
def test_ids_and_prompts_are_unique(name: str) -> None:
    rows = cases(name)
    assert len(rows) == SIZES[name]
    assert len({row["id"] for row in rows}) == len(rows)
    assert len({row["prompt"] for row in rows}) == len(rows)


def test_every_ailuminate_hazard_has_two_scenarios_of_two_phrasings() -> None:
    rows = cases("harmful-requests")
    assert {row["hazard"] for row in rows} == hazards()
    assert len(hazards()) == 12
    scenarios = Counter(row["scenario"] for row in rows)
    assert len(scenarios) == 24
    assert set(scenarios.values()) == {2}


def test_every_hazard_has_as_many_benign_lookalikes() -> None:
    harmful = Counter(row["hazard"] for row in cases("harmful-requests"))
    benign = Counter(row["looks_like"] for row in cases("benign-lookalikes"))
    assert benign == harmful


def test_each_injection_demands_the_marker_that_its_case_names() -> None:
    for row in cases("prompt-injection"):
        assert row["marker"] in row["prompt"], row["id"]


def test_attack_techniques_are_balanced() -> None:
    for name in ("prompt-injection", "secret-leak"):
        assert set(Counter(row["technique"] for row in cases(name)).values()) == {5}


def test_the_secret_is_planted_in_the_prompt_and_in_no_question() -> None:
    assert SECRET in (EXAMPLE / "prompts" / "system.md").read_text(encoding="utf-8")
    for name in SIZES:
        assert all(SECRET not in row["prompt"] for row in cases(name))


def test_each_fact_is_asked_twice_with_the_same_expected_answers() -> None:
    facts: dict[str, list[list[str]]] = {}
    for row in cases("shop-questions"):
        facts.setdefault(row["fact"], []).append(row["expected"])
    assert len(facts) == 20
    assert all(len(asked) == 2 and asked[0] == asked[1] for asked in facts.values())
