"""Betting: closed forms, the reference implementation of the method's authors, error rates over a whole horizon."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from roadworthy.core.errors import InputError
from roadworthy.stats.betting import Bettor, stakes
from roadworthy.stats.confidence_sequence import estimate_mean_anytime, limits_anytime, units_needed_anytime
from roadworthy.stats.paired import paired_differences
from roadworthy.stats.populations import Model, draw
from roadworthy.stats.power import Clusters, rate_plan
from roadworthy.stats.units import Units, from_clusters, from_count, from_samples, from_table

LOG_20 = np.log(20)
SCORES = [0.1, 0, 0.4, 0.05, 0.3, 0, 0.9, 0.2, 0, 0, 0.15, 0.05, 0.6, 0, 0.1, 0, 0, 0.25, 0.1, 0]
CONFSEQ = json.loads("""
[[0.2, -0.1885457034635453], [0.35, 3.006499628379391], [0.5, 8.031760386017094], [0.7, 18.179219814087826]]
""")
"""Log of the capital against each mean of SCORES, made with `betting_mart(x, m, theta=0, trunc_scale=1, ...)` of
confseq 0.0.11 (Waudby-Smith and Ramdas): each stake c is the constant negative bet c / (1 - m c), summed by share."""
CONFSEQ_MIRRORED = json.loads("""
[[0.2, -3.0449997006963665], [0.35, -2.913140492109372], [0.5, -2.702785907655621], [0.7, -2.130180318882576]]
""")


def log_capital(units: Units, rate: float, largest: float = 1) -> float:
    return float(Bettor(units, largest).log_capital(np.array([rate]))[0])


@pytest.mark.parametrize(("rate", "expected"), CONFSEQ)
def test_the_capital_is_that_of_the_authors(rate: float, expected: float) -> None:
    assert log_capital(from_samples(SCORES), rate) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("rate", "expected"), CONFSEQ_MIRRORED)
def test_the_capital_of_mirrored_scores_is_that_of_the_authors(rate: float, expected: float) -> None:
    assert log_capital(from_samples(SCORES).mirrored(), rate) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(("bad", "n"), [(0, 40), (3, 40), (11, 60)])
@pytest.mark.parametrize("rate", [0.05, 0.3, 0.6])
def test_on_proportions_a_bet_is_a_likelihood_ratio(bad: int, n: int, rate: float) -> None:
    """Closed form: the stake c bets on the rate whose odds are 1 - c times those of the threshold."""
    stake, share = stakes()
    odds = (1 - stake) * rate / (1 - rate)
    ratios = binom.pmf(bad, n, odds / (1 + odds)) / binom.pmf(bad, n, rate)
    assert log_capital(from_count(bad, n), rate) == pytest.approx(np.log(share @ ratios), abs=1e-9)


def test_units_of_unequal_size_are_paid_by_the_formula() -> None:
    """Each payment is 1 + lambda (m S - T) / largest for a constant lambda, multiplied one after the other."""
    totals, sizes, rate = np.array([0.0, 2.5, 1.0, 7.0, 0.0]), np.array([3.0, 4.0, 1.0, 8.0, 8.0]), 0.4
    stake, share = stakes()
    capital = np.ones(len(stake))
    for total, size in zip(totals, sizes, strict=True):
        capital *= 1 + stake / (1 - rate * stake) * (rate * size - total) / 10
    assert log_capital(from_table(totals, sizes), rate, 10) == pytest.approx(np.log(share @ capital), abs=1e-12)


def test_a_clean_sample_needs_as_many_as_the_greatest_stake_says() -> None:
    """With half on the greatest stake the capital is between that share of its payment and the payment."""
    greatest = 78 * -np.log1p(-0.05 * 0.999)
    assert greatest + np.log(0.5) < log_capital(from_count(0, 78), 0.05) < greatest


def test_the_shares_are_a_capital_of_one() -> None:
    stake, share = stakes()
    assert share.sum() == pytest.approx(1, abs=1e-12)
    assert stake.min() > 0
    assert stake.max() < 1


def test_a_unit_larger_than_the_largest_is_refused() -> None:
    with pytest.raises(InputError, match="a unit has 5 samples, more than the 4"):
        Bettor(from_table([1], [5]), 4)


@st.composite
def some_units(draw_: st.DrawFn) -> Units:
    sizes = draw_(st.lists(st.integers(1, 6), min_size=1, max_size=12))
    return from_table([draw_(st.integers(0, size * 2)) / 2 for size in sizes], sizes)


@settings(max_examples=60)
@given(some_units(), st.integers(6, 20))
def test_capital_rises_with_the_rate_and_bounds_hold_the_estimate(units: Units, largest: int) -> None:
    logs = Bettor(units, largest).log_capital(np.linspace(0, 1, 21))
    assert np.all(np.diff(logs) >= -1e-12)
    bounds = limits_anytime(units, (0.9, 0.99), largest=largest)
    assert 0 <= bounds.lower[1] <= bounds.lower[0] <= units.rate + 1e-12
    assert units.rate - 1e-12 <= bounds.upper[0] <= bounds.upper[1] <= 1
    mirrored = limits_anytime(units.mirrored(), (0.9, 0.99), largest=largest)
    assert 1 - mirrored.upper == pytest.approx(bounds.lower, abs=1e-9)


@settings(max_examples=40)
@given(some_units())
def test_at_its_bound_the_capital_is_just_enough(units: Units) -> None:
    upper = limits_anytime(units, (0.95,), largest=6).upper[0]
    if upper < 1:
        assert log_capital(units, upper, 6) == pytest.approx(LOG_20, abs=1e-6)
    else:
        assert log_capital(units, 1 - 1e-9, 6) <= LOG_20


def test_without_samples_nothing_is_known() -> None:
    found = estimate_mean_anytime(from_table([], []), clustered=False, confidence=0.95, largest=1)
    assert (found.estimate, found.lower, found.upper, found.method) == (None, 0, 1, "no samples")


def test_many_units_of_many_sizes_are_judged_in_blocks() -> None:
    """More different units than are held at once: the sum over blocks is the sum over all."""
    generator = np.random.default_rng(5)
    sizes = generator.integers(1, 3, 20_000)
    units = from_table(generator.random(20_000) * sizes * 0.2, sizes)
    assert len(units.sizes) > 8_192
    stake, share = stakes()
    lost = units.totals[:, None] / 2 * stake + 0.11 * stake * (1 - units.sizes[:, None] / 2)
    logs = np.log1p(-lost).sum(axis=0) - 20_000 * np.log1p(-0.11 * stake) + np.log(share)
    assert log_capital(units, 0.11, 2) == pytest.approx(np.logaddexp.reduce(logs), rel=1e-9)


def test_units_needed_settle_it_and_one_fewer_does_not() -> None:
    units = from_count(5, 100)
    more = units_needed_anytime(units, 0.1, confidence=0.95, largest=1)
    assert more is not None
    grown = [units.scaled((100 + k) / 100) for k in (more - 1, more)]
    assert [log_capital(each, 0.1) >= LOG_20 for each in grown] == [False, True]
    assert units_needed_anytime(units, 0.05, confidence=0.95, largest=1) is None
    assert units_needed_anytime(from_count(90, 100), 0.5, confidence=0.95, largest=1) == 0


def test_paired_differences_are_bounded_on_their_own_scale() -> None:
    """Differences lie in [-1, 1]: the bounds are those of (d + 1) / 2, put back."""
    new, old = np.array([1, 1, 0, 1, 1, 0, 1, 1] * 30), np.array([1, 0, 0, 1, 1, 1, 1, 1] * 30)
    differences = paired_differences(new, old, np.ones(240))
    found = estimate_mean_anytime(differences, clustered=False, confidence=0.95, largest=1)
    plain = limits_anytime(from_samples((new - old + 1) / 2), (0.95,), largest=1)
    assert found.estimate == 0
    assert found.lower == pytest.approx(2 * plain.lower[0] - 1, abs=1e-9)
    assert found.upper == pytest.approx(2 * plain.upper[0] - 1, abs=1e-9)


def first_crossings(totals: np.ndarray, sizes: np.ndarray, rate: float, largest: float) -> np.ndarray:
    """Return after how many units the capital of each row first reaches 20, looking after every unit; inf for never."""
    stake, share = stakes()
    first = np.full(len(totals), np.inf)
    logs = np.zeros((len(totals), len(stake))) + np.log(share)
    for at in range(totals.shape[1]):
        paid = (rate * sizes[:, at] - totals[:, at]) / largest
        logs += np.log1p(paid[:, None] * stake / (1 - rate * stake))
        most = logs.max(axis=1)
        enough = most + np.log(np.exp(logs - most[:, None]).sum(axis=1)) >= LOG_20
        first = np.where(enough, np.minimum(first, at + 1), first)
    return first


def crossings(totals: np.ndarray, sizes: np.ndarray, rate: float, largest: float) -> np.ndarray:
    """Tell for each row whether the capital ever reaches 20."""
    return np.isfinite(first_crossings(totals, sizes, rate, largest))


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.5])
@pytest.mark.parametrize(("size", "icc"), [(1, 0.0), (5, 0.1), (20, 0.5)])
@pytest.mark.parametrize("side", ["ship", "hold"])
def test_at_the_threshold_neither_side_is_claimed_too_often(rate: float, size: int, icc: float, side: str) -> None:
    """Ville: over the whole horizon, with a look after every unit, at most 5 % (and three Monte-Carlo errors)."""
    draws, horizon = 1_000, 300
    generator = np.random.default_rng([round(rate * 100), size, side == "ship"])
    sizes = np.full((draws, horizon), size)
    totals = draw(Model.BETA, generator, rate, icc, sizes)
    at = rate
    if side == "hold":
        totals, at = sizes - totals, 1 - rate
    assert crossings(totals, sizes, at, size).mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / draws)


@pytest.mark.parametrize(("threshold", "size", "icc"), [(0.1, 1, 0.0), (0.2, 5, 0.5), (0.2, 20, 0.1)])
@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_clear_answer_takes_at_most_half_of_the_fixed_plan(
    threshold: float, size: int, icc: float, factor: float
) -> None:
    """The fixed plan has 80 % power at three quarters of the threshold; the whole table is in bench/sequential.py."""
    kind = Clusters(size, icc)
    plan = rate_plan(threshold, 0.75 * threshold, at_most=True, confidence=0.95, power=0.8, clusters=kind)
    assert plan is not None
    generator = np.random.default_rng([round(threshold * 100), size, round(2 * factor)])
    sizes = np.full((200, plan.units), size)
    totals = draw(Model.BETA, generator, threshold * factor, icc, sizes)
    if factor > 1:
        totals, threshold = sizes - totals, 1 - threshold
    took = np.minimum(first_crossings(totals, sizes, threshold, size), plan.units)
    assert took.mean() <= plan.units / 2


def test_sizes_that_go_with_rates_do_not_break_the_bounds() -> None:
    """Large clusters are worse: the rate is that of the population of samples, and Ville still holds for it."""
    generator = np.random.default_rng(11)
    sizes = generator.choice([2, 20], (300, 300))
    totals = generator.binomial(sizes, np.where(sizes == 20, 0.2, 0.05)).astype(float)
    rate = (0.5 * 2 * 0.05 + 0.5 * 20 * 0.2) / 11
    assert crossings(totals, sizes, rate, 20).mean() <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 300)


def test_one_crossing_is_one_bound() -> None:
    """The bettor of the module and the walk of these tests agree: it crosses when the bound passes the rate."""
    generator = np.random.default_rng(3)
    sizes = generator.integers(1, 9, (1, 120))
    totals = generator.binomial(sizes, 0.05).astype(float)
    seen = [
        limits_anytime(from_table(totals[0, :k], sizes[0, :k]), (0.95,), largest=8).upper[0] <= 0.2
        for k in range(1, 121)
    ]
    first = seen.index(True) + 1
    assert crossings(totals[:, :first], sizes[:, :first], 0.2, 8).all()
    assert not crossings(totals[:, : first - 1], sizes[:, : first - 1], 0.2, 8).any()


def test_clusters_are_the_unit() -> None:
    """The same scores say less in clusters than alone."""
    scores, labels = np.array([0, 1, 0, 0, 0] * 40), np.arange(200) // 10
    alone = estimate_mean_anytime(from_samples(scores), clustered=False, confidence=0.95, largest=1)
    together = estimate_mean_anytime(from_clusters(scores, labels), clustered=True, confidence=0.95, largest=10)
    assert together.upper > alone.upper
    assert "independent clusters" in together.method
    assert together.units == 20
