"""Settle findings that speak of one field into one value, and say where a brief contradicts itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from roadworthy.assess.lexicon import Confidence, Finding, Value
from roadworthy.assess.open_fact import NOT_STATED, REGULATED, STRICT_REGIONS, TALKING, Facts
from roadworthy.declare.system import Autonomy, Influence, Kind

LISTS = frozenset(
    {"exposure.generates", "practices", "users.who", "users.vulnerable", "regions", "tools", "data.use", "monitors"}
    | {"models"}
)
ORDERED: dict[str, tuple[str, ...]] = {
    "autonomy": tuple(Autonomy),
    "decision.influence": tuple(Influence),
    "kind": ("assistant", "classifier", "rag", "recommender", "ranker", "agent", "automated-decision"),
}
"""Of several values the last one counts."""
STRICT: dict[str, Value] = {
    "users.internal_only": False,
    "exposure.public": True,
    "exposure.discloses_ai": False,
    "exposure.marks_synthetic": False,
    "decision.about_people": True,
    "decision.consequential": True,
    "decision.human_review": False,
    "decision.explanation": False,
    "data.personal": True,
    "data.special_category": True,
    "data.untrusted": True,
    "tools.approval": "none",
    "tools.reversible": False,
}
"""The stricter value of each field that has two."""
NO_TALK_OF_PEOPLE = "It works in an area in which output seldom bears on decisions about people."


@dataclass
class Settled:
    """What is known of each field, on both sides of what the brief contradicts."""

    strict: Facts = field(default_factory=dict)
    known: Facts = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    """One for each field and value, the best founded."""
    contradictions: dict[str, list[str]] = field(default_factory=dict)
    """Field -> quotes that do not go together."""


def settle(found: tuple[Finding, ...], taken: Sequence[Finding] = ()) -> Settled:
    """Settle every field that the brief speaks of; what a person took over from a model counts over what was read."""
    settled = Settled()
    for name in dict.fromkeys(item.field for item in found):
        items = _best([item for item in found if item.field == name])
        settled.findings += items
        if name == "domain":
            _settle_domain([item for item in found if item.field == name], settled)
        elif name in LISTS:
            _settle_list(name, items, settled)
        elif name in ORDERED:
            _put(settled, name, _highest(name, items))
        elif name == "users.monthly":
            _put(settled, name, max(int(item.value) for item in items))
        else:
            _settle_two(name, items, settled)
    for item in taken:
        _take(item, settled)
    _infer_agent(settled)
    _infer_suggests(settled)
    _infer_no_people(settled)
    return settled


def _take(item: Finding, settled: Settled) -> None:
    value = f"{NOT_STATED}:{item.value}" if item.field == "models" and ":" not in str(item.value) else item.value
    settled.findings.append(item.model_copy(update={"confidence": Confidence.STATED}))
    if item.field not in LISTS:
        settled.contradictions.pop(item.field, None)
        _put(settled, item.field, value)
        return
    for facts in (settled.strict, settled.known):
        facts[item.field] = list(dict.fromkeys([*facts.get(item.field, []), value]))


def _best(items: list[Finding]) -> list[Finding]:
    best: dict[Value, Finding] = {}
    for item in items:
        kept = best.get(item.value)
        if kept is None or (kept.confidence is Confidence.INFERRED and item.confidence is Confidence.STATED):
            best[item.value] = item
    return list(best.values())


def _put(settled: Settled, name: str, value: Any) -> None:
    settled.strict[name] = settled.known[name] = value


def _highest(name: str, items: list[Finding]) -> Value:
    stated = [item for item in items if item.confidence is Confidence.STATED]
    order = ORDERED[name]
    return max((item.value for item in stated or items), key=lambda value: order.index(str(value)))


def _settle_two(name: str, items: list[Finding], settled: Settled) -> None:
    values = {item.value for item in items}
    if len(values) == 1:
        _put(settled, name, items[0].value)
        return
    settled.contradictions[name] = [str(item.quote) for item in items]
    settled.strict[name] = STRICT[name]
    stated = {item.value for item in items if item.confidence is Confidence.STATED}
    settled.known[name] = next(iter(stated)) if len(stated) == 1 else next(v for v in values if v != STRICT[name])


def _settle_list(name: str, items: list[Finding], settled: Settled) -> None:
    values = [item.value for item in items if item.value != ""]
    if name == "regions" and "GLOBAL" in values:
        values += [region for region in STRICT_REGIONS if region not in values]
    _put(settled, name, values)
    if name == "users.vulnerable" and values and len(values) < len(items):
        settled.contradictions[name] = [str(item.quote) for item in items]
        settled.known[name] = []


def _settle_domain(items: list[Finding], settled: Settled) -> None:
    counts = Counter(str(item.value) for item in items)
    regulated = {name: count for name, count in counts.items() if name in REGULATED}
    settled.known["domain"] = max(counts, key=lambda name: (counts[name], name in REGULATED, name))
    settled.strict["domain"] = max(regulated or counts, key=lambda name: (counts[name], name))
    if settled.known["domain"] != settled.strict["domain"]:
        settled.contradictions["domain"] = list(dict.fromkeys(str(item.quote) for item in items))


def _infer_agent(settled: Settled) -> None:
    tools = [item for item in settled.findings if item.field == "tools" and item.value != ""]
    acting = [item for item in tools if not str(item.value).endswith(":read")]
    if acting and settled.strict.get("kind", Kind.ASSISTANT) in {Kind.ASSISTANT, Kind.RAG}:
        _put(settled, "kind", str(Kind.AGENT))
        why = "It talks and has a tool that changes something."
        settled.findings.append(_inferred("kind", str(Kind.AGENT), acting[0], why))


def _infer_suggests(settled: Settled) -> None:
    """Without a tool that changes something, approval is of what it suggests."""
    if settled.strict.get("autonomy") == Autonomy.ACTS_WITH_APPROVAL and settled.strict.get("kind") in TALKING - {
        Kind.AGENT
    }:
        _put(settled, "autonomy", str(Autonomy.SUGGESTS))


def _infer_no_people(settled: Settled) -> None:
    domain = next((item for item in settled.findings if item.field == "domain"), None)
    unregulated = domain and not any(settled.strict["domain"] == name for name in REGULATED)
    talks = settled.strict.get("kind") in TALKING and not settled.strict.get("practices")
    if domain and unregulated and talks and "decision.about_people" not in settled.strict:
        _put(settled, "decision.about_people", False)
        settled.findings.append(_inferred("decision.about_people", False, domain, NO_TALK_OF_PEOPLE))


def _inferred(name: str, value: Value, source: Finding, why: str) -> Finding:
    return Finding(
        field=name,
        value=value,
        confidence=Confidence.INFERRED,
        quote=source.quote,
        start=source.start,
        because=why,
    )
