"""Two rounds: bounds that are the better of two bettors, each of whom errs half as often; errors over both rounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.core.errors import InputError
from roadworthy.stats.betting import Bettor, stakes
from roadworthy.stats.confidence_sequence import (
    estimate_mean_in_rounds,
    limits_anytime,
    limits_in_rounds,
    units_needed_in_rounds,
)
from roadworthy.stats.populations import Model, draw
from roadworthy.stats.power import Clusters, rate_plan
from roadworthy.stats.units import Units, from_table

AT_FIRST = 4
LOG_40 = np.log(40)
Drawn = tuple[np.ndarray, np.ndarray]


@st.composite
def in_rounds(draw_: st.DrawFn) -> tuple[Units, Bettor, Bettor]:
    """Make units of up to 8 samples of which the first round asked up to 2, and some of which are whole."""
    sizes = draw_(st.lists(st.integers(2, 8), min_size=1, max_size=10))
    first = [min(2, size) for size in sizes]
    bad = [draw_(st.integers(0, asked)) for asked in first]
    whole = draw_(st.integers(0, len(sizes)))
    totals = [b + draw_(st.integers(0, size - f)) for b, size, f in zip(bad, sizes[:whole], first, strict=False)]
    counted = from_table(totals + bad[whole:], sizes[:whole] + first[whole:])
    return counted, Bettor(from_table(bad, first), 2), Bettor(from_table(totals, sizes[:whole]), 8)


@settings(max_examples=60)
@given(in_rounds())
def test_a_bound_is_the_better_of_two_at_half_of_the_error(given_: tuple[Units, Bettor, Bettor]) -> None:
    """Each bettor's own bound at 1 - alpha / 2 is that of the plain method; both keep to the estimate's side."""
    units, *bettors = given_
    bounds = limits_in_rounds(units, bettors, (0.95, 0.9))
    for at, alpha in enumerate((0.05, 0.1)):
        own = [limits_anytime(each.units, (1 - alpha / 2,), largest=each.largest) for each in bettors]
        assert bounds.upper[at] == pytest.approx(max(units.rate, min(each.upper[0] for each in own)), abs=1e-9)
        assert bounds.lower[at] == pytest.approx(min(units.rate, max(each.lower[0] for each in own)), abs=1e-9)


def test_one_round_is_the_plain_method() -> None:
    units = from_table([0, 1, 2, 0], [4, 4, 5, 3])
    assert limits_in_rounds(units, [Bettor(units, 5)], (0.95,)).upper == limits_anytime(units, (0.95,), largest=5).upper


def test_before_a_unit_is_whole_the_first_round_stands_alone() -> None:
    """Closed form: clean units of the largest size pay 1 / (1 - m) each on the greatest stake, which holds half."""
    units = from_table(np.zeros(200), np.full(200, AT_FIRST))
    rounds = [Bettor(units, AT_FIRST), Bettor(from_table([], []), 20)]
    found = estimate_mean_in_rounds(units, rounds, clustered=True, confidence=0.95)
    assert found.method == "betting confidence sequence in two rounds, independent clusters, valid at every look"
    assert (found.estimate, found.n, found.units) == (0, 800, 200)
    assert 1 - 40 ** (-1 / 200) < found.upper < 1 - 80 ** (-1 / 199)


def test_a_unit_larger_than_its_round_allows_is_refused() -> None:
    units = from_table([0], [5])
    with pytest.raises(InputError, match="a unit has 5 samples, more than the 4"):
        limits_in_rounds(units, [Bettor(units, AT_FIRST)], (0.95,))


def test_units_needed_are_those_of_the_round_that_needs_fewer() -> None:
    first, whole = from_table([0, 1], [4, 4], [45, 5]), from_table([0, 5], [20, 20], [45, 5])
    bettors = [Bettor(first, 4), Bettor(whole, 20)]
    more = units_needed_in_rounds(whole, bettors, 0.05, confidence=0.95)
    assert more is not None
    for k, shown in ((more - 1, False), (more, True)):
        capitals = [
            Bettor(each.units.scaled((50 + k) / 50), each.largest).log_capital(np.array([0.05])) for each in bettors
        ]
        assert bool(max(capitals)[0] >= LOG_40) is shown
    mirrored = [Bettor(each.units.mirrored(), each.largest) for each in bettors]
    assert units_needed_in_rounds(whole.mirrored(), mirrored, 0.95, confidence=0.95) == more


def crossings(totals: np.ndarray, sizes: np.ndarray, rate: float, largest: float) -> np.ndarray:
    """Return after how many units the capital of each row first reaches 40, looking after every unit; inf for never."""
    stake, share = stakes()
    first, logs = np.full(len(totals), np.inf), np.zeros((len(totals), len(stake))) + np.log(share)
    for at in range(totals.shape[1]):
        paid = (rate * sizes[:, at] - totals[:, at]) / largest
        logs += np.log1p(paid[:, None] * stake / (1 - rate * stake))
        most = logs.max(axis=1)
        enough = most + np.log(np.exp(logs - most[:, None]).sum(axis=1)) >= LOG_40
        first = np.where(enough, np.minimum(first, at + 1), first)
    return first


def asked_first(generator: np.random.Generator, totals: np.ndarray, sizes: np.ndarray) -> Drawn:
    """Draw without replacement what the first round asks of each unit, in proportion to its size."""
    first = np.floor(sizes * AT_FIRST / sizes.max() + generator.random(sizes.shape)).astype(int)
    return generator.hypergeometric(totals.astype(int), (sizes - totals).astype(int), first), first


def of_one_size(rate: float, icc: float) -> Callable[[np.random.Generator, tuple[int, int]], Drawn]:
    def drawn(generator: np.random.Generator, shape: tuple[int, int]) -> Drawn:
        sizes = np.full(shape, 20)
        return draw(Model.BETA, generator, rate, icc, sizes), sizes

    return drawn


def all_or_nothing(generator: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """Make units that are all bad with a chance of 0.2: after the first round nothing of a unit is left to chance."""
    sizes = generator.choice([8, 40], shape)
    return sizes * (generator.random(shape) < 0.2), sizes


def large_ones_are_bad(generator: np.random.Generator, shape: tuple[int, int]) -> Drawn:
    """Make units whose rate goes with their size: 0.2 over samples, whatever the mean over units is."""
    sizes = generator.choice([8, 40], shape)
    return generator.binomial(sizes, np.where(sizes == 40, 0.23, 0.05)), sizes


@pytest.mark.parametrize(
    ("population", "rate"),
    [
        (of_one_size(0.05, 0.1), 0.05),
        (of_one_size(0.2, 0.5), 0.2),
        (all_or_nothing, 0.2),
        (large_ones_are_bad, (8 * 0.05 + 40 * 0.23) / 48),
    ],
)
@pytest.mark.parametrize("side", ["ship", "hold"])
def test_at_the_threshold_neither_side_is_claimed_too_often(
    population: Callable[[np.random.Generator, tuple[int, int]], Drawn], rate: float, side: str
) -> None:
    """Over both rounds, with a look after every unit of each: at most 5 % (and three Monte-Carlo errors)."""
    draws = 1_000
    generator = np.random.default_rng([round(rate * 1_000), side == "ship"])
    totals, sizes = population(generator, (draws, 200))
    bad, first = asked_first(generator, totals, sizes)
    if side == "hold":
        totals, bad, rate = sizes - totals, first - bad, 1 - rate
    wrong = np.isfinite(crossings(bad, first, rate, AT_FIRST)) | np.isfinite(
        crossings(totals, sizes, rate, sizes.max())
    )
    assert wrong.mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / draws)


def test_as_many_of_each_unit_would_judge_another_mean() -> None:
    """Why the first round asks in proportion: with 4 of each, large bad units count no more than small good ones."""
    generator = np.random.default_rng(7)
    totals, sizes = large_ones_are_bad(generator, (200, 400))
    four = generator.hypergeometric(totals, sizes - totals, 4)
    assert np.isfinite(crossings(four, np.full(four.shape, 4), (8 * 0.05 + 40 * 0.23) / 48, 4)).mean() > 0.5


@pytest.mark.parametrize(("threshold", "icc"), [(0.1, 0.1), (0.2, 0.5), (0.5, 0.1)])
@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_clear_answer_takes_at_most_a_quarter_of_the_fixed_plan(threshold: float, icc: float, factor: float) -> None:
    """In a dataset of twice the plan's units of 20: in the first round, and otherwise all of it counts."""
    plan = rate_plan(threshold, 0.75 * threshold, at_most=True, confidence=0.95, power=0.8, clusters=Clusters(20, icc))
    assert plan is not None
    generator = np.random.default_rng([round(threshold * 100), round(2 * factor)])
    shape, rate = (100, 2 * plan.units), threshold * factor
    totals, sizes = (np.full(shape, 20),) * 2 if rate == 1 else of_one_size(rate, icc)(generator, shape)
    bad, first = asked_first(generator, totals, sizes)
    if factor > 1:
        bad, threshold = first - bad, 1 - threshold
    units = crossings(bad, first, threshold, AT_FIRST)
    assert np.where(np.isfinite(units), units * AT_FIRST, shape[1] * 20).mean() <= plan.units * 20 / 4
