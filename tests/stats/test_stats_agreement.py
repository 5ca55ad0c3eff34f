"""Agreement coefficients against statsmodels, published examples and the peers' own figures, and their coverage.

Figures of peers: krippendorff 0.9.0, irrCAC 0.4.4, statsmodels 0.15.0 (which runs here as well), scikit-learn 1.9.1.
"""

import csv
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from roadworthy.core.errors import InputError
from roadworthy.stats.agreement import percent_agreement
from roadworthy.stats.cohen_kappa import cohen_kappa
from roadworthy.stats.gwet import gwet_ac1
from roadworthy.stats.krippendorff import Level, krippendorff_alpha
from roadworthy.stats.mean import limits
from roadworthy.stats.ratings import Weighting, read_ratings
from roadworthy.stats.units import from_count

MISSING = np.nan
KRIPPENDORFF_2011 = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, MISSING, MISSING, MISSING],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, MISSING, 3],
        [MISSING, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, MISSING],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, MISSING],
    ]
).T
"""Four observers and twelve units: section C of 'Computing Krippendorff's alpha-reliability'."""
PEER_WEIGHTS = {Weighting.NONE: None, Weighting.LINEAR: "linear", Weighting.QUADRATIC: "quadratic"}


@pytest.fixture(scope="module")
def harm():
    """Read what three raters say of 187 answers (PyRIT 1.1.0, violence_multi_score.csv)."""
    path = Path(os.environ["ROADWORTHY_JUDGES_DATA"]) / "pyrit" / "harm" / "violence_multi_score.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        next(stream)
        return np.array([[float(row[f"human_score_{i}"]) for i in (1, 2, 3)] for row in csv.DictReader(stream)])


@pytest.mark.parametrize(
    ("level", "published", "peer"),
    [
        (Level.NOMINAL, 0.743, 0.743421052631579),
        (Level.ORDINAL, 0.815, 0.8153875037548814),
        (Level.INTERVAL, 0.849, 0.8491071428571428),
    ],
)
def test_alpha_of_krippendorffs_own_example(level, published, peer):
    found = krippendorff_alpha(read_ratings(KRIPPENDORFF_2011), level=level)
    assert found.coefficient == pytest.approx(published, abs=5e-4)
    assert found.coefficient == pytest.approx(peer, abs=1e-9)
    assert (found.subjects, found.raters) == (11, 4)


@pytest.mark.parametrize(
    ("weighting", "coefficient", "error"),
    [
        (Weighting.NONE, 0.7754440681, 0.1429499506),
        (Weighting.LINEAR, 0.8587391364, 0.1173290219),
        (Weighting.QUADRATIC, 0.9140007236, 0.1039622446),
    ],
)
def test_ac1_of_the_same_example_matches_irrcac(weighting, coefficient, error):
    found = gwet_ac1(read_ratings(KRIPPENDORFF_2011), weighting=weighting)
    assert found.coefficient == pytest.approx(coefficient, abs=1e-9)
    assert found.standard_error == pytest.approx(error, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from(list(Weighting)), st.integers(2, 5))
def test_kappa_and_its_error_match_statsmodels(seed, weighting, q):
    """statsmodels divides the variance of Fleiss, Cohen and Everitt (1969) by n, not by n - 1."""
    generator = np.random.default_rng(seed)
    n = int(generator.integers(20, 200))
    first = generator.integers(0, q, n)
    second = np.where(generator.random(n) < 0.6, first, generator.integers(0, q, n))
    table = np.zeros((q, q))
    np.add.at(table, (first, second), 1)
    peer = cohens_kappa(table, wt=PEER_WEIGHTS[weighting])
    found = cohen_kappa(read_ratings(np.stack([first, second], 1), categories=range(q)), weighting=weighting)
    assert found.coefficient == pytest.approx(peer.kappa, abs=1e-9)
    assert found.standard_error == pytest.approx(peer.std_kappa * np.sqrt(n / (n - 1)), abs=1e-9)


@pytest.mark.data
def test_three_raters_of_harm_match_the_peers(harm):
    ratings = read_ratings(harm)
    alphas = [krippendorff_alpha(ratings, level=level).coefficient for level in Level]
    assert alphas == pytest.approx([0.36689196333439067, 0.7662923235441739, 0.7663833443395891], abs=1e-9)
    found = [gwet_ac1(ratings, weighting=weighting) for weighting in Weighting]
    assert [f.coefficient for f in found] == pytest.approx([0.3841652303, 0.6318770506, 0.8042634882], abs=1e-9)
    assert [f.standard_error for f in found] == pytest.approx([0.0328649398, 0.02355754, 0.0169952029], abs=1e-9)
    quadratic = [
        cohen_kappa(read_ratings(harm[:, [a, b]]), weighting=Weighting.QUADRATIC) for a, b in ((0, 1), (0, 2), (1, 2))
    ]
    assert [f.coefficient for f in quadratic] == pytest.approx(
        [0.8903258793629788, 0.6806294697997834, 0.7332201086956522], abs=1e-9
    )
    pairs = (127 + 74 + 82) / (3 * 187)
    assert percent_agreement(ratings).coefficient == pytest.approx(pairs, abs=1e-9)
    assert all(f.interval[0] < f.coefficient < f.interval[1] < 1 for f in [*found, *quadratic])


