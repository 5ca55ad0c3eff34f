"""Scores as intervals, bands and what decides them: closed forms, brute force, a hand-computed example, properties."""

from __future__ import annotations

import itertools
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from roadworthy.assess.risk import BEGINS, Band, Cell, band_of, cell, score, sensitivity
from roadworthy.assess.scale import STEPS, Factor, Range, Rating

steps = st.integers(1, 5)
ranges = st.tuples(steps, steps).map(lambda ends: Range(low=min(ends), high=max(ends)))
ratings = st.builds(Rating, severity=ranges, likelihood=ranges, exposure=ranges, detectability=ranges)


def rating(*ends: int | list[int]) -> Rating:
    return Rating.model_validate(dict(zip((factor.value for factor in Factor), ends, strict=True)))


def points() -> list[tuple[int, ...]]:
    return list(itertools.product(range(1, 6), repeat=4))


def test_a_hand_computed_example() -> None:
    """(3..4) x (2..4) x (2..3) x (4..5): 3*2*2*4 = 48 and 4*4*3*5 = 240."""
    rated = rating([3, 4], [2, 4], [2, 3], [4, 5])
    scored = score(rated)
    assert (scored.low, scored.high) == (48, 240)
    assert (scored.low_band, scored.band) == (Band.MODERATE, Band.HIGH)
    assert str(scored) == "48 to 240 (moderate to high)"
    assert cell(rated) == Cell(severity=4, likelihood=4)


def test_what_decides_the_band_by_hand() -> None:
    """Settling likelihood at 2 gives 4*2*3*5 = 120, exposure 160, severity 180, detectability 192: all still high."""
    swings = sensitivity(rating([3, 4], [2, 4], [2, 3], [4, 5]))
    assert [(s.factor, s.high) for s in swings] == [
        (Factor.LIKELIHOOD, 120),
        (Factor.EXPOSURE, 160),
        (Factor.SEVERITY, 180),
        (Factor.DETECTABILITY, 192),
    ]
    assert not any(s.decides for s in swings)
    wide = sensitivity(rating([3, 4], [1, 4], [2, 4], 5))
    assert [(s.factor, s.decides, s.band) for s in wide[:2]] == [
        (Factor.LIKELIHOOD, True, Band.MODERATE),
        (Factor.EXPOSURE, True, Band.HIGH),
    ]


def test_the_bands_begin_where_all_factors_stand_at_one_step() -> None:
    for step, band in zip((1, 2, 3, 4), Band, strict=True):
        assert score(rating(step, step, step, step)).band is band
        assert BEGINS[band] == step**4


def test_as_many_scores_as_the_closed_form_says() -> None:
    """With j factors at 3 or 5, the others give 2 to the power 0..2(4-j): sum of (j+1)(2(4-j)+1) over j is 55."""
    found = {score(rating(*point)).high for point in points()}
    assert len(found) == sum((j + 1) * (2 * (4 - j) + 1) for j in range(5)) == 55
    assert (min(found), max(found)) == (1, 625)


def test_the_severest_harm_is_never_low() -> None:
    assert band_of(5, 5) is Band.MODERATE
    assert band_of(5, 4) is Band.LOW


@given(ratings)
def test_the_ends_are_those_of_every_point_between(rated: Rating) -> None:
    between = [range(rated.of(f).low, rated.of(f).high + 1) for f in Factor]
    products = [prod(point) for point in itertools.product(*between)]
    scored = score(rated)
    assert (scored.low, scored.high) == (min(products), max(products))
    assert scored.low_band.rank <= scored.band.rank


@given(ratings, st.sampled_from(Factor), st.integers(0, 4), st.integers(0, 4))
def test_raising_a_factor_never_lowers_the_score(rated: Rating, factor: Factor, low: int, high: int) -> None:
    raised = score(rated.put(factor, rated.of(factor).shifted(min(low, high), high)))
    before = score(rated)
    assert raised.low >= before.low
    assert raised.high >= before.high
    assert raised.band.rank >= before.band.rank
    assert raised.low_band.rank >= before.low_band.rank
    assert raised.order >= before.order


@given(ratings)
def test_settling_a_factor_never_raises_and_a_settled_one_never_decides(rated: Rating) -> None:
    for swing in sensitivity(rated):
        assert swing.high <= score(rated).high
        if rated.of(swing.factor).low == rated.of(swing.factor).high:
            assert not swing.decides
            assert swing.spread == 1


@pytest.mark.parametrize("wrong", [[3, 2], [0, 1], [1, 6], [1], [1, 2, 3], "high", 1.5, 0])
def test_a_range_that_is_none_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        Range.model_validate(wrong)


def test_a_range_is_written_as_it_is_read() -> None:
    assert Range.model_validate([2, 4]).model_dump(mode="json") == [2, 4]
    assert Range.model_validate(3) == Range(low=3, high=3)
    assert [str(Range.model_validate(value)) for value in (3, [2, 4])] == ["3", "2 to 4"]


def test_every_step_has_its_words() -> None:
    assert set(STEPS) == set(Factor)
    assert all(len(set(words)) == 5 for words in STEPS.values())
