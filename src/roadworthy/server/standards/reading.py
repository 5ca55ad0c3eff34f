"""A standard as pages read it: requirements by tier with their thresholds, controls with what shows them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from roadworthy.standard.load import LoadedStandard
from roadworthy.standard.model import Control, Criterion, Obligation, Requirement, Standard, Tier


@dataclass(frozen=True)
class AtTier:
    """A requirement at one tier."""

    tier: str
    asked: str
    """In words; empty where it does not exist at this tier."""
    must: bool


@dataclass(frozen=True)
class RequirementRow:
    """A requirement with what it asks at each tier."""

    requirement: Requirement
    tiers: tuple[AtTier, ...]


@dataclass(frozen=True)
class ControlRow:
    """A control with the requirements that show it."""

    control: Control
    requirements: tuple[Requirement, ...]


def requirement_rows(standard: Standard, words: str = "", tier: str = "") -> list[RequirementRow]:
    """Return the requirements that hold all words, and exist at a tier when one is given."""
    found = [item for item in standard.requirements if _holds(item, words)]
    rows = [RequirementRow(item, tuple(at_tier(item, level) for level in Tier)) for item in found]
    return [row for row in rows if not tier or any(one.tier == tier and one.asked for one in row.tiers)]


def at_tier(item: Requirement, tier: Tier) -> AtTier:
    """Say what a requirement asks at a tier."""
    must = item.obligation_at(tier) is Obligation.MUST
    if not item.applies_to_tier(tier):
        return AtTier(str(tier), "", must)
    criterion = item.criterion.get(tier)
    return AtTier(str(tier), criterion_words(criterion) if criterion else str(item.shown_by), must)


def criterion_words(criterion: Criterion) -> str:
    """Write a criterion as people say it: `at most 0.1, at 95 % confidence, also in each suite`."""
    if criterion.no_worse_by is not None:
        bound = f"no worse than the shipped release by more than {criterion.no_worse_by:g}"
    elif criterion.at_most is not None:
        bound = f"at most {criterion.at_most:g}"
    else:
        bound = f"at least {criterion.at_least:g}"
    slices = " and ".join(f"each {' x '.join(columns)}" for columns in criterion.slices)
    within = f", also in {slices}" if slices else ""
    judge = ", scored by people or a calibrated judge" if criterion.judge == "calibrated" else ""
    return f"{bound}, at {criterion.confidence * 100:g} % confidence{within}{judge}"


def control_rows(standard: Standard, *, words: str = "", domain: str = "", framework: str = "") -> list[ControlRow]:
    """Return the controls that hold all words, of a domain, mapped to a framework (`owasp-asi 2026`)."""
    shown: dict[str, list[Requirement]] = {}
    for item in standard.requirements:
        shown.setdefault(item.control, []).append(item)
    return [
        ControlRow(control, tuple(shown.get(control.id, ())))
        for control in standard.controls
        if domain in ("", control.domain)
        and (not framework or any(f"{one.framework} {one.version}" == framework for one in control.maps))
        and _found(words, (control.id, control.title, control.statement))
    ]


def find_requirement(loaded: LoadedStandard, name: str) -> Requirement | None:
    """Return a requirement by its id."""
    return next((item for item in loaded.standard.requirements if item.id == name), None)


def _holds(item: Requirement, words: str) -> bool:
    return _found(words, (item.id, item.title, item.control, item.because, item.dimension or "", str(item.shown_by)))


def _found(words: str, texts: Iterable[str]) -> bool:
    text = " ".join(texts).casefold()
    return all(word in text for word in words.casefold().split())
