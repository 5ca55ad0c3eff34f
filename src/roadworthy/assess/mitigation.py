"""Mitigations: the library of them, whether one is in place with evidence, and what it lowers."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import Field

from roadworthy.assess.catalogue import check_unique, checked, read_items
from roadworthy.assess.scale import Factor, Range, Rating
from roadworthy.core.errors import InputError
from roadworthy.core.model import FileModel
from roadworthy.declare.system import Slug, Text
from roadworthy.standard.model import ControlId

MITIGATIONS = Path(__file__).parent / "mitigations"


class Lowering(FileModel):
    """What a mitigation takes off a factor when it works."""

    factor: Factor
    by: Range
    """Steps, from what is sure to what is hoped for: the first comes off the upper end, the second off the lower."""


class Mitigation(FileModel):
    """Something that makes a harm less severe, less likely, rarer, or sooner noticed."""

    id: Slug
    title: Text
    control: ControlId | None = None
    """The control of the default standard that it carries out."""
    lowers: tuple[Lowering, ...] = Field(min_length=1)
    declared: Text | None = None
    """CEL over `system`: the declaration says that it is there. A declaration is not evidence."""


class State(StrEnum):
    """How far a mitigation has come."""

    PROPOSED = "proposed"
    PLANNED = "planned"
    IN_PLACE = "in-place"
    REJECTED = "rejected"


class Support(FileModel):
    """What shows that a mitigation is in place: an evidence record, a report, a run."""

    reference: Text
    """Digest of the evidence, or where it lies."""
    says: Text | None = None
    until: date | None = None
    """The last day on which it counts; none when it does not expire."""


class Treatment(FileModel):
    """A mitigation as it is applied to one scenario of one system."""

    mitigation: Slug
    title: Text
    control: ControlId | None = None
    lowers: tuple[Lowering, ...]
    state: State = State.PROPOSED
    owner: Text | None = None
    due: date | None = None
    evidence: tuple[Support, ...] = ()

    def counts(self, day: date) -> bool:
        """Tell whether it lowers anything on `day`: it is in place, and evidence that has not expired says so."""
        shown = any(support.until is None or support.until >= day for support in self.evidence)
        return self.state is State.IN_PLACE and shown


def treatment(mitigation: Mitigation) -> Treatment:
    """Propose a mitigation of the library for a scenario."""
    return Treatment(
        mitigation=mitigation.id, title=mitigation.title, control=mitigation.control, lowers=mitigation.lowers
    )


def residual_rating(inherent: Rating, treatments: Iterable[Treatment], day: date) -> Rating:
    """Lower a rating by the treatments that count on `day`.

    Of several that lower one factor the strongest counts alone, at each end: safeguards against one cause fail
    together more often than apart, so their steps are not added up.
    """
    rating = inherent
    at_work = [lowering for item in treatments if item.counts(day) for lowering in item.lowers]
    for factor in Factor:
        steps = [lowering.by for lowering in at_work if lowering.factor is factor]
        if steps:
            sure, hoped = max(by.low for by in steps), max(by.high for by in steps)
            rating = rating.put(factor, rating.of(factor).shifted(-hoped, -sure))
    return rating


@functools.cache
def load_mitigations() -> Mapping[str, Mitigation]:
    """Load the library. Raises InputErrors on a bad file, an id that occurs twice or a bad predicate."""
    items = read_items(MITIGATIONS, "mitigations", Mitigation)
    check_unique(items, "mitigation")
    for item in items:
        if item.declared:
            checked(item.declared)
    return {item.id: item for item in items}


def declared_mitigations(ids: Iterable[str], facts: dict[str, Any]) -> dict[str, bool]:
    """Say of each mitigation whether the declaration says that it is there; one that cannot be told is not."""
    return {id_: _declares(load_mitigations()[id_], facts) for id_ in ids}


def _declares(mitigation: Mitigation, facts: dict[str, Any]) -> bool:
    if mitigation.declared is None:
        return False
    try:
        return checked(mitigation.declared).holds(facts)
    except InputError:
        return False
