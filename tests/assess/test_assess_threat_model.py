"""Threat models: surface, boundaries, threats with reasons, what is declared against them and what is missing."""

from __future__ import annotations

import pytest
from assessed_systems import quiet, systems

from roadworthy.assess.mitigation import load_mitigations
from roadworthy.assess.surface import boundaries_of, entry_points_of
from roadworthy.assess.threat import Entry, Stake, Threat, load_threats
from roadworthy.assess.threat_model import FoundThreat, ThreatModel, model_threats
from roadworthy.evaluate.metrics.table import METRICS
from roadworthy.standard.frameworks_index import known_references
from roadworthy.standard.predicate import system_facts

LIBRARY = load_threats()
ASKED_FOR = {
    "direct-injection",
    "indirect-injection",
    "tool-misuse",
    "data-exfiltration",
    "model-extraction",
    "model-inversion",
    "membership-inference",
    "data-poisoning",
    "supply-chain",
}


def found(model: ThreatModel) -> dict[str, FoundThreat]:
    return {item.threat: item for item in model.threats}


def test_the_attack_surfaces_that_matter_are_there() -> None:
    assert ASKED_FOR - set(LIBRARY) == set()


@pytest.mark.parametrize("threat", LIBRARY.values(), ids=lambda item: item.id)
def test_a_threat_fires_on_some_system_and_not_on_another(threat: Threat) -> None:
    held = {threat.predicate.holds(system_facts(system)) for system in systems().values()}
    assert held == ({True} if threat.when == "true" else {True, False})


@pytest.mark.parametrize("threat", LIBRARY.values(), ids=lambda item: item.id)
def test_a_threat_refers_to_what_exists(threat: Threat) -> None:
    known = known_references()
    assert all(item.id in known[item.framework, item.version] for item in threat.maps)
    assert {item.framework for item in threat.maps} & {"mitre-atlas", "owasp-llm-top10", "owasp-asi"}
    assert set(threat.metrics) <= set(METRICS)


def test_both_owasp_lists_are_covered_and_many_techniques_of_atlas() -> None:
    covered = {(item.framework, item.id) for threat in LIBRARY.values() for item in threat.maps}
    known = known_references()
    assert {("owasp-asi", id_) for id_ in known["owasp-asi", "2026"]} <= covered
    security = {("owasp-llm-top10", id_) for id_ in known["owasp-llm-top10", "2026"]}
    assert security - covered == {("owasp-llm-top10", "LLM07:2026")}  # misinformation: a harm, not an attack
    assert len([1 for framework, id_ in covered if framework == "mitre-atlas" and ".T" in id_]) >= 30


def test_every_way_in_and_everything_at_stake_is_used() -> None:
    assert {entry for threat in LIBRARY.values() for entry in threat.enters} == set(Entry)
    assert {stake for threat in LIBRARY.values() for stake in threat.assets} == set(Stake)


def test_the_surface_of_an_agent_with_mail() -> None:
    agent = quiet(
        kind="agent",
        autonomy="acts",
        tools=[{"id": "mail", "effect": "external"}, {"id": "search", "effect": "read"}],
        data=[{"id": "inbox", "use": "input", "personal": True, "untrusted": True}],
        prompts=[{"id": "system", "text": "Help."}],
        vendors=[{"id": "acme", "supplies": "the model"}],
    )
    model = model_threats(agent)
    assert {asset.id for asset in model.assets} >= {"data:inbox", "tools:mail", "key:mail", "prompts:system", "host"}
    assert {(entry.id, entry.trusted) for entry in model.entry_points} == {
        ("users", True),
        ("queries", True),
        ("data:inbox", False),
        ("tools:mail", False),
        ("tools:search", False),
        ("vendors:acme", False),
    }
    assert [boundary.id for boundary in model.boundaries] == [
        "content-in",
        "tools-back",
        "model-to-systems",
        "inside-out",
        "to-vendors",
    ]
    leak = found(model)["data-exfiltration"]
    assert leak.enters[0] == "data:inbox"
    assert {"data:inbox", "tools:search"} <= set(leak.assets)
    assert leak.declared == ()
    assert "approve-external-actions" in leak.gaps
    assert leak.facts["system.data.personal"] == "yes"


def test_what_is_declared_is_no_gap() -> None:
    tools = [{"id": "mail", "effect": "external", "approval": "human", "permissions": ["send"]}]
    misuse = found(model_threats(quiet(kind="agent", tools=tools)))["tool-misuse"]
    assert misuse.declared == ("least-authority-tools", "approve-external-actions")
    assert set(misuse.declared) | set(misuse.gaps) == set(LIBRARY["tool-misuse"].mitigations)


def test_inside_only_and_self_hosted_leaves_little() -> None:
    assert set(found(model_threats(quiet()))) == {"evasion", "exposed-service"}
    assert boundaries_of(quiet()) == ()
    assert [entry.kind for entry in entry_points_of(quiet())] == [Entry.MODEL_QUERIES]


def test_every_entry_point_and_asset_named_by_a_threat_is_in_the_model() -> None:
    for system in systems().values():
        model = model_threats(system)
        entries, assets = {e.id for e in model.entry_points}, {a.id for a in model.assets}
        assert len(entries) == len(model.entry_points)
        assert len(assets) == len(model.assets)
        for threat in model.threats:
            assert set(threat.enters) <= entries
            assert set(threat.assets) <= assets
            assert {*threat.declared, *threat.gaps} <= set(load_mitigations())


def test_a_model_goes_through_json() -> None:
    model = model_threats(systems()["tool-agent"])
    assert ThreatModel.model_validate_json(model.model_dump_json()) == model
