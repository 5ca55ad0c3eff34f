"""Tiers and regulatory classes, with the facts that led to them; an error takes the stricter side."""

from __future__ import annotations

import pytest

from roadworthy.assess.tier import tier_system
from roadworthy.core.errors import InputError
from roadworthy.standard.model import Tier
from worked_example import RULES, standard, system

SEND = [{"id": "send", "effect": "external"}]


@pytest.mark.parametrize(
    ("changes", "tier", "rules"),
    [
        ({}, Tier.LOW, ["everything"]),
        ({"tools": SEND}, Tier.MEDIUM, ["acts-outside", "everything"]),
        (
            {"tools": SEND, "decision": {"about_people": True}},
            Tier.HIGH,
            ["about-people", "acts-outside", "everything"],
        ),
        ({"practices": ["social-scoring"]}, Tier.PROHIBITED, ["social-scoring", "everything"]),
    ],
)
def test_the_strictest_rule_that_fires_wins(changes: dict[str, object], tier: Tier, rules: list[str]) -> None:
    tiering = tier_system(system(**changes), standard())
    assert tiering.tier is tier
    assert [finding.rule for finding in tiering.because] == rules


def test_the_facts_that_led_to_it_are_named() -> None:
    tiering = tier_system(system(tools=SEND), standard())
    finding = tiering.because[0]
    assert finding.because == "A tool changes something."
    assert finding.facts["system.tools.effect"] == "external"


def test_the_order_of_the_rules_does_not_matter() -> None:
    declared = system(tools=SEND, decision={"about_people": True})
    assert tier_system(declared, standard(tier_rules=RULES[::-1])).tier is Tier.HIGH


def test_a_rule_that_cannot_be_evaluated_fires() -> None:
    doubtful = {"id": "unguarded", "tier": "high", "when": 'system.guard.pii == "off"', "because": "No guard."}
    tiering = tier_system(system(), standard(tier_rules=[*RULES, doubtful]))
    assert tiering.tier is Tier.HIGH
    assert tiering.because[0].rule == "unguarded"
    assert "applied because it could not be evaluated" in tiering.because[0].because
    assert "system.guard.pii, which is not declared" in tiering.because[0].because
    guarded = tier_system(system(guard={"pii": "on"}), standard(tier_rules=[*RULES, doubtful]))
    assert guarded.tier is Tier.LOW


def test_no_rule_at_all_is_an_error_and_not_the_lowest_tier() -> None:
    with pytest.raises(InputError, match="no tier rule of small 1 applies to 'order-helper'"):
        tier_system(system(), standard(tier_rules=RULES[1:]))


def test_regulatory_classes_are_shown_with_law_reference_and_date() -> None:
    rule = {
        "id": "transparency",
        "regime": "EU AI Act",
        "class": "transparency",
        "when": '"EU" in system.regions && system.exposure.public',
        "because": "People must know that they talk to a machine.",
        "reference": {"framework": "eu-ai-act", "version": "2024/1689", "id": "Art. 50"},
        "applies_from": "2026-08-02",
    }
    loaded = standard(regulatory_rules=[rule])
    assert tier_system(system(), loaded).regulatory == ()
    [finding] = tier_system(system(exposure={"public": True}), loaded).regulatory
    assert (finding.result, finding.regime) == ("transparency", "EU AI Act")
    assert finding.reference == "eu-ai-act 2024/1689 Art. 50"
    assert finding.applies_from == "2026-08-02"
    assert finding.facts == {"system.regions": "EU", "system.exposure.public": "yes"}


def test_a_regulatory_rule_that_fails_counts_as_applying() -> None:
    rule = {
        "id": "r",
        "regime": "Law",
        "class": "high",
        "when": "system.settings.seed == 1",
        "because": "Seeded.",
    }
    [finding] = tier_system(system(), standard(regulatory_rules=[rule])).regulatory
    assert "could not be evaluated" in finding.because
