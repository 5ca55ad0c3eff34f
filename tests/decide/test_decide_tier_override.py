"""Another tier than the rules give counts only when signed with authority, for this very release; the rest is shown."""

from __future__ import annotations

from typing import Any

import pytest
from signed_people import People, dossier, signed

from roadworthy.decide.tier_override import settle_tier
from roadworthy.standard.model import Tier

ROLES = {"tier_roles": ["risk-lead"]}


def settled(people: People, *records: Any, roles: dict[str, Any] | None = None, **changes: Any) -> Any:
    loaded = people.standard(**(ROLES if roles is None else roles))
    return settle_tier(dossier(people, *records, loaded=loaded, **changes))


def test_without_a_statement_the_rules_decide(people: People) -> None:
    tiering = settled(people)
    assert tiering.tier is Tier.LOW
    assert all(finding.rule != "override" for finding in tiering.because)


def test_a_specialist_sets_the_tier_with_a_reason(people: People) -> None:
    record = signed(people.lead, requirement="tier:high", statement="It will soon decide about loans.")
    tiering = settled(people, record)
    assert tiering.tier is Tier.HIGH
    assert "Rita Risk (risk-lead) set the tier to high: It will soon decide about loans." in tiering.because[0].because


@pytest.mark.parametrize(
    ("key", "changes", "why"),
    [
        ("stranger", {}, "a key that the standard's authority does not list"),
        ("writer", {"role": "writer", "signer": "Willy Writer"}, "this needs risk-lead"),
        ("owner", {"signer": "Olga Owner"}, "nobody signs their own request"),
        ("lead", {"release": "0.9"}, "signed for release 0.9"),
        ("lead", {"fingerprint": {"models": "b" * 64}}, "models changed"),
        ("lead", {"until": "2026-11-21T00:00:00Z"}, "It was valid until"),
        ("lead", {"system": "another"}, "about another system"),
    ],
)
def test_what_does_not_count_is_shown_and_changes_nothing(
    people: People, key: str, changes: dict[str, Any], why: str
) -> None:
    parts = {"fingerprint": dict(signed(people.lead).predicate.fingerprint) | changes.pop("fingerprint", {})}
    record = signed(getattr(people, key), **{"requirement": "tier:high", **parts, **changes})
    tiering = settled(people, record)
    assert tiering.tier is Tier.LOW
    assert why in tiering.because[-1].because
    assert tiering.because[-1].result == "not counted"


def test_nobody_may_when_the_standard_names_no_role(people: People) -> None:
    tiering = settled(people, signed(people.lead, requirement="tier:high"), roles={})
    assert tiering.tier is Tier.LOW
    assert "a role that nobody has" in tiering.because[-1].because
