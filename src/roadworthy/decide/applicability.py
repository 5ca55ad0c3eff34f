"""Which requirements apply to a system today, and why the others do not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from roadworthy.core.errors import InputError
from roadworthy.declare.system import System
from roadworthy.standard.load import LoadedStandard
from roadworthy.standard.model import Effective, Requirement, Tier
from roadworthy.standard.predicate import system_facts

EU_MEMBERS = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"}
    | {"IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)
EVERYWHERE = frozenset({"GLOBAL", "WORLD", "WORLDWIDE"})


@dataclass(frozen=True)
class Applicability:
    """Whether a requirement applies, with the reason."""

    requirement: Requirement
    applies: bool
    reason: str


def applicable_requirements(system: System, loaded: LoadedStandard, tier: Tier, as_of: datetime) -> list[Applicability]:
    """Judge every requirement of the standard; a predicate that fails takes the stricter side and applies.

    The day that counts is the later of today and the planned launch. Raises InputError when none applies: an empty
    set of requirements is never a pass.
    """
    day = max(as_of.date(), system.launch or date.min)
    facts = system_facts(system)
    judged = [_judge(requirement, system, loaded, facts, tier, day) for requirement in loaded.standard.requirements]
    if not any(item.applies for item in judged):
        raise InputError(
            f"no requirement of {loaded.name} applies to {system.system!r} in tier {tier}",
            remedy="An empty set of requirements is not a pass. Check the standard's 'when', 'tiers' and 'effective'.",
        )
    return judged


def _judge(
    requirement: Requirement,
    system: System,
    loaded: LoadedStandard,
    facts: dict[str, object],
    tier: Tier,
    day: date,
) -> Applicability:
    if not requirement.applies_to_tier(tier):
        return Applicability(requirement, False, f"Not required in tier {tier}.")
    outside = _outside(requirement.effective, system, day)
    if outside:
        return Applicability(requirement, False, outside)
    try:
        if loaded.predicates[requirement.when].holds(facts):
            return Applicability(requirement, True, "")
    except InputError as error:
        return Applicability(requirement, True, f"It applies because its predicate failed: {error.problem}.")
    return Applicability(requirement, False, f"Does not concern this system: {requirement.when}")


def _outside(effective: Effective, system: System, day: date) -> str | None:
    if effective.from_ and day < effective.from_:
        return f"Applies from {effective.from_.isoformat()}."
    if effective.until and day > effective.until:
        return f"Applied until {effective.until.isoformat()}."
    if effective.regions and not any(same_region(a, b) for a in effective.regions for b in system.regions):
        return f"Applies in {', '.join(effective.regions)} only."
    return None


def same_region(rule: str, declared: str) -> bool:
    """Tell whether a rule for one region reaches a declared one: EU holds its members, US holds US-NY, and back."""
    one, other = rule.upper(), declared.upper()
    if one == other or other in EVERYWHERE or one in EVERYWHERE:
        return True
    if one == "EU" or other == "EU":
        return (other if one == "EU" else one) in EU_MEMBERS
    return one.startswith(f"{other}-") or other.startswith(f"{one}-")
