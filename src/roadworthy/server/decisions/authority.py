"""Authority as data: the rows of rules, how they are seeded, and which of them apply to a system."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from roadworthy.decide.authority_rule import Action, default_rules
from roadworthy.decide.authority_rule import AuthorityRule as Rule
from roadworthy.server.accounts.places import units_above
from roadworthy.server.decisions.models import AuthorityRule
from roadworthy.standard.model import Tier


def seed_authority(**_: Any) -> None:
    """Bring in the rules by default while there is none. Runs after each migration."""
    from roadworthy.standard.load import load_standard

    if AuthorityRule.objects.exists():
        return
    AuthorityRule.objects.bulk_create(
        AuthorityRule(
            action=str(rule.action),
            roles=list(rule.roles),
            tiers=sorted(rule.tiers),
            environments=sorted(rule.environments),
            quorum=rule.quorum,
        )
        for rule in default_rules(load_standard().standard.authority)
    )


def rule_of(row: AuthorityRule) -> Rule:
    """Return a row as the domain knows rules; that it reaches the unit was settled before."""
    return Rule(
        Action(row.action),
        tuple(row.roles),
        frozenset(Tier(tier) for tier in row.tiers),
        frozenset(row.environments),
        quorum=row.quorum,
    )


def rules_on(system: Any, action: Action, tier: str, environments: Sequence[str | None] = (None,)) -> tuple[Rule, ...]:
    """Return the rules that apply to a system at a tier, for any of the environments; without one, nobody may approve.

    A rule of a unit applies to the units below it, too.
    """
    reached = {None, *units_above(system.unit_id)}
    rows = [row for row in AuthorityRule.objects.filter(action=str(action)) if row.unit_id in reached]
    rules = [rule_of(row) for row in rows]
    return tuple(
        rule
        for rule in rules
        if any(rule.applies(action, Tier(tier), environment, None) for environment in environments)
    )


def roles_of(rules: Iterable[Rule]) -> frozenset[str]:
    """Return every role that some rule asks for."""
    return frozenset(role for rule in rules for role in rule.roles)
