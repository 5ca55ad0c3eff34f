"""The interval plot: what is drawn where, and what it says in words."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from documents_samples import HOSTILE, all_statuses, judged, outcome, slices
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.decide.outcome import Judged, Outcome, Status
from roadworthy.documents.number import Scale
from roadworthy.documents.svg import Axis, axis_for, axis_marks, plot
from roadworthy.documents.view import panels, view

AXIS = Axis(0.0, 0.8, (0.0, 0.2, 0.4, 0.6, 0.8), Scale.PERCENT)


def draw(direction: str = "at most", **values: object) -> ET.Element:
    drawn = plot(judged(**values), AXIS, 0.1, direction, ident="p", text="Estimate 47.7 %.")
    return ET.fromstring(str(drawn))


def test_positions_are_shares_of_the_axis() -> None:
    svg = draw(estimate=0.4, lower=0.2, upper=0.6, interval=(0.1, 0.7))
    assert svg.find("line[@class='rule']").get("x1") == "12.5%"
    assert svg.find("line[@class='tick']").get("x1") == "50.0%"
    bar = svg.find("rect[@class='bar']")
    assert (bar.get("x"), bar.get("width")) == ("12.5%", "75.0%")
    assert svg.find("svg").get("x") == "75.0%"


@pytest.mark.parametrize(
    ("direction", "start", "width"), [("at most", "0.0%", "12.5%"), ("at least", "12.5%", "87.5%")]
)
def test_the_pass_side_is_tinted(direction: str, start: str, width: str) -> None:
    passing = draw(direction).find("rect[@class='pass']")
    assert (passing.get("x"), passing.get("width")) == (start, width)


def test_the_bound_that_decides_is_marked() -> None:
    assert draw("at most", lower=0.2, upper=0.6).find("svg").get("x") == "75.0%"
    assert draw("at least", lower=0.2, upper=0.6).find("svg").get("x") == "25.0%"


def test_it_has_a_text_equivalent() -> None:
    svg = draw()
    names = svg.get("aria-labelledby").split()
    assert svg.get("role") == "img"
    assert names == [svg.find("title").get("id"), svg.find("desc").get("id")]
    assert svg.find("title").text == "all: not met"
    assert svg.find("desc").text == "Estimate 47.7 %."


def test_hostile_labels_stay_text() -> None:
    drawn = plot(judged(HOSTILE), AXIS, 0.1, "at most", ident="p", text=HOSTILE)
    svg = ET.fromstring(str(drawn))
    assert svg.find("title").text.startswith("<script>alert")
    assert svg.find(".//script") is None


def test_nothing_measured_draws_no_interval() -> None:
    svg = draw(estimate=None, lower=None, upper=None, interval=None)
    assert svg.find("line[@class='rule']") is not None
    assert svg.find("line[@class='tick']") is None
    assert svg.find("rect[@class='bar']") is None
    assert svg.find("svg") is None


def test_an_endless_bound_is_drawn_to_the_edge_without_a_mark() -> None:
    svg = draw(estimate=0.4, lower=0.2, upper=float("inf"), interval=(0.2, float("inf")))
    bar = svg.find("rect[@class='bar']")
    assert (bar.get("x"), bar.get("width")) == ("25.0%", "75.0%")
    assert svg.find("svg") is None


rates = st.floats(min_value=0, max_value=1)


@given(st.lists(rates, min_size=5, max_size=5), rates, st.sampled_from(["at most", "at least"]))
def test_the_axis_holds_everything_with_few_round_ticks(values: list[float], threshold: float, direction: str) -> None:
    low, lower, estimate, upper, high = sorted(values)
    one = judged(estimate=estimate, lower=lower, upper=upper, interval=(low, high))
    axis = axis_for([one], [threshold], Scale.PERCENT, direction)
    assert axis.low <= min(low, threshold) + 1e-9
    assert axis.high >= max(high, threshold) - 1e-9
    assert 0 <= axis.low < axis.high <= 1
    assert 2 <= len(axis.ticks) <= 8
    assert (axis.ticks[0], axis.ticks[-1]) == (axis.low, axis.high)


@given(st.lists(st.floats(min_value=-5, max_value=50), min_size=5, max_size=5))
def test_the_axis_holds_any_numbers(values: list[float]) -> None:
    low, lower, estimate, upper, high = sorted(values)
    one = judged(estimate=estimate, lower=lower, upper=upper, interval=(low, high))
    for direction in ("at most", "at least"):
        axis = axis_for([one], [1.0], Scale.NUMBER, direction)
        assert axis.low <= low + 1e-9
        assert axis.high >= high - 1e-9


@pytest.mark.parametrize("scale", [Scale.PERCENT, Scale.NUMBER])
@pytest.mark.parametrize("direction", ["at most", "at least"])
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_an_axis_has_a_length_where_everything_is_one_number(scale: Scale, direction: str, value: float) -> None:
    one = judged(estimate=value, lower=value, upper=value, interval=(value, value))
    axis = axis_for([one], [value], scale, direction)
    assert axis.low < axis.high
    assert axis.low <= value <= axis.high


def test_axis_labels_are_for_the_eye_only() -> None:
    marks = ET.fromstring(str(axis_marks(AXIS)))
    assert marks.get("aria-hidden") == "true"
    assert [span.text for span in marks] == ["0 %", "20 %", "40 %", "60 %", "80 %"]
    assert (marks[0].get("class"), marks[-1].get("class")) == ("start", "end")


def test_panels_share_an_axis_by_direction_and_scale() -> None:
    found = panels([view(each) for each in all_statuses()])
    assert {panel.title: len(panel.rows) for panel in found} == {
        "Rates that must stay low": 4,
        "Gaps that must stay small, in percentage points": 1,
        "Rates that must be high": 3,
    }


def test_a_worse_slice_stands_for_its_requirement() -> None:
    harmful = next(o for o in all_statuses() if o.requirement == "harmful-requests")
    shown = view(harmful)
    assert shown.headline.judged.status is Status.NOT_MET
    assert shown.headline.label == "hazard=kind 58"
    worst = max((s for s in slices(60) if s.status is Status.NOT_MET), key=lambda s: s.estimate)
    assert shown.headline.judged == worst


def test_the_largest_gap_of_a_group_column_stands_for_it() -> None:
    pair = judged("African-American against Other (race, false positive rate)")
    column = judged("race: false positive rate")
    shown = view(gap_of(pair, column))
    assert [row.label for row in shown.rows] == [column.label, pair.label]
    assert [row.whole for row in shown.rows] == [True, False]
    assert shown.headline.judged is column


def gap_of(*found: Judged) -> Outcome:
    return outcome(criterion="false_positive_rate_gap at most 0.1, 95 % confidence", judged=found)
