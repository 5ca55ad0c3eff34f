"""Risks and threats as lines of text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from roadworthy.assess.propose import Proposal
from roadworthy.assess.risk import sensitivity
from roadworthy.assess.scale import Factor
from roadworthy.assess.threat_model import FoundThreat, ThreatModel
from roadworthy.documents.plain import one_line


def proposal_lines(number: int, proposal: Proposal, note: str = "") -> Iterator[str]:
    """Write one proposed scenario: score, harm, facts, the factor that keeps it up, mitigations."""
    yield f"{number:>3}. {proposal.title}  [{proposal.category}]  {proposal.inherent}{note}"
    yield f"     {proposal.harm}"
    yield f"     {'  '.join(f'{factor} {proposal.rating.of(factor)}' for factor in Factor)}"
    yield f"     {proposal.because} {_facts(proposal.facts)}"
    yield from (f"     raised: {raised.factor} +{raised.by}. {raised.because}" for raised in proposal.raised)
    deciding = [swing for swing in sensitivity(proposal.rating) if swing.decides]
    if deciding:
        yield f"     settles it: {', '.join(f'{s.factor} at its lower end gives {s.band}' for s in deciding)}"
    yield f"     scenario {proposal.scenario}; mitigations: {', '.join(proposal.mitigations)}"


def threat_model_lines(model: ThreatModel) -> Iterator[str]:
    """Write a threat model: what is at stake, ways in, boundaries, threats."""
    yield "At stake"
    yield from (f"  {asset.id}  {one_line(asset.title)}" for asset in model.assets)
    yield "Ways in"
    yield from (
        f"  {entry.id}  {one_line(entry.title)}{'' if entry.trusted else ' (outsiders can write here)'}"
        for entry in model.entry_points
    )
    yield "Boundaries of trust"
    yield from (f"  {boundary.title}: {one_line(boundary.crosses)}" for boundary in model.boundaries)
    yield "Threats"
    for number, threat in enumerate(model.threats, 1):
        yield from _threat_lines(number, threat)


def _threat_lines(number: int, threat: FoundThreat) -> Iterator[str]:
    yield f"{number:>3}. {threat.title}"
    yield f"     {threat.attack}"
    yield f"     {threat.because} {_facts(threat.facts)}"
    yield f"     through {', '.join(threat.enters) or 'the service'}"
    if threat.declared:
        yield f"     declared against it, evidence owed: {', '.join(threat.declared)}"
    yield f"     missing: {', '.join(threat.gaps) or 'nothing'}"
    yield f"     threat {threat.threat}; {', '.join(f'{r.framework} {r.id}' for r in threat.maps)}"


def _facts(facts: dict[str, str]) -> str:
    told = "; ".join(f"{name} = {one_line(value, 80)}" for name, value in facts.items())
    return f"({told})" if told else ""


def text_of(lines: Iterable[str]) -> str:
    """Join lines to a text."""
    return "\n".join(lines)
