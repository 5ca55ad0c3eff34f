"""The default standard as files: valid, complete, mapped, and of one mind from tier to tier."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import roadworthy.standard
from roadworthy.assess.tier import Tiering, tier_system
from roadworthy.core.model import build_model, read_model
from roadworthy.core.yaml_file import YamlFile, load_yaml
from roadworthy.declare.system import Decision, Domain, Influence, Owner, Practice, System, Users
from roadworthy.evaluate.metrics.metric import Good
from roadworthy.evaluate.metrics.table import metric_named
from roadworthy.standard.load import LoadedStandard, load_standard
from roadworthy.standard.model import (
    Control,
    Criterion,
    Header,
    Obligation,
    Reference,
    RegulatoryRule,
    Requirement,
    ShownBy,
    Tier,
    TierRule,
)
from roadworthy.standard.predicate import system_facts

HOME = Path(roadworthy.standard.__file__).parent
DEFAULT, FRAMEWORKS = HOME / "default", HOME / "frameworks"
DOMAINS = {
    "agents",
    "data",
    "explainability",
    "fairness",
    "governance",
    "human-oversight",
    "incident-readiness",
    "monitoring",
    "privacy",
    "robustness",
    "safety",
    "security",
    "transparency",
    "vendors",
}
DIMENSIONS = {"safety", "fairness", "privacy", "security", "robustness", "explainability", "grounding", "quality"}


def read_section(path: Path, section: str, model: type[Any]) -> list[Any]:
    source: YamlFile = load_yaml(path)
    return [build_model(model, source, (section, position)) for position in range(len(source.value[section]))]


@cache
def tier_rules() -> list[TierRule]:
    return read_section(DEFAULT / "tiers.yaml", "tier_rules", TierRule)


@cache
def regulatory_rules() -> list[RegulatoryRule]:
    return read_section(DEFAULT / "tiers.yaml", "regulatory_rules", RegulatoryRule)


@cache
def controls() -> list[Control]:
    files = sorted((DEFAULT / "controls").glob("*.yaml"))
    return [control for path in files for control in read_section(path, "controls", Control)]


@cache
def requirements() -> list[Requirement]:
    files = sorted((DEFAULT / "requirements").glob("*.yaml"))
    return [found for path in files for found in read_section(path, "requirements", Requirement)]


@cache
def frameworks() -> dict[tuple[str, str], dict[str, str]]:
    """Map (framework, version) to its ids and their kinds."""
    known = {}
    for path in sorted(FRAMEWORKS.glob("*.yaml")):
        value = load_yaml(path).value
        head = value["framework"]
        known[(head["id"], head["version"])] = {item["id"]: item["kind"] for item in value["items"]}
    return known


@cache
def loaded() -> LoadedStandard:
    return load_standard()


def references() -> list[tuple[str, Reference]]:
    owners: list[Control | Requirement] = [*controls(), *requirements()]
    listed = [(owner.id, reference) for owner in owners for reference in owner.maps]
    return listed + [(rule.id, rule.reference) for rule in regulatory_rules() if rule.reference]


def mapped_by_controls(framework: str, version: str) -> set[str]:
    return {
        reference.id
        for control in controls()
        for reference in control.maps
        if (reference.framework, reference.version) == (framework, version)
    }


def ids_of_kind(framework: str, version: str, kind: str) -> set[str]:
    return {id_ for id_, its_kind in frameworks()[(framework, version)].items() if its_kind == kind}


def test_every_framework_file_has_the_uniform_shape() -> None:
    for path in sorted(FRAMEWORKS.glob("*.yaml")):
        value = load_yaml(path).value
        assert set(value) == {"framework", "items"}, path.name
        assert set(value["framework"]) == {
            "id",
            "version",
            "name",
            "publisher",
            "licence",
            "verified",
            "retrieved",
            "notes",
        }, path.name
        assert all(set(item) == {"id", "title", "kind"} for item in value["items"]), path.name
        assert all(isinstance(text, str) and text for item in value["items"] for text in item.values()), path.name
        ids = [item["id"] for item in value["items"]]
        assert len(ids) == len(set(ids)), path.name


def test_frameworks_hold_as_many_ids_as_their_publishers_state() -> None:
    # NIST AI 100-1 tables 1-4; ISO/IEC 42001 Annex A; OWASP top tens; AILuminate 1.0; ATLAS 2026.09 release note.
    assert len(ids_of_kind("nist-ai-rmf", "1.0", "subcategory")) == 72
    assert len(ids_of_kind("nist-ai-600-1", "2024-07", "risk")) == 12
    assert len(ids_of_kind("iso-42001", "2023", "control")) == 38
    assert [len(frameworks()[("owasp-llm-top10", year)]) for year in ("2025", "2026")] == [10, 10]
    assert len(frameworks()[("owasp-asi", "2026")]) == 10
    assert len(frameworks()[("ailuminate", "1.0")]) == 12
    assert len(ids_of_kind("mitre-atlas", "2026.09", "technique")) == 120


def test_header_reads_and_nobody_may_waive_a_prohibited_system() -> None:
    header = read_model(Header, DEFAULT / "standard.yaml")
    roles = {role.id for role in header.authority.roles}
    named = {role for allowed in header.authority.exception_roles.values() for role in allowed}
    assert named | set(header.authority.change_roles) <= roles
    assert header.authority.exception_roles[Tier.PROHIBITED] == []
    assert header.authority.exception_roles[Tier.HIGH] == ["director"]
    assert header.authority.signers == []


def test_slas_are_the_upper_ends_of_the_promised_ranges() -> None:
    slas = read_model(Header, DEFAULT / "standard.yaml").slas
    assert slas.assessment_business_days[Tier.HIGH] == 20
    assert slas.assessment_business_days[Tier.MEDIUM] == 10


@pytest.mark.parametrize("section", ["tier_rules", "regulatory_rules", "controls", "requirements"])
def test_ids_are_unique(section: str) -> None:
    items: list[Any] = {
        "tier_rules": tier_rules,
        "regulatory_rules": regulatory_rules,
        "controls": controls,
        "requirements": requirements,
    }[section]()
    assert items
    assert [id_ for id_, n in Counter(item.id for item in items).items() if n > 1] == []


def test_each_file_holds_its_own_domain() -> None:
    for path in (DEFAULT / "controls").glob("*.yaml"):
        assert {control.domain for control in read_section(path, "controls", Control)} == {path.stem}
    assert {control.domain for control in controls()} == DOMAINS
    assert {path.stem for path in (DEFAULT / "requirements").glob("*.yaml")} == DOMAINS
    assert len(controls()) >= 60


def test_requirements_name_existing_controls_and_roles() -> None:
    known = {control.id for control in controls()}
    roles = {role.id for role in read_model(Header, DEFAULT / "standard.yaml").authority.roles}
    assert {requirement.control for requirement in requirements()} <= known
    assert {requirement.sign_off.role for requirement in requirements() if requirement.sign_off} <= roles


def test_every_reference_exists_and_is_given_once() -> None:
    unknown = [
        (owner, reference.framework, reference.version, reference.id)
        for owner, reference in references()
        if reference.id not in frameworks().get((reference.framework, reference.version), {})
    ]
    assert unknown == []
    for owner in [*controls(), *requirements()]:
        assert owner.maps, owner.id
        assert len(set(map(str, owner.maps))) == len(owner.maps), owner.id


def test_every_control_maps_to_several_frameworks() -> None:
    assert [c.id for c in controls() if len({reference.framework for reference in c.maps}) < 2] == []


@pytest.mark.parametrize(
    ("framework", "version", "kind"),
    [
        ("owasp-llm-top10", "2026", "risk"),
        ("owasp-llm-top10", "2025", "risk"),
        ("owasp-asi", "2026", "risk"),
        ("ailuminate", "1.0", "hazard"),
        ("nist-ai-rmf", "1.0", "subcategory"),
        ("nist-ai-600-1", "2024-07", "risk"),
        ("iso-42001", "2023", "control"),
        ("gdpr-adm-dpia", "2016/679", "point"),
        ("nyc-ll144", "2023", "requirement"),
        ("co-admt", "2026", "duty"),
    ],
)
def test_controls_cover_the_framework(framework: str, version: str, kind: str) -> None:
    assert ids_of_kind(framework, version, kind) - mapped_by_controls(framework, version) == set()


def test_every_objective_of_iso_42001_has_a_control() -> None:
    covered = mapped_by_controls("iso-42001", "2023")
    for objective in ids_of_kind("iso-42001", "2023", "objective"):
        assert any(id_.startswith(f"{objective}.") for id_ in covered), objective


def test_every_forbidden_practice_of_the_eu_act_is_covered() -> None:
    points = {id_ for id_ in frameworks()[("eu-ai-act", "2024/1689")] if id_.startswith("Art.5(1)")}
    assert points <= mapped_by_controls("eu-ai-act", "2024/1689")


def stricter_or_equal(strict: Criterion, loose: Criterion) -> bool:
    if strict.at_most is not None and loose.at_most is not None:
        return strict.at_most <= loose.at_most and strict.confidence >= loose.confidence
    assert strict.at_least is not None
    assert loose.at_least is not None
    return strict.at_least >= loose.at_least and strict.confidence >= loose.confidence


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.id)
def test_a_higher_tier_never_asks_for_less(requirement: Requirement) -> None:
    present = [tier for tier in (Tier.HIGH, Tier.MEDIUM, Tier.LOW) if requirement.applies_to_tier(tier)]
    assert present
    for stricter, looser in itertools.pairwise(present):
        if requirement.obligation_at(looser) is Obligation.MUST:
            assert requirement.obligation_at(stricter) is Obligation.MUST
        if requirement.criterion:
            assert stricter_or_equal(requirement.criterion[stricter], requirement.criterion[looser])
    assert set(requirement.obligation) <= {tier for tier in Tier if requirement.applies_to_tier(tier)}
    if Tier.LOW in present:
        assert Tier.MEDIUM in present
        assert Tier.HIGH in present


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.id)
def test_requirement_is_complete_for_its_kind(requirement: Requirement) -> None:
    assert requirement.remedy
    if requirement.shown_by is ShownBy.MEASUREMENT:
        assert requirement.dimension in DIMENSIONS
        assert requirement.expires.days is not None
        assert requirement.expires.days <= 180
        assert "models" in requirement.expires.on_change
        assert "roadworthy evaluate" in requirement.remedy
    elif requirement.shown_by in (ShownBy.DOCUMENT, ShownBy.SIGN_OFF, ShownBy.VENDOR_REVIEW):
        assert requirement.expires.days is not None
        assert f"roadworthy attest {requirement.id}" in requirement.remedy
    if requirement.shown_by in (ShownBy.DOCUMENT, ShownBy.VENDOR_REVIEW):
        assert requirement.document is not None
        assert requirement.document.must_say
    if requirement.shown_by is ShownBy.MONITOR:
        assert "system.monitors" in (requirement.declared or "")


def test_remedies_name_only_commands_of_roadworthy() -> None:
    commands = {"evaluate", "attest", "requirements", "tier"}
    for requirement in requirements():
        assert set(re.findall(r"`roadworthy (\w+)", requirement.remedy or "")) <= commands, requirement.id


def test_metrics_exist_and_agree_on_dimension_and_direction() -> None:
    for requirement in requirements():
        if requirement.measure:
            metric = metric_named(requirement.measure.metric)
            assert str(metric.dimension) == requirement.dimension, requirement.id
            for criterion in requirement.criterion.values():
                assert (criterion.at_most is not None) == (metric.good is Good.LOWER), requirement.id


def test_every_dimension_is_measured_at_high_tier() -> None:
    measured = {r.dimension for r in requirements() if r.measure and Tier.HIGH in r.criterion}
    assert measured == DIMENSIONS


def test_low_tier_must_show_that_it_does_its_task_and_no_more() -> None:
    low = [r for r in requirements() if r.applies_to_tier(Tier.LOW)]
    quality = {"task-quality", "accuracy", "ranking-quality", "agent-utility"}
    musts = {r.id for r in low if r.obligation_at(Tier.LOW) is Obligation.MUST}
    assert musts == {"no-prohibited-practice", "evaluation-coverage"} | quality


def test_thresholds_are_the_figures_of_the_field() -> None:
    by_id = {requirement.id: requirement for requirement in requirements()}
    injection = by_id["injection-resilience"].criterion[Tier.HIGH]
    assert (injection.at_most, injection.confidence) == (0.10, 0.95)  # 90 % resilience for high-risk tools
    assert by_id["impact-ratio"].criterion[Tier.HIGH].at_least == 0.8  # four-fifths rule
    coverage = by_id["evaluation-coverage"].criterion
    assert (coverage[Tier.HIGH].at_least, coverage[Tier.MEDIUM].at_least) == (1.0, 0.8)
    assert by_id["explanation-completeness"].criterion[Tier.HIGH].at_least == 0.99


def test_a_tool_using_agent_is_never_judged_by_a_static_attack_rate_alone() -> None:
    by_metric = {r.measure.metric: r for r in requirements() if r.measure}
    for tier in (Tier.HIGH, Tier.MEDIUM):
        for metric in ("utility", "attack_success_rate", "adaptive_attack_success_rate"):
            assert tier in by_metric[metric].criterion
    assert by_metric["utility"].when == by_metric["adaptive_attack_success_rate"].when


def test_last_tier_rule_takes_everything() -> None:
    assert (tier_rules()[-1].tier, tier_rules()[-1].when) == (Tier.LOW, "true")
    assert {rule.tier for rule in tier_rules()} == set(Tier)


def test_dates_of_law_are_those_of_the_facts() -> None:
    # Regulation (EU) 2024/1689 as amended by 2026/1744; SB 26-189; DCWP final rule; Korea's act with its decree.
    dates = {rule.id: str(rule.applies_from) for rule in regulatory_rules()}
    assert {dates[id_] for id_ in dates if id_.startswith("eu-high-risk") and id_ != "eu-high-risk-medical"} == {
        "2027-12-02"
    }
    assert dates["eu-high-risk-medical"] == "2028-08-02"
    assert {dates[id_] for id_ in dates if id_.startswith("eu-transparency")} == {"2026-08-02"}
    assert dates["eu-prohibited-non-consensual-intimate-material"] == "2026-12-02"
    assert dates["eu-prohibited-social-scoring"] == "2025-02-02"
    assert dates["colorado-automated-decision"] == "2027-01-01"
    assert dates["nyc-automated-employment-decision"] == "2023-07-05"
    assert dates["korea-high-impact"] == "2026-01-22"


def example(
    domain: Domain, influence: Influence, about_people: bool, practices: list[Practice], region: str = "EU"
) -> System:
    return System.model_validate(
        {
            "system": "example",
            "kind": "classifier",
            "purpose": "Sorts.",
            "owner": Owner(team="t", contact="c"),
            "domain": domain,
            "users": Users(who=["staff"], internal_only=True),
            "decision": Decision(about_people=about_people, influence=influence),
            "practices": practices,
            "regions": [region],
            "models": [{"id": "m", "provider": "own", "name": "m"}],
        }
    )


def fired(tiering: Tiering) -> set[str]:
    return {finding.rule for finding in tiering.regulatory}


@pytest.mark.parametrize("domain", list(Domain))
def test_what_the_eu_calls_high_risk_is_high_tier_and_owes_the_file(domain: Domain) -> None:
    by_id = {requirement.id: requirement for requirement in loaded().standard.requirements}
    technical = loaded().predicates[by_id["eu-technical-documentation"].when]
    reasons = loaded().predicates[by_id["eu-not-high-risk-assessment"].when]
    choices: list[list[Practice]] = [[], [Practice.PROFILING], [Practice.EMOTION_RECOGNITION]]
    for influence, about, practices in itertools.product(Influence, (False, True), choices):
        system = example(domain, influence, about, practices)
        tiering = tier_system(system, loaded())
        annex_iii = {
            rule for rule in fired(tiering) if rule.startswith("eu-high-risk") and rule != "eu-high-risk-medical"
        }
        if annex_iii:
            assert tiering.tier is Tier.HIGH, (influence, about, practices)
        assert technical.holds(system_facts(system)) == bool(annex_iii), (influence, about, practices)
        assert reasons.holds(system_facts(system)) == ("eu-annex-iii-way-out" in fired(tiering))
        assert not (annex_iii and "eu-annex-iii-way-out" in fired(tiering)), (influence, about, practices)


# fmt: off
MEMBER_STATES = [
    "AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE",
    "IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE",
]
# fmt: on


@pytest.mark.parametrize("region", ["EU", *MEMBER_STATES])
def test_european_law_speaks_in_every_member_state(region: str) -> None:
    system = example(Domain.CREDIT, Influence.RECOMMENDS, True, [], region)
    assert "eu-high-risk-credit" in fired(tier_system(system, loaded()))
    in_force = [r for r in requirements() if r.effective.regions and "EU" in r.effective.regions]
    assert in_force
    assert all(region in requirement.effective.regions for requirement in in_force)


@pytest.mark.parametrize("region", ["US", "GB", "CH", "NO", "JP"])
def test_the_eu_act_is_silent_elsewhere(region: str) -> None:
    system = example(Domain.CREDIT, Influence.RECOMMENDS, True, [], region)
    assert not {rule for rule in fired(tier_system(system, loaded())) if rule.startswith("eu-")}


def policy_tests() -> list[Path]:
    return sorted((DEFAULT / "tests").glob("*.yaml"))


def test_there_are_policy_tests_for_every_tier_and_both_sides_of_dates() -> None:
    assert len(policy_tests()) >= 14
    values = [load_yaml(path).value for path in policy_tests()]
    assert {value["expect"]["tier"] for value in values} == set(Tier)
    assert len({value["as_of"] for value in values}) >= 4


@pytest.mark.parametrize("path", policy_tests(), ids=lambda path: path.stem)
def test_policy_test_names_what_exists(path: Path) -> None:
    source = load_yaml(path)
    value = source.value
    assert value["test"] == path.stem
    build_model(System, source, ("system",))
    known = {requirement.id for requirement in requirements()}
    expect = value["expect"]
    assert set(expect["requires"]) | set(expect.get("not_required", [])) <= known
    assert set(expect.get("rules", [])) <= {rule.id for rule in tier_rules()}
    assert set(expect.get("regulatory", [])) <= {rule.id for rule in regulatory_rules()}


@pytest.mark.parametrize("path", sorted(HOME.glob("*/**/*.yaml")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_files_keep_to_120_columns(path: Path) -> None:
    assert max(map(len, path.read_text(encoding="utf-8").splitlines())) <= 120
