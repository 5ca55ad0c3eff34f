"""Tier a declared system by the rules of a standard, and say which declared facts led to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from roadworthy.core.errors import InputError
from roadworthy.declare.system import System
from roadworthy.standard.load import LoadedStandard
from roadworthy.standard.model import Reference, RegulatoryRule, Tier, TierRule
from roadworthy.standard.predicate import system_facts


class TierFinding(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that fired, with the declared facts that led to it."""

    rule: str
    result: str
    """The tier, or the class under a law."""
    regime: str | None
    """The law; null for a tier."""
    because: str
    facts: dict[str, str]
    """Declared field -> its value as text."""
    reference: str | None = None
    applies_from: str | None = None


@dataclass(frozen=True)
class Tiering:
    """The tier of a system and its regulatory classes."""

    tier: Tier
    because: tuple[TierFinding, ...]
    """Every tier rule that fired, strictest first."""
    regulatory: tuple[TierFinding, ...]


def tier_system(system: System, loaded: LoadedStandard) -> Tiering:
    """Apply every rule; the strictest tier that fires wins.

    A rule that cannot be evaluated fires: an error takes the stricter side. Raises InputError when no tier rule fires.
    """
    facts = system_facts(system)
    fired = [
        (rule.tier, _finding(rule, str(rule.tier), None, note, loaded, facts))
        for rule in loaded.standard.tier_rules
        for held, note in [_holds(rule, loaded, facts)]
        if held
    ]
    if not fired:
        raise InputError(
            f"no tier rule of {loaded.name} applies to {system.system!r}",
            remedy="Give the standard a last rule with 'when: \"true\"'.",
        )
    fired.sort(key=lambda pair: -pair[0].severity)
    regulatory = tuple(
        _finding(rule, rule.class_, rule.regime, note, loaded, facts)
        for rule in loaded.standard.regulatory_rules
        for held, note in [_holds(rule, loaded, facts)]
        if held
    )
    return Tiering(fired[0][0], tuple(finding for _, finding in fired), regulatory)


def _holds(rule: TierRule | RegulatoryRule, loaded: LoadedStandard, facts: dict[str, Any]) -> tuple[bool, str]:
    try:
        return loaded.predicates[rule.when].holds(facts), ""
    except InputError as error:
        return True, f" (applied because it could not be evaluated: {error.problem})"


def _finding(
    rule: TierRule | RegulatoryRule,
    result: str,
    regime: str | None,
    note: str,
    loaded: LoadedStandard,
    facts: dict[str, Any],
) -> TierFinding:
    reference: Reference | None = rule.reference if isinstance(rule, RegulatoryRule) else None
    since = rule.applies_from if isinstance(rule, RegulatoryRule) else None
    return TierFinding(
        rule=rule.id,
        result=result,
        regime=regime,
        because=rule.because + note,
        facts=loaded.predicates[rule.when].facts_read(facts),
        reference=f"{reference.framework} {reference.version} {reference.id}" if reference else None,
        applies_from=since.isoformat() if since else None,
    )
