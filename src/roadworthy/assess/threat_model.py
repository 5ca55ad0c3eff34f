"""The threat model of a declared system: surface, threats with reasons, what is declared against them, gaps.

Laid out as the four questions of the Threat Modeling Manifesto: what is built (assets, entry points, boundaries), what
can go wrong (threats, after MITRE ATLAS and the OWASP top tens), what is done about it (declared, gaps), and how well
(metrics). A declared mitigation is a claim; only evidence lowers a risk.
"""

from __future__ import annotations

from typing import Any

from roadworthy.assess.mitigation import declared_mitigations
from roadworthy.assess.propose import applies
from roadworthy.assess.surface import (
    Asset,
    Boundary,
    EntryPoint,
    assets_of,
    boundaries_of,
    entry_points_of,
)
from roadworthy.assess.threat import Threat, load_threats
from roadworthy.core.model import FileModel
from roadworthy.declare.system import System
from roadworthy.standard.model import Reference
from roadworthy.standard.predicate import system_facts


class FoundThreat(FileModel):
    """A threat that concerns the system."""

    threat: str
    title: str
    attack: str
    because: str
    facts: dict[str, str]
    """Declared field -> its value as text."""
    enters: tuple[str, ...]
    """Ids of the entry points that it can come through, those open to outsiders first."""
    assets: tuple[str, ...]
    """Ids of what it puts at stake."""
    scenarios: tuple[str, ...]
    declared: tuple[str, ...]
    """Mitigations that the declaration says are there."""
    gaps: tuple[str, ...]
    """Mitigations that it does not."""
    metrics: tuple[str, ...]
    maps: tuple[Reference, ...]


class ThreatModel(FileModel):
    """What an attacker of one declared system sees."""

    system: str
    release: str
    assets: tuple[Asset, ...]
    entry_points: tuple[EntryPoint, ...]
    boundaries: tuple[Boundary, ...]
    threats: tuple[FoundThreat, ...]


def model_threats(system: System) -> ThreatModel:
    """Model the threats to a system; a threat whose predicate cannot be evaluated applies."""
    facts = system_facts(system)
    assets, entries = assets_of(system), entry_points_of(system)
    found = [
        _found(threat, note, facts, assets, entries)
        for threat in load_threats().values()
        for held, note in [applies(threat.predicate, facts)]
        if held
    ]
    return ThreatModel(
        system=system.system,
        release=system.release,
        assets=assets,
        entry_points=entries,
        boundaries=boundaries_of(system),
        threats=tuple(found),
    )


def _found(
    threat: Threat, note: str, facts: dict[str, Any], assets: tuple[Asset, ...], entries: tuple[EntryPoint, ...]
) -> FoundThreat:
    said = declared_mitigations(threat.mitigations, facts)
    ways_in = sorted((entry for entry in entries if entry.kind in threat.enters), key=lambda entry: entry.trusted)
    return FoundThreat(
        threat=threat.id,
        title=threat.title,
        attack=threat.attack,
        because=threat.because + note,
        facts=threat.predicate.facts_read(facts),
        enters=tuple(entry.id for entry in ways_in),
        assets=tuple(asset.id for asset in assets if asset.kind in threat.assets),
        scenarios=threat.scenarios,
        declared=tuple(id_ for id_, there in said.items() if there),
        gaps=tuple(id_ for id_, there in said.items() if not there),
        metrics=threat.metrics,
        maps=threat.maps,
    )
