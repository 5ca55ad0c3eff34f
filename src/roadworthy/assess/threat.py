"""Threats to AI attack surfaces: how somebody attacks, through which entry point, what is at stake, what helps."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from pydantic import Field

from roadworthy.assess.catalogue import check_known, check_references, check_unique, checked, read_items
from roadworthy.assess.mitigation import load_mitigations
from roadworthy.assess.scenario import load_scenarios
from roadworthy.core.model import FileModel
from roadworthy.declare.system import Slug, Text
from roadworthy.standard.model import MetricName, Reference
from roadworthy.standard.predicate import Predicate

THREATS = Path(__file__).parent / "threats"


class Entry(StrEnum):
    """A way in."""

    USERS = "users"
    """What people write to it."""
    CONTENT = "content"
    """Documents, pages and mail that it reads."""
    TOOL_RESULTS = "tool-results"
    TRAINING_DATA = "training-data"
    MODEL_QUERIES = "model-queries"
    """Many calls by a program, to learn about the model."""
    VENDORS = "vendors"
    """Models, packages and services from elsewhere."""


class Stake(StrEnum):
    """What an attacker is after."""

    INSTRUCTIONS = "instructions"
    CONDUCT = "conduct"
    """That it does and says what it should."""
    PERSONAL_DATA = "personal-data"
    RECORDS = "records"
    """Data and systems that tools read or write."""
    ACTIONS = "actions"
    """What tools do outside."""
    CREDENTIALS = "credentials"
    MODEL = "model"
    PEOPLE = "people"
    """The judgement and interests of those who rely on it."""
    INFRASTRUCTURE = "infrastructure"
    SERVICE = "service"


class Threat(FileModel):
    """One attack on an AI system."""

    id: Slug
    title: Text
    attack: Text
    """What the attacker does."""
    when: Text
    """CEL over `system`: the systems that it concerns."""
    because: Text
    enters: tuple[Entry, ...] = Field(min_length=1)
    assets: tuple[Stake, ...] = Field(min_length=1)
    scenarios: tuple[Slug, ...] = Field(min_length=1)
    """Harms that it leads to."""
    mitigations: tuple[Slug, ...] = Field(min_length=1)
    metrics: tuple[MetricName, ...] = ()
    maps: tuple[Reference, ...] = Field(min_length=1)

    @property
    def predicate(self) -> Predicate:
        """The checked form of `when`."""
        return checked(self.when)


@functools.cache
def load_threats() -> Mapping[str, Threat]:
    """Load the library by id. Raises InputErrors on a bad file, id, predicate, mitigation, scenario or reference."""
    items = read_items(THREATS, "threats", Threat)
    check_unique(items, "threat")
    for item in items:
        owner = f"threat {item.id!r}"
        checked(item.when)
        check_known(item.scenarios, load_scenarios(), owner, "scenario")
        check_known(item.mitigations, load_mitigations(), owner, "mitigation")
        check_references(item.maps, owner)
    return {item.id: item for item in items}
