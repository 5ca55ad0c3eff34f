"""`roadworthy power`: how many cases it takes, against scipy's binomial distribution."""

from __future__ import annotations

import re

import pytest
from scipy.stats import beta, binom

from worked_example import ANSWERS, CARD, Command, requirement


def chance_to_show(threshold: float, rate: float, samples: int, confidence: float) -> float:
    """Return P(the Clopper-Pearson upper bound is at most the threshold), by enumeration."""
    counts = range(samples)
    shown = [count for count in counts if beta.ppf(confidence, count + 1, samples - count) <= threshold]
    return float(binom.cdf(max(shown), samples, rate)) if shown else 0.0


@pytest.mark.parametrize(("threshold", "rate"), [(0.1, 0.05), (0.2, 0.1), (0.05, 0.02)])
def test_the_number_is_the_smallest_from_which_on_the_chance_stays(
    command: Command, threshold: float, rate: float
) -> None:
    said = command("power", "--at-most", threshold, "--rate", rate)
    assert said.code == 0
    found = re.search(r"([\d,]+) (\d+) % Fewer", said.text)
    assert found is not None
    samples = int(found[1].replace(",", ""))
    assert chance_to_show(threshold, rate, samples, 0.95) >= 0.8
    assert chance_to_show(threshold, rate, samples - 1, 0.95) < 0.8
    assert round(chance_to_show(threshold, rate, samples, 0.95) * 100) == int(found[2])


def test_a_requirement_brings_its_criterion_of_this_tier(command: Command) -> None:
    assert "To show 'at least 60 %' at 95 % confidence" in command("power", "answers-right").text


def test_clusters_take_more_cases(command: Command) -> None:
    said = command("power", "--at-most", 0.2, "--rate", 0.1, "--cluster-size", 5, "--correlation", 0.3)
    found = re.search(r"10\.0 % ([\d,]+) ([\d,]+) \d+ %", said.text)
    assert found is not None
    cases, clusters = (int(text.replace(",", "")) for text in found.groups())
    assert cases == 5 * clusters
    assert cases > 100 * (1 + 4 * 0.3)


def test_what_is_missing_is_named(command: Command) -> None:
    assert "--at-most" in command("power").text
    assert command("power").code == 2
    assert command("power", "answers-wright").code == 2
    assert "answers-right" in command("power", "answers-wright").text
    said = command("power", "--at-most", 0.1, "--rate", 0.2)
    assert "not inside the threshold" in said.text


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--at-least", 0.9, "--confidence", 95), "--confidence is 95, not between 0.5 and 1"),
        (("--at-least", 90), "Write 0.9 for 90 %"),
        (("--at-most", 0.1, "--at-least", 0.9), "said twice"),
        (("answers-right", "--at-most", 0.1), "said twice"),
        (("--at-most", 0.1, "--cluster-size", 0), "--cluster-size is 1 or more"),
        (("--at-most", 0.1, "--correlation", 2), "--correlation between 0 and 1"),
        (("--at-most", 0.1, "--correlation", 0.5), "Give --cluster-size too"),
    ],
)
def test_options_that_make_no_sense_are_named(command: Command, options: tuple[object, ...], said: str) -> None:
    answer = command("power", *options)
    assert answer.code == 2
    assert said in answer.text


def test_a_comparison_with_the_shipped_release_has_no_size_of_its_own(command: Command) -> None:
    regression = requirement(ANSWERS, id="same", criterion={"low": {"no_worse_by": 0.1}})
    command.example.change_standard(requirements=[CARD, regression])
    assert "compares with the shipped release" in command("power", "same").text
