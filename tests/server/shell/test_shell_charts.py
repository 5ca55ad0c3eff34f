"""Charts: what is unknown is a gap and never zero; all is said in words; hostile text stays text."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.server.shell.charts.bar import progress_bar, status_bar
from roadworthy.server.shell.charts.graph import Edge, Node, provenance_graph
from roadworthy.server.shell.charts.heat_map import heat, heat_map
from roadworthy.server.shell.charts.scale import number_words, scale_for
from roadworthy.server.shell.charts.timeline import Progress, Step, timeline
from roadworthy.server.shell.charts.trend import Point, Target, sparkline, trend

BAD = '"><script>alert(1)</script>'


def svg(drawn: str) -> ET.Element:
    return ET.fromstring(drawn[drawn.index("<svg") : drawn.index("</svg>") + 6])


def classes(element: ET.Element) -> list[str]:
    return [child.get("class", "") for child in element.iter()]


def test_unknown_is_a_gap_and_zero_is_a_point():
    points = [Point("Jan", 1.0), Point("Feb", 0.0), Point("Mar", None), Point("Apr", 2.0), Point("May", 3.0)]
    found = classes(svg(trend("Incidents", points)))
    assert found.count("dot") == 4
    assert found.count("unknown") == 1
    assert found.count("segment") == 2


def test_stale_is_marked_and_said():
    drawn = trend("Cycle time", [Point("Jan", 12.0), Point("Feb", 11.0, stale=True)], Target(10, 20), "days")
    assert "dot old" in drawn
    assert ">stale<" in drawn
    assert "Feb 11 days (stale)" in svg(drawn).get("aria-label", "")
    assert "Target: 10 to 20 days" in drawn


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.95, "on target"), (0.2, "off target"), (None, "unknown"), (0.9, "on target"), (0.0, "off target")],
)
def test_the_last_value_says_whether_it_is_on_target(value, said):
    assert f">{said}<" in trend("Coverage", [Point("Jan", value)], Target(0.9), "%")


def test_nothing_known_at_all_is_drawn_too():
    assert "nothing is known" in trend("Coverage", [])
    assert "unknown" in trend("Coverage", [Point("Jan", None), Point("Feb", None)])
    assert sparkline([], "nothing").startswith("<svg")
    assert sparkline([None, 3.0, None], "one value").count("<circle") == 1


@given(st.lists(st.none() | st.floats(-1e12, 1e12), max_size=12))
def test_any_values_are_drawn_inside(values):
    scale = scale_for(values, 100, 0)
    assert scale.low < scale.high
    for value in values:
        if value is not None:
            room = (scale.high - scale.low) * 1e-6
            assert scale.low - room <= value <= scale.high + room
            assert 0 <= scale.at(value) <= 100
    svg(trend("Any", [Point("x", value) for value in values]))


@pytest.mark.parametrize(
    ("value", "unit", "words"),
    [(0.5, "%", "50 %"), (0.123, "%", "12.3 %"), (1, "%", "100 %"), (12, "days", "12 days"), (1234.5, "", "1,234")],
)
def test_numbers_as_people_read_them(value, unit, words):
    assert number_words(value, unit) == words


def test_the_bar_shows_problems_first_and_all_of_it():
    drawn = status_bar({"met": 3, "not met": 1, "waived": 0})
    pieces = [child for child in svg(drawn).iter() if "piece" in child.get("class", "")]
    assert [piece.get("class") for piece in pieces] == ["piece s-not-met", "piece s-met"]
    assert [piece.get("width") for piece in pieces] == ["25.0%", "75.0%"]
    assert svg(drawn).get("aria-label") == "1 not met, 3 met"
    assert "nothing is judged yet" in status_bar({})


def test_progress_stays_between_nothing_and_all():
    assert 'width="100.0%" height="6"/></svg>' in progress_bar(9, 4)
    assert 'class="done" width="0%"' in progress_bar(0, 0)


def test_the_heat_map_has_25_cells_and_links_where_there_is_something():
    drawn = heat_map({(5, 4): 3}, lambda severity, likelihood: f"?s={severity}&l={likelihood}", chosen=(5, 4))
    assert drawn.count("<td class=") == 26
    assert drawn.count("<a ") == 1
    assert 'href="?s=5&amp;l=4"' in drawn
    assert 'aria-label="Severe, Likely: 3"' in drawn
    assert 'aria-current="true"' in drawn
    assert (heat(1, 1), heat(3, 3), heat(5, 5)) == (1, 3, 5)


def test_the_graph_folds_after_seven_and_keeps_the_lines():
    nodes = [Node("a", "A", "Requirement", 0), *(Node(f"b{at}", f"B{at}", "Record", 1, f"/b{at}") for at in range(9))]
    drawn = provenance_graph("Provenance", nodes, [Edge("a", f"b{at}") for at in range(9)])
    assert classes(svg(drawn)).count("node s-neutral") == 8
    assert classes(svg(drawn)).count("edge") == 7
    assert "and 3 more" in drawn
    assert drawn.count("<tr><td>") == 9


def test_a_graph_of_nothing_and_of_unknown_ends_is_drawn():
    svg(provenance_graph("Empty", [], []))
    drawn = provenance_graph("One", [Node("a", "A", "x", 0)], [Edge("a", "gone"), Edge("gone", "a")])
    assert classes(svg(drawn)).count("edge") == 0


def test_the_timeline_says_who_is_next():
    drawn = timeline(
        [Step("Owner", Progress.SIGNED, "Amara"), Step("Security", Progress.NEXT), Step("Director", Progress.LATER)]
    )
    assert drawn.count('aria-current="step"') == 1
    assert drawn.index("Signed") < drawn.index("Next") < drawn.index("Later")


def test_text_of_users_stays_text_and_nothing_needs_a_style():
    for drawn in (
        trend(BAD, [Point(BAD, 1.0, note=BAD)], unit=BAD),
        sparkline([1.0], BAD),
        progress_bar(1, 2, BAD),
        heat_map({(1, 1): 1}, lambda severity, likelihood: BAD, caption=BAD),
        provenance_graph(BAD, [Node("a", BAD, BAD, 0, BAD), Node("b", BAD, BAD, 1)], [Edge("a", "b")], [BAD]),
        timeline([Step(BAD, Progress.NEXT, BAD, note=BAD)]),
    ):
        assert "<script" not in drawn
        assert "style=" not in drawn
