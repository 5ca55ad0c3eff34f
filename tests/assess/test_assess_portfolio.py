"""The weight of systems in a portfolio: by hand, and by what must hold whatever the numbers."""

from __future__ import annotations

from typing import Any

import pytest
from assessed_systems import quiet
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.assess.portfolio import SystemRisk, reach_weight, system_risk, weigh_portfolio
from roadworthy.assess.risk import Band, Score, band_of
from roadworthy.standard.model import Tier


def points(low: int, high: int) -> Score:
    return Score(low=low, high=high, low_band=band_of(low, 3), band=band_of(high, 3))


def risk(system: str = "a", *residual: Score, **more: Any) -> SystemRisk:
    return SystemRisk(**{"system": system, "tier": Tier.MEDIUM, "monthly": 500, "residual": residual, **more})


ends = st.tuples(st.integers(1, 625), st.integers(1, 625)).map(lambda pair: points(min(pair), max(pair)))
risks = st.builds(
    SystemRisk,
    system=st.sampled_from(["a", "b", "c", "d"]),
    tier=st.sampled_from(Tier),
    monthly=st.integers(0, 10**7),
    internal_only=st.booleans(),
    residual=st.lists(ends, max_size=4).map(tuple),
)


def test_two_systems_weighed_by_hand() -> None:
    """a: medium 2 x reach 1 x (10+20 .. 30+90) = 60 .. 240; b: high 4 x reach 5 x (16 .. 36) = 320 .. 720."""
    portfolio = weigh_portfolio(
        [
            risk("a", points(10, 30), points(20, 90)),
            risk("b", points(16, 36), tier=Tier.HIGH, monthly=1_000_000),
        ]
    )
    assert [(s.system, s.low, s.high, s.share) for s in portfolio.systems] == [
        ("b", 320, 720, 0.75),
        ("a", 60, 240, 0.25),
    ]
    assert (portfolio.low, portfolio.high) == (380, 960)
    assert portfolio.bands == {Band.LOW: 0, Band.MODERATE: 2, Band.HIGH: 1, Band.CRITICAL: 0}


@pytest.mark.parametrize(
    ("monthly", "internal", "weight"),
    [
        (0, False, 5),
        (0, True, 3),
        (1, False, 1),
        (999, True, 1),
        (1_000, False, 2),
        (999_999, False, 4),
        (10**7, False, 5),
    ],
)
def test_reach(monthly: int, internal: bool, weight: int) -> None:
    assert reach_weight(monthly, internal_only=internal) == weight


def test_a_system_that_was_not_assessed_is_named() -> None:
    portfolio = weigh_portfolio([risk("a"), risk("b", points(1, 2))])
    assert portfolio.not_assessed == ("a",)
    assert {s.system: s.worst for s in portfolio.systems} == {"a": None, "b": Band.LOW}
    assert weigh_portfolio([]).high == 0


def test_it_is_gathered_from_the_declaration() -> None:
    gathered = system_risk(quiet(), Tier.LOW, [points(1, 2)])
    assert (gathered.system, gathered.monthly, gathered.internal_only) == ("quiet-tagger", 10, True)


@given(st.lists(risks, max_size=5), risks, ends)
def test_a_further_risk_never_lowers_and_the_order_of_systems_does_not_matter(
    others: list[SystemRisk], one: SystemRisk, more: Score
) -> None:
    grown = one.model_copy(update={"residual": (*one.residual, more)})
    before, after = weigh_portfolio([*others, one]), weigh_portfolio([*others, grown])
    assert after.high > before.high
    assert after.low > before.low
    assert sum(item.share for item in after.systems) == pytest.approx(1)
    assert weigh_portfolio([grown, *others]).high == after.high
