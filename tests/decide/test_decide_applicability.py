"""Which requirements apply: tier, day, place and predicate; doubt applies, and nothing at all is an error."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from roadworthy.core.errors import InputError
from roadworthy.decide.applicability import EU_MEMBERS, applicable_requirements, same_region
from roadworthy.standard.model import Tier
from worked_example import OWNED, Value, requirement, standard, system

DAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
OTHER = requirement(OWNED, id="other")


def applies(of: Value, tier: Tier = Tier.LOW, at: datetime = DAY, **declared: object) -> tuple[bool, str]:
    loaded = standard(requirements=[OTHER, of])
    found = {i.requirement.id: i for i in applicable_requirements(system(**declared), loaded, tier, at)}
    return found[of["id"]].applies, found[of["id"]].reason


@pytest.mark.parametrize(
    ("effective", "launch", "expected"),
    [
        ({}, None, True),
        ({"from": "2026-11-23"}, None, True),
        ({"from": "2026-11-24"}, None, False),
        ({"from": "2027-08-02"}, "2027-08-01", False),
        ({"from": "2027-08-02"}, "2027-08-02", True),  # the planned launch counts where it is later
        ({"from": "2026-11-24"}, "2020-01-01", False),  # a launch in the past does not
        ({"until": "2026-11-23"}, None, True),
        ({"until": "2026-11-22"}, None, False),
        ({"until": "2027-01-01"}, "2027-01-02", False),
    ],
)
def test_dates(effective: Value, launch: str | None, expected: bool) -> None:
    held, reason = applies(requirement(OWNED, effective=effective), launch=launch)
    assert held is expected
    assert bool(reason) is not expected


def test_the_day_is_taken_in_utc() -> None:
    late = datetime.fromisoformat("2026-11-24T00:30:00+02:00").astimezone(UTC)
    assert applies(requirement(OWNED, effective={"from": "2026-11-24"}), at=late)[0] is False


@pytest.mark.parametrize(
    ("rule", "declared", "expected"),
    [
        ("EU", "EU", True),
        ("EU", "de", True),
        ("DE", "EU", True),
        ("EU", "NO", False),  # Norway is not a member
        ("EU", "GB", False),
        ("EU", "US", False),
        ("US", "US-NY", True),
        ("US-NY", "US", True),
        ("US-NY", "US-CA", False),
        ("U", "US", False),
        ("US", "USA", False),
        ("EU", "GLOBAL", True),
        ("US-NY", "worldwide", True),
        ("GLOBAL", "JP", True),
    ],
)
def test_regions(rule: str, declared: str, expected: bool) -> None:
    assert same_region(rule, declared) is expected
    assert applies(requirement(OWNED, effective={"regions": [rule]}), regions=[declared])[0] is expected


def test_one_region_of_several_is_enough() -> None:
    ruled = requirement(OWNED, effective={"regions": ["US-NY", "EU"]})
    assert applies(ruled, regions=["JP", "FR"]) == (True, "")
    assert applies(ruled, regions=["JP"]) == (False, "Applies in US-NY, EU only.")


def test_the_european_union_has_27_members() -> None:
    assert len(EU_MEMBERS) == 27


@pytest.mark.parametrize("tier", list(Tier))
def test_tiers(tier: Tier) -> None:
    held, reason = applies(requirement(OWNED, tiers=["high", "medium"]), tier)
    assert held is (tier in {Tier.HIGH, Tier.MEDIUM})
    assert reason == ("" if held else f"Not required in tier {tier}.")


def test_the_predicate_decides_and_is_shown() -> None:
    agents = requirement(OWNED, when='system.kind == "agent"')
    assert applies(agents, kind="agent") == (True, "")
    assert applies(agents) == (False, 'Does not concern this system: system.kind == "agent"')


def test_a_predicate_on_a_missing_key_applies_and_says_why() -> None:
    held, reason = applies(requirement(OWNED, when='system.guard.pii == "off"'))
    assert held
    assert "It applies because its predicate failed" in reason
    assert "system.guard.pii, which is not declared" in reason


def test_an_empty_set_of_requirements_is_an_error() -> None:
    loaded = standard(requirements=[requirement(OWNED, tiers=["high"])])
    with pytest.raises(InputError, match="no requirement of small 1 applies to 'order-helper' in tier low") as caught:
        applicable_requirements(system(), loaded, Tier.LOW, DAY)
    assert "not a pass" in str(caught.value.remedy)
