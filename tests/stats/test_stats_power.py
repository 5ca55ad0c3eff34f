"""Power and sample size against enumeration with SciPy, statsmodels, closed forms, and simulation."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom, binom, binomtest, fisher_exact
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import proportion_confint, proportion_effectsize

from roadworthy.core.errors import InputError
from roadworthy.stats.mean import limits
from roadworthy.stats.populations import Model, beta_binomial, draw
from roadworthy.stats.power import Clusters, rate_plan, rate_power
from roadworthy.stats.power_contrast import groups_plan, groups_power, pair_plan, pair_power
from roadworthy.stats.units import from_table


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 300), st.sampled_from([(0.1, 0.05), (0.02, 0.0), (0.5, 0.3), (0.2, 0.19)]))
def test_rate_power_is_the_chance_of_the_counts_whose_bound_passes(n, rates):
    threshold, rate = rates
    hits = np.arange(n + 1)
    upper = proportion_confint(hits, n, alpha=0.1, method="beta")[1]
    expected = binom.pmf(hits, n, rate)[upper <= threshold].sum()
    assert rate_power(threshold, rate, n, at_most=True, confidence=0.95) == pytest.approx(expected, abs=1e-9)


def test_a_clean_system_needs_59_samples_for_five_per_cent():
    """Rule of three: log(0.05) / log(0.95)."""
    plan = rate_plan(0.05, 0.0, at_most=True, confidence=0.95, power=0.9)
    assert (plan.samples, plan.power) == (59, 1.0)


@pytest.mark.parametrize(("threshold", "rate"), [(0.1, 0.05), (0.1, 0.075), (0.5, 0.375), (0.02, 0.005)])
def test_the_planned_power_stays_above_what_was_asked(threshold, rate):
    plan = rate_plan(threshold, rate, at_most=True, confidence=0.95, power=0.8)

    def power(n):
        return rate_power(threshold, rate, n, at_most=True, confidence=0.95)

    assert plan.power == power(plan.samples) >= 0.8 > power(plan.samples - 1)
    assert all(power(n) >= 0.8 for n in range(plan.samples, plan.samples + 300))


def test_a_plan_is_near_the_normal_approximation():
    """Fleiss (1981): ((z_a sqrt(p0 q0) + z_b sqrt(p1 q1)) / (p0 - p1))^2, with 1/(p0 - p1) for continuity."""
    p0, p1 = 0.1, 0.075
    plain = ((1.6449 * math.sqrt(p0 * (1 - p0)) + 0.8416 * math.sqrt(p1 * (1 - p1))) / (p0 - p1)) ** 2
    corrected = plain / 4 * (1 + math.sqrt(1 + 2 / (plain * (p0 - p1)))) ** 2
    plan = rate_plan(p0, p1, at_most=True, confidence=0.95, power=0.8)
    assert plan.samples == pytest.approx(corrected, rel=0.05)


def test_at_least_mirrors_at_most():
    assert rate_plan(0.9, 0.95, at_most=False, confidence=0.95, power=0.8) == rate_plan(
        1 - 0.9, 1 - 0.95, at_most=True, confidence=0.95, power=0.8
    )


@pytest.mark.parametrize("model", [Model.BETA, Model.COMMON_SHOCK])
def test_power_of_clusters_is_how_often_the_criterions_bound_passes(model):
    clusters, units = Clusters(size=10, correlation=0.2), 30
    totals = draw(model, np.random.default_rng(1), 0.05, 0.2, np.full((400, units), 10))
    upper = [limits(from_table(row, np.full(units, 10)), (0.95,), clustered=True).upper[0] for row in totals]
    expected = np.mean(np.array(upper) <= 0.15)
    found = rate_power(0.15, 0.05, units, at_most=True, confidence=0.95, clusters=clusters)
    assert found == pytest.approx(expected, abs=0.1 if model is Model.COMMON_SHOCK else 0.08)


def test_clusters_cost_more_samples_than_the_design_effect_alone():
    alone = rate_plan(0.1, 0.05, at_most=True, confidence=0.95, power=0.8)
    plan = rate_plan(0.1, 0.05, at_most=True, confidence=0.95, power=0.8, clusters=Clusters(20, 0.1))
    assert plan.samples == 20 * plan.units
    assert plan.power >= 0.8
    assert plan.samples > alone.samples * Clusters(20, 0.1).design_effect


def test_clean_clusters_have_a_closed_form():
    """(1 + m theta / s)^-k at most 5 %, s the surplus of the unit that was not seen."""
    m, theta = 12, 0.13
    surplus = m * math.sqrt(0.5 + 0.5 / m) * (1 - theta)
    k = math.ceil(math.log(0.05) / -math.log1p(m * theta / surplus))
    plan = rate_plan(theta, 0.0, at_most=True, confidence=0.95, power=0.8, clusters=Clusters(m, 0.3))
    assert plan.units == k


def test_out_of_reach_is_none():
    assert rate_plan(0.1, 0.0999, at_most=True, confidence=0.95, power=0.9) is None


def test_pair_power_is_enumeration_of_the_trinomial_with_scipys_binomial_test():
    pairs, first, second = 30, 0.25, 0.06
    expected = 0.0
    for a in range(pairs + 1):
        for b in range(pairs + 1 - a):
            if a + b and binomtest(a, a + b).pvalue <= 0.05:
                expected += binom.pmf(a, pairs, first) * binom.pmf(b, pairs - a, second / (1 - first))
    assert pair_power(first, second, pairs, confidence=0.95) == pytest.approx(expected, abs=1e-9)


def test_pair_plan_is_near_connors_formula():
    """Connor (1987): (z_a sqrt(d) + z_b sqrt(d - delta^2))^2 / delta^2, d the discordant share; exact needs more."""
    delta, discordant = 0.05, 0.15
    connor = ((1.95996 * math.sqrt(discordant) + 0.84162 * math.sqrt(discordant - delta**2)) / delta) ** 2
    plan = pair_plan(0.10, 0.05, confidence=0.95, power=0.8)
    assert connor <= plan.samples <= 1.1 * connor
    assert plan.power == pytest.approx(pair_power(0.10, 0.05, plan.samples, confidence=0.95))


def test_pair_error_is_at_most_alpha():
    assert max(pair_power(0.1, 0.1, n, confidence=0.95) for n in (5, 20, 100, 500)) <= 0.05


def test_groups_power_is_enumeration_with_scipys_fisher_test():
    """Half of the error on each side: both one-sided tests at 2.5 %."""
    n, p, q = 18, 0.5, 0.1
    expected = 0.0
    for a in range(n + 1):
        for b in range(n + 1):
            table = [[a, n - a], [b, n - b]]
            if min(fisher_exact(table, alternative=side).pvalue for side in ("less", "greater")) <= 0.025:
                expected += binom.pmf(a, n, p) * binom.pmf(b, n, q)
    assert groups_power(p, q, n, confidence=0.95) == pytest.approx(expected, abs=1e-9)


def test_groups_plan_is_above_the_normal_approximation_of_statsmodels():
    plan = groups_plan(0.10, 0.05, confidence=0.95, power=0.8)
    effect = proportion_effectsize(0.10, 0.05)
    normal = NormalIndPower().solve_power(effect, alpha=0.05, power=0.8)
    assert normal < plan.samples < 1.12 * normal


@pytest.mark.parametrize("plan", [pair_plan, groups_plan])
def test_clusters_multiply_by_the_design_effect(plan):
    alone = plan(0.10, 0.05, confidence=0.95, power=0.8)
    found = plan(0.10, 0.05, confidence=0.95, power=0.8, clusters=Clusters(10, 0.2))
    assert found.samples == pytest.approx(alone.samples * 2.8, abs=10)
    assert found.samples == 10 * found.units


@pytest.mark.parametrize(("size", "rate", "icc"), [(5, 0.1, 0.3), (20, 0.02, 0.5), (7, 0.4, 0.0)])
def test_beta_binomial_is_scipys(size, rate, icc):
    hits, strength = np.arange(size + 1), 1 / icc - 1 if icc else math.inf
    expected = betabinom.pmf(hits, size, rate * strength, (1 - rate) * strength) if icc else binom.pmf(hits, size, rate)
    assert beta_binomial(size, rate, icc) == pytest.approx(expected, abs=1e-12)


def test_what_cannot_be_planned_is_refused():
    with pytest.raises(InputError, match="not inside the threshold"):
        rate_plan(0.1, 0.2, at_most=True, confidence=0.95, power=0.8)
    with pytest.raises(InputError, match="power"):
        rate_plan(0.1, 0.05, at_most=True, confidence=0.95, power=80)
    for plan in (pair_plan, groups_plan):
        with pytest.raises(InputError, match="do not differ"):
            plan(0.1, 0.1, confidence=0.95, power=0.8)
    with pytest.raises(InputError, match="case differs"):
        pair_plan(0.7, 0.6, confidence=0.95, power=0.8)
