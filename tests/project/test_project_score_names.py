"""Suggestions of scores, on names that the tools of others give."""

from __future__ import annotations

import pytest

from roadworthy.project.imports import _our_scores
from roadworthy.project.score_names import likeliest_pair


@pytest.mark.parametrize(
    ("theirs", "pair"),
    [
        (["Answer Relevancy", "Toxicity"], ("Toxicity", "toxic")),
        (["SelfAskRefusalScorer"], ("SelfAskRefusalScorer", "refused")),
        (["answer_correctness", "length"], ("answer_correctness", "correct")),
        (["a_harm", "harmfulness"], ("harmfulness", "harmful")),
        (["PII Leakage"], ("PII Leakage", "pii_leaked")),
        (["attack_success_rate"], ("attack_success_rate", "attack_success")),
        (["is-valid-json"], ("is-valid-json", "json_valid")),
    ],
)
def test_the_likeliest_is_found(theirs: list[str], pair: tuple[str, str]) -> None:
    assert likeliest_pair(theirs, _our_scores()) == pair


@pytest.mark.parametrize(
    "theirs",
    [
        [],
        ["includes"],
        ["exact_match.strict", "acc"],
        ["incorrect"],
        ["not_correct"],
        ["non-toxic"],
        ["harmless"],
        ["success"],
    ],
)
def test_there_may_be_no_telling(theirs: list[str]) -> None:
    assert likeliest_pair(theirs, _our_scores()) is None
