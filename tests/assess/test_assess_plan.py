"""From a brief to a plan: tier with reasons, laws, risks, what to measure, gates, mitigations, signals."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from pathlib import Path

import pytest

from roadworthy.assess.mitigation import load_mitigations
from roadworthy.assess.plan import SIGNALS, Plan
from roadworthy.assess.scenario import Category, load_scenarios
from roadworthy.assess.tier import tier_system
from roadworthy.evaluate.metrics.table import find_metric
from roadworthy.project.briefing import plan_from_brief
from roadworthy.standard.load import load_standard
from roadworthy.standard.model import Tier

AT = datetime(2026, 11, 26, tzinfo=UTC)
BRIEFS = {path.stem: path.read_text("utf-8") for path in sorted((Path(__file__).parent / "briefs").glob("*.txt"))}

TIERS = {
    "agent-with-mail": ("medium", "high"),
    "approval-agent": ("medium", "medium"),
    "code-helper": ("low", "low"),
    "credit-scoring": ("high", "high"),
    "fraud-classifier": ("high", "high"),
    "grid": ("high", "high"),
    "hiring-ranker": ("high", "high"),
    "hr-rag": ("medium", "medium"),
    "image-generator": ("medium", "high"),
    "medical-triage": ("high", "high"),
    "meeting-summariser": ("medium", "medium"),
    "public-benefits": ("high", "high"),
    "stress-monitor": ("prohibited", "prohibited"),
    "teen-recommender": ("high", "high"),
    "tutor-for-children": ("high", "high"),
    "vague": ("low", "high"),
}
"""Tier on the milder and on the stricter side of what the brief leaves open."""


@functools.cache
def plan(name: str) -> Plan:
    return plan_from_brief(BRIEFS[name], load_standard(), AT)


@pytest.mark.parametrize("name", BRIEFS)
def test_the_tier_lies_between_the_milder_and_the_stricter_side(name: str) -> None:
    made = plan(name)
    assert (made.known_tier, made.tier) == TIERS[name]
    assert made.known_tier.severity <= made.tier.severity
    assert made.because
    assert made.because[0].result == made.tier
    assert made.tier is tier_system(made.draft.strict, load_standard()).tier


@pytest.mark.parametrize("name", BRIEFS)
def test_the_plan_holds_what_was_asked_for(name: str) -> None:
    made = plan(name)
    assert len(made.risks) == 10 or made.tier is Tier.LOW
    assert {item.mitigation for item in made.mitigations} <= set(load_mitigations())
    assert {risk.proposal.scenario for risk in made.risks} <= set(load_scenarios())
    assert made.gates
    assert made.signals
    for measurement in made.measurements:
        assert find_metric(measurement.metric)
        assert measurement.criterion.confidence > 0.5
    if made.tier is not Tier.PROHIBITED:
        assert made.measurements


@pytest.mark.parametrize("name", BRIEFS)
def test_certain_risks_come_first_and_the_gravest_of_each_kind_before_the_others(name: str) -> None:
    risks = plan(name).risks
    order = [(risk.certain, risk.proposal.inherent.order) for risk in risks]
    assert order == sorted(order, reverse=True)


@pytest.mark.parametrize("name", BRIEFS)
def test_every_mitigation_lowers_a_top_risk(name: str) -> None:
    top = {risk.proposal.scenario for risk in plan(name).risks}
    assert all(item.scenarios and set(item.scenarios) <= top for item in plan(name).mitigations)


@pytest.mark.parametrize("name", BRIEFS)
def test_a_plan_is_the_same_every_time_and_goes_through_json(name: str) -> None:
    assert plan_from_brief(BRIEFS[name], load_standard(), AT) == plan(name)
    assert Plan.model_validate_json(plan(name).model_dump_json()) == plan(name)


def test_the_answers_that_move_the_tier_are_marked() -> None:
    assert {answer.field: answer.tier for answer in plan("agent-with-mail").answers} == {"tools.approval": Tier.HIGH}
    assert plan("hiring-ranker").answers == ()  # high already
    assert {answer.field for answer in plan("image-generator").answers} == {
        "users.vulnerable",
        "data.special_category",
    }


def test_laws_are_named_with_references() -> None:
    laws = {reason.rule: reason for reason in plan("hiring-ranker").regulatory}
    assert laws["eu-high-risk-employment"].reference == "eu-ai-act-annex-iii 2024/1689 III.4"
    assert laws["nyc-automated-employment-decision"].certain
    benefits = {reason.rule for reason in plan("public-benefits").regulatory}
    assert "eu-high-risk-public-benefits" in benefits or plan("public-benefits").draft.strict.regions == ["NL"]
    assert {reason.rule for reason in plan("tutor-for-children").regulatory} >= {"korea-generative"}
    assert {reason.rule for reason in plan("teen-recommender").regulatory}


@pytest.mark.parametrize(
    ("name", "risks", "metrics"),
    [
        ("hiring-ranker", {"uneven-outcomes", "proxy-discrimination", "automation-bias"}, {"selection_rate_ratio"}),
        ("agent-with-mail", {"exfiltration-by-agent", "tool-misused"}, {"attack_success_rate", "pii_leak_rate"}),
        ("medical-triage", {"sensitive-advice-health", "overlooked-in-need"}, {"harmful_response_rate"}),
        ("hr-rag", {"invented-source", "confident-falsehood"}, {"grounded_rate", "citation_accuracy"}),
        ("teen-recommender", {"engagement-spiral", "childrens-data"}, set()),
        ("stress-monitor", {"forbidden-practice", "emotion-misread"}, set()),
        ("code-helper", {"flawed-code"}, {"task_success_rate"}),
    ],
)
def test_risks_and_measurements_fit_the_brief(name: str, risks: set[str], metrics: set[str]) -> None:
    made = plan(name)
    assert risks <= {risk.proposal.scenario for risk in made.risks}
    assert metrics <= {measurement.metric for measurement in made.measurements}


def test_every_category_has_a_signal_that_monitors_know() -> None:
    assert set(SIGNALS) == set(Category)
    assert set(SIGNALS.values()) <= {"drift", "safety", "fairness", "abuse", "policy", "cost", "latency", "quality"}


def test_signals_name_the_requirement_that_asks_for_them() -> None:
    asked = {signal.signal: signal.requirement for signal in plan("hiring-ranker").signals}
    assert asked["fairness"] == "monitor-fairness"
