"""Perturbations: seeded, of the kind they say, and never empty-handed where they apply."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.evaluate.perturb import Perturbation, change

QUESTION = "Where is my order, and when will it arrive at the shop?"


@pytest.mark.parametrize("kind", list(Perturbation))
def test_the_same_dice_give_the_same_text(kind: Perturbation) -> None:
    one, two, other = (change(QUESTION, kind, 0.1, random.Random(seed)) for seed in (1, 1, 4))
    assert one == two
    assert one != QUESTION
    assert other != QUESTION


@given(st.integers(), st.floats(0.01, 1.0))
def test_case_and_white_space_change_nothing_else(seed: int, rate: float) -> None:
    cased = change(QUESTION, Perturbation.CASE, rate, random.Random(seed))
    assert cased.casefold() == QUESTION.casefold()
    spaced = change(QUESTION, Perturbation.WHITESPACE, rate, random.Random(seed))
    assert spaced.split() == QUESTION.split()


@given(st.integers())
def test_unicode_keeps_what_a_person_sees(seed: int) -> None:
    changed = change(QUESTION, Perturbation.UNICODE, 0.2, random.Random(seed))
    visible = [c for c in changed if c not in "\u200b\u200c\u2060"]
    assert len(visible) == len(QUESTION)
    assert sum(a != b for a, b in zip(visible, QUESTION, strict=True)) >= 1


@given(st.text(), st.sampled_from(list(Perturbation)), st.integers())
def test_no_text_breaks_a_perturbation(text: str, kind: Perturbation, seed: int) -> None:
    assert isinstance(change(text, kind, 0.5, random.Random(seed)), str)
