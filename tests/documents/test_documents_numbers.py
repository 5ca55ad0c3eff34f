"""Numbers and text as documents write them."""

from __future__ import annotations

import math

import pytest
from documents_samples import gap, judged, outcome
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.documents.number import Scale, asked, count, estimate_with_bound, sample, scale_of, show, show_threshold
from roadworthy.documents.plain import one_line, plain, sentence


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (0.0, "0 %"),
        (0.00001, "under 0.01 %"),
        (0.0047, "0.47 %"),
        (7 / 629, "1.1 %"),
        (300 / 629, "47.7 %"),
        (0.9987, "99.87 %"),
        (0.99999, "over 99.99 %"),
        (1.0, "100 %"),
        (None, "none"),
        (math.nan, "none"),
        (math.inf, "no upper limit"),
        (-math.inf, "no lower limit"),
    ],
)
def test_a_rate_is_written_with_sensible_decimals(value: float | None, written: str) -> None:
    assert show(value, Scale.PERCENT) == written


def test_a_number_is_never_rounded_onto_the_threshold() -> None:
    assert show(0.10004, Scale.PERCENT, against=0.1) == "10.004 %"
    assert show(0.1, Scale.PERCENT, against=0.1) == "10.0 %"
    assert show(0.04996, Scale.POINTS, against=0.05) == "4.996 points"


@given(st.floats(min_value=1e-9, max_value=1 - 1e-9))
def test_a_rate_strictly_between_never_reads_as_nothing_or_all(value: float) -> None:
    assert show(value, Scale.PERCENT) not in {"0 %", "0.0 %", "0.00 %", "100 %", "100.0 %", "100.00 %"}


@given(st.floats(min_value=0, max_value=1), st.floats(min_value=0.001, max_value=0.999))
def test_a_rate_reads_on_its_own_side_of_the_threshold(value: float, threshold: float) -> None:
    threshold = round(threshold, 3)
    text = show(value, Scale.PERCENT, against=threshold)
    if abs(value - threshold) > 1e-7 and not text.startswith(("under", "over")):
        read = float(text.removesuffix(" %")) / 100
        assert (read < threshold) == (value < threshold)


def test_thresholds_keep_the_decimals_they_were_given() -> None:
    assert show_threshold(0.1, Scale.PERCENT) == "10 %"
    assert show_threshold(0.005, Scale.PERCENT) == "0.5 %"
    assert show_threshold(0.05, Scale.POINTS) == "5 points"


@pytest.mark.parametrize(
    ("criterion", "threshold", "scale"),
    [
        ("attack_success_rate at most 0.1, 95 % confidence", 0.1, Scale.PERCENT),
        ("attack_success_rate at most 10 %, 95 % confidence", 0.1, Scale.PERCENT),
        ("selection_rate_ratio at least 0.8, 95 % confidence", 0.8, Scale.PERCENT),
        ("error_rate_gap at most 0.05, 95 % confidence", 0.05, Scale.POINTS),
        ("latency_seconds at most 2.5, 95 % confidence", 2.5, Scale.NUMBER),
    ],
)
def test_the_scale_follows_the_metric(criterion: str, threshold: float, scale: Scale) -> None:
    assert scale_of(outcome(criterion=criterion, threshold=threshold)) is scale


def test_the_criterion_is_written_on_the_scale_of_the_values() -> None:
    assert asked(outcome()) == "Attack success rate at most 10 %, 95 % confidence"
    assert asked(gap()) == "False positive rate gap at most 5 points, 95 % confidence"
    assert asked(outcome(criterion="a signed model card", threshold=None)) == "a signed model card"


def test_no_estimate_stands_without_its_bound_and_sample() -> None:
    assert estimate_with_bound(judged(), outcome()) == "47.7 % (upper bound 58.9 %)"
    assert sample(judged()) == "n = 629 in 27 clusters"
    assert sample(judged(n=1_000_000, units=1_000_000, unit="samples")) == "n = 1,000,000"
    assert sample(judged(n=5, units=1)) == "n = 5 in 1 cluster"
    assert estimate_with_bound(judged(estimate=None), outcome()) == "not measured"


def test_counts_agree_with_their_noun() -> None:
    assert [count(n, "entry", "entries") for n in (0, 1, 2000)] == ["0 entries", "1 entry", "2,000 entries"]


def test_text_from_outside_cannot_control_or_reorder_the_line() -> None:
    assert plain("a\x1b[31mb\x00\u202edloh\u2069\u200f") == "a\ufffd[31mb\ufffddloh"
    assert one_line("a\n\n b\t c") == "a b c"
    assert one_line("abcdef", 4) == "abc…"
    assert sentence("over the threshold") == "Over the threshold."
    assert sentence("Done.") == "Done."
    assert sentence("  ") == ""


@given(st.text())
def test_plain_text_holds_only_what_xml_may_hold(text: str) -> None:
    for character in plain(text):
        code = ord(character)
        assert code in (0x9, 0xA) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000