def test_full_agreement_does_not_get_an_interval_without_width():
    ratings = read_ratings([[1, 1]] * 30 + [[0, 0]] * 20)
    at_most = 1 - limits(from_count(50, 50), (0.975,), clustered=False).lower[0]
    by_chance = 0.6**2 + 0.4**2
    for found in (cohen_kappa(ratings), gwet_ac1(ratings), krippendorff_alpha(ratings)):
        assert found.coefficient == 1
        assert found.interval[1] == 1
        assert 0.8 < found.interval[0] < 0.9
    assert cohen_kappa(ratings).interval[0] == pytest.approx(1 - at_most / (1 - by_chance), abs=1e-9)


def test_one_category_leaves_kappa_and_alpha_undefined_and_not_ac1():
    ratings = read_ratings([[1, 1]] * 50, categories=(0, 1))
    for found in (cohen_kappa(ratings), krippendorff_alpha(ratings)):
        assert found.coefficient is None
        assert found.interval == (-1, 1)
    assert gwet_ac1(ratings).coefficient == 1


@pytest.mark.parametrize("coefficient", [cohen_kappa, gwet_ac1, krippendorff_alpha])
def test_copies_of_a_subject_in_one_cluster_are_one_subject(coefficient):
    generator = np.random.default_rng(4)
    first = generator.integers(0, 2, 60)
    pairs = np.stack([first, np.where(generator.random(60) < 0.8, first, 1 - first)], 1)
    alone = coefficient(read_ratings(pairs))
    copied = coefficient(read_ratings(np.repeat(pairs, 5, axis=0), clusters=np.repeat(np.arange(60), 5)))
    assert copied.units == 60
    assert copied.standard_error == pytest.approx(alone.standard_error, rel=0.03)


def test_what_is_not_a_rating_is_refused():
    with pytest.raises(InputError, match="two or more raters"):
        read_ratings([1, 2, 3])
    with pytest.raises(InputError, match="not among the categories"):
        read_ratings([[0, 2]], categories=(0, 1))
    with pytest.raises(InputError, match="infinite"):
        read_ratings([[0, np.inf]])
    with pytest.raises(InputError, match="two raters"):
        cohen_kappa(read_ratings([[0, 1, 1]]))
    with pytest.raises(InputError, match="tails"):
        krippendorff_alpha(read_ratings([[0, 1]]), resamples=10)


def truth(rate, sensitivity, specificity):
    """Return the chances of the four outcomes of two raters, and kappa and AC1."""
    table = np.array(
        [
            [(1 - rate) * specificity, (1 - rate) * (1 - specificity)],
            [rate * (1 - sensitivity), rate * sensitivity],
        ]
    )
    rows, columns, seen = table.sum(1), table.sum(0), table.trace()
    share = (rows + columns) / 2
    by_chance = float(rows @ columns), 2 * share[0] * share[1]
    return table.ravel(), [(seen - chance) / (1 - chance) for chance in by_chance]


@pytest.mark.parametrize("n", [50, 200])
@pytest.mark.parametrize("design", [(0.5, 0.9, 0.9), (0.3, 0.7, 0.9), (0.5, 0.6, 0.6), (0.3, 0.99, 0.99)])
def test_intervals_cover(n, design):
    """95 % intervals of kappa and AC1; a Monte-Carlo error of three standard errors is allowed."""
    generator = np.random.default_rng([n, int(100 * design[1])])
    chances, true = truth(*design)
    draws = 400
    covered = np.zeros(2)
    for cells in generator.multinomial(n, chances, size=draws):
        codes = np.repeat(np.arange(4), cells)
        ratings = read_ratings(np.stack([codes // 2, codes % 2], 1), categories=(0, 1))
        for at, found in enumerate((cohen_kappa(ratings), gwet_ac1(ratings))):
            covered[at] += found.interval[0] <= true[at] <= found.interval[1]
    assert np.all(covered / draws >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / draws))


@pytest.mark.parametrize("design", [(0.5, 0.9, 0.9), (0.3, 0.7, 0.9)])
def test_the_bootstrap_of_alpha_covers_over_clusters(design):
    """Half of the subjects of a cluster are copies of one. Pooled shares of categories give the expected agreement."""
    generator = np.random.default_rng(7)
    chances, _ = truth(*design)
    share = (chances[2] + chances[3] + chances[1] + chances[3]) / 2
    true = 1 - (chances[1] + chances[2]) / (2 * share * (1 - share))
    draws, covered = 120, 0
    for _ in range(draws):
        copies = np.repeat(generator.choice(4, 60, p=chances), 4)
        codes = np.where(generator.random(240) < 0.5, copies, generator.choice(4, 240, p=chances))
        ratings = read_ratings(np.stack([codes // 2, codes % 2], 1), clusters=np.repeat(np.arange(60), 4))
        found = krippendorff_alpha(ratings, resamples=200)
        covered += found.interval[0] <= true <= found.interval[1]
    assert covered / draws >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / draws)
