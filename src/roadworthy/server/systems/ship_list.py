"""What must be true before a system ships: each requirement that applies, why, and how it is shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from roadworthy.core.clock import now
from roadworthy.decide.applicability import applicable_requirements
from roadworthy.declare.system import System as Declaration
from roadworthy.documents.group import DOMAINS
from roadworthy.server.standards.reading import criterion_words
from roadworthy.standard.load import LoadedStandard
from roadworthy.standard.model import Requirement, ShownBy, Tier
from roadworthy.standard.predicate import system_facts


@dataclass(frozen=True)
class Asked:
    """One requirement as a team reads it."""

    id: str
    title: str
    control: str
    group: str
    must: bool
    """False: a shortfall becomes a condition and does not hold the release."""
    because: str
    """Why the requirement exists."""
    applies: str
    """Why it applies to this very system."""
    shown_by: str
    how: str
    """What shows it, with the threshold at this tier."""
    remedy: str
    expires: str


@dataclass(frozen=True)
class ShipList:
    """The page as data."""

    standard: str
    tier: str
    asked: tuple[Asked, ...]
    left_out: tuple[tuple[str, str, str], ...]
    """Id, title and reason of what does not apply."""

    @property
    def groups(self) -> list[tuple[str, list[Asked]]]:
        """Return what is asked by domain, in alphabetical order."""
        found: dict[str, list[Asked]] = defaultdict(list)
        for one in self.asked:
            found[one.group].append(one)
        return sorted(found.items())

    @property
    def kinds(self) -> list[tuple[str, int]]:
        """Return how many are shown by each kind of evidence, most first."""
        return Counter(one.shown_by for one in self.asked).most_common()


def ship_list(declaration: Declaration, loaded: LoadedStandard, tier: Tier) -> ShipList:
    """List what must be true for a declaration in a tier today. Raises InputError when nothing applies."""
    judged = applicable_requirements(declaration, loaded, tier, now())
    facts = system_facts(declaration)
    asked = tuple(
        _asked(item.requirement, item.reason or _why(item.requirement, loaded, facts, tier), tier)
        for item in judged
        if item.applies
    )
    left_out = tuple((i.requirement.id, i.requirement.title, i.reason) for i in judged if not i.applies)
    return ShipList(loaded.name, str(tier), asked, left_out)


def _asked(requirement: Requirement, applies: str, tier: Tier) -> Asked:
    return Asked(
        id=requirement.id,
        title=requirement.title,
        control=requirement.control,
        group=_group(requirement),
        must=requirement.obligation_at(tier) == "must",
        because=requirement.because,
        applies=applies,
        shown_by=str(requirement.shown_by),
        how=how_shown(requirement, tier),
        remedy=requirement.remedy or "",
        expires=_expires(requirement),
    )


def _group(requirement: Requirement) -> str:
    if requirement.dimension:
        return requirement.dimension.replace("-", " ").capitalize()
    prefix = requirement.control.split("-", 1)[0]
    return DOMAINS.get(prefix, prefix)


def _why(requirement: Requirement, loaded: LoadedStandard, facts: dict[str, object], tier: Tier) -> str:
    read = loaded.predicates[requirement.when].facts_read(facts)
    if not read:
        return f"Asked of every system in tier {tier}."
    told = "; ".join(f"{path.removeprefix('system.')}: {value}" for path, value in read.items())
    return f"Tier {tier}, and you declared {told}."


def how_shown(requirement: Requirement, tier: Tier) -> str:
    """Say in a sentence what shows a requirement at a tier."""
    criterion = requirement.criterion.get(tier)
    if requirement.shown_by is ShownBy.MEASUREMENT and requirement.measure and criterion:
        return f"Measure {requirement.measure.metric}: {criterion_words(criterion)}."
    if requirement.shown_by is ShownBy.COVERAGE and criterion:
        return f"Measure the required dimensions: {criterion_words(criterion)} of them."
    if requirement.document:
        says = f" It says: {'; '.join(requirement.document.must_say)}." if requirement.document.must_say else ""
        return f"Attest a {requirement.document.kind}.{says}"
    if requirement.sign_off:
        return f"A signature in the role {requirement.sign_off.role}, by somebody who does not own the system."
    return "Declare it in roadworthy.yaml." if requirement.declared else "Evidence of the kind named."


def _expires(requirement: Requirement) -> str:
    parts: Iterable[str] = requirement.expires.on_change
    told = []
    if requirement.expires.days:
        told.append(f"after {requirement.expires.days} days")
    if requirement.expires.on_change:
        told.append(f"when {', '.join(map(str, parts))} change")
    return f"Goes stale {' or '.join(told)}." if told else ""
