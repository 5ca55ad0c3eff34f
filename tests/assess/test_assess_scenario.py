"""The library of scenarios: complete, well-formed, and each fires on some system and not on another."""

from __future__ import annotations

from pathlib import Path

import pytest
from assessed_systems import quiet, systems

from roadworthy.assess import scenario as module
from roadworthy.assess.catalogue import check_known, check_references, check_unique, read_items
from roadworthy.assess.propose import applies, propose_scenarios
from roadworthy.assess.scale import Factor, Range
from roadworthy.assess.scenario import Category, Scenario, load_raises, load_scenarios
from roadworthy.core.errors import InputError, InputErrors
from roadworthy.declare.system import Kind, Practice
from roadworthy.evaluate.metrics.table import METRICS
from roadworthy.standard.frameworks_index import known_references
from roadworthy.standard.model import Reference
from roadworthy.standard.predicate import system_facts

LIBRARY = load_scenarios()


def test_the_library_is_as_large_as_it_should_be_and_covers_every_category() -> None:
    assert len(LIBRARY) >= 60
    assert {item.category for item in LIBRARY.values()} == set(Category)


@pytest.mark.parametrize("scenario", LIBRARY.values(), ids=lambda item: item.id)
def test_a_scenario_fires_on_some_system_and_not_on_another(scenario: Scenario) -> None:
    held = {name: scenario.predicate.holds(system_facts(system)) for name, system in systems().items()}
    assert True in held.values()
    assert False in held.values()


@pytest.mark.parametrize("item", load_raises(), ids=lambda item: item.id)
def test_a_fact_that_raises_holds_for_some_system_and_not_for_another(item: module.Raise) -> None:
    assert {item.predicate.holds(system_facts(system)) for system in systems().values()} == {True, False}


@pytest.mark.parametrize("scenario", LIBRARY.values(), ids=lambda item: item.id)
def test_a_scenario_is_written_out_and_refers_to_what_exists(scenario: Scenario) -> None:
    assert scenario.predicate.paths
    assert set(scenario.metrics) <= set(METRICS)
    assert all(text.endswith(".") for text in (scenario.harm, scenario.because))
    assert not scenario.title.endswith(".")
    known = known_references()
    assert all(item.id in known[item.framework, item.version] for item in scenario.maps)
    assert len(set(scenario.mitigations)) == len(scenario.mitigations) >= 2


def test_titles_and_harms_are_told_apart() -> None:
    for field in ("title", "harm"):
        texts = [getattr(item, field) for item in LIBRARY.values()]
        assert len(set(texts)) == len(texts)


def test_every_hazard_of_ailuminate_every_agentic_risk_and_every_genai_risk_is_covered() -> None:
    """The lists are those of the framework files, which this library did not write."""
    covered = {(item.framework, item.id) for scenario in LIBRARY.values() for item in scenario.maps}
    known = known_references()
    for framework, version in (("ailuminate", "1.0"), ("owasp-asi", "2026"), ("nist-ai-600-1", "2024-07")):
        wanted = {(framework, id_) for id_ in known[framework, version]}
        left = wanted - covered
        assert left <= {("ailuminate", "ail-sex-related-crimes")}
    assert {("owasp-llm-top10", id_) for id_ in known["owasp-llm-top10", "2026"]} <= covered


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_system_meets_scenarios(kind: Kind) -> None:
    declared = quiet(kind=kind, decision={"about_people": True, "influence": "recommends"})
    assert len(propose_scenarios(declared)) >= 6


@pytest.mark.parametrize("practice", Practice)
def test_every_practice_leads_to_a_scenario_of_its_own(practice: Practice) -> None:
    exposure = {"public": True}
    without = {item.scenario for item in propose_scenarios(quiet(exposure=exposure))}
    assert {item.scenario for item in propose_scenarios(quiet(exposure=exposure, practices=[practice]))} - without


def test_an_error_of_a_predicate_takes_the_stricter_side() -> None:
    from roadworthy.standard.predicate import load_predicate

    held, note = applies(load_predicate('system.guard.pii == "off"'), system_facts(quiet()))
    assert held
    assert "could not be evaluated" in note


def test_facts_raise_and_the_reasons_are_named() -> None:
    plain = {item.scenario: item for item in propose_scenarios(systems()["tool-agent"])}["tool-misused"]
    assert [(raised.factor, raised.by) for raised in plain.raised] != []
    suggested = LIBRARY["tool-misused"].rating
    for factor in Factor:
        by = max((raised.by for raised in plain.raised if raised.factor is factor), default=0)
        assert plain.rating.of(factor) == suggested.of(factor).shifted(0, by)
    assert all(raised.facts for raised in plain.raised)


def test_proposals_come_gravest_first_and_the_same_every_time() -> None:
    for system in systems().values():
        proposals = propose_scenarios(system)
        assert list(proposals) == sorted(proposals, key=lambda item: [-part for part in item.inherent.order[:2]])
        assert proposals == propose_scenarios(system)


def test_the_facts_that_led_to_a_proposal_are_named() -> None:
    proposals = {item.scenario: item for item in propose_scenarios(systems()["hiring-ranker-berlin"])}
    assert proposals["uneven-outcomes"].facts == {
        "system.decision.about_people": "yes",
        "system.domain": "employment",
    }


def test_the_quiet_system_meets_few() -> None:
    assert {item.scenario for item in propose_scenarios(quiet())} == {"drift-unseen"}


def test_a_bad_library_is_refused_with_file_and_line(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("scenarios:\n  - id: x\n    sevrity: [1, 2]\n")
    with pytest.raises(InputErrors, match=r"bad.yaml:3: unknown key 'sevrity'"):
        read_items(tmp_path, "scenarios", Scenario)
    (tmp_path / "bad.yaml").write_text("threats: []\n")
    with pytest.raises(InputError, match="expected a list of scenarios"):
        read_items(tmp_path, "scenarios", Scenario)


def test_ids_that_do_not_exist_or_occur_twice_are_refused() -> None:
    item = LIBRARY["jailbreak"]
    with pytest.raises(InputError, match="occurs twice"):
        check_unique([item, item], "scenario")
    with pytest.raises(InputError, match="has no scenario"):
        check_unique([], "scenario")
    with pytest.raises(InputError, match="leak-filtr"):
        check_known(["leak-filtr"], {"leak-filter"}, "scenario 'x'", "mitigation")
    with pytest.raises(InputError, match="which is not known"):
        check_references([Reference(framework="owasp-asi", version="2026", id="ASI11:2026")], "scenario 'x'")


def test_ranges_of_the_library_are_ranges() -> None:
    wide = [item.id for item in LIBRARY.values() if any(item.rating.of(f) == Range(low=1, high=5) for f in Factor)]
    assert wide == []
