"""An assessment through its life: proposed, accepted, edited, added, dismissed, compared, kept as JSON."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from assessed_systems import quiet, systems
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.assess.assessment import (
    AssessedScenario,
    Assessment,
    Origin,
    Standing,
    accept,
    add,
    assessment_value,
    dismiss,
    edit,
    read_assessment,
    refresh,
    start_assessment,
)
from roadworthy.assess.mitigation import State, Support
from roadworthy.assess.propose import propose_scenarios
from roadworthy.assess.register import compare_assessments, heat_map, register
from roadworthy.assess.risk import Band
from roadworthy.assess.scale import Factor, Range, Rating
from roadworthy.core.errors import InputError

AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 26)
MILD = Rating.model_validate({"severity": 2, "likelihood": 2, "exposure": 2, "detectability": 2})


def agent() -> Assessment:
    return start_assessment(systems()["tool-agent"], AT)


def own(id_: str = "own", origin: Origin = Origin.PERSON, rating: Rating = MILD) -> AssessedScenario:
    return AssessedScenario(id=id_, title="T", harm="H.", category="safety", because="B.", rating=rating, origin=origin)


def settled(assessment: Assessment, id_: str) -> Assessment:
    """Put the first mitigation of a scenario in place, with evidence."""
    first, *others = assessment.scenario(id_).treatments
    done = first.model_copy(
        update={"state": State.IN_PLACE, "owner": "Ada", "evidence": (Support(reference="sha256:1"),)}
    )
    return edit(assessment, id_, by="Ada", at=AT, why="The gate was built.", treatments=(done, *others))


def test_it_begins_with_what_the_library_proposes() -> None:
    begun = agent()
    assert [item.id for item in begun.scenarios] == [p.scenario for p in propose_scenarios(systems()["tool-agent"])]
    assert all(item.standing is Standing.PROPOSED and item.counts and not item.accepted for item in begun.scenarios)
    assert all(item.residual(DAY) == item.inherent for item in begun.scenarios)
    assert all(item.treatments for item in begun.scenarios)


def test_a_person_accepts() -> None:
    after = accept(agent(), "tool-misused", by="Ada", at=AT)
    assert after.scenario("tool-misused").accepted
    assert after.scenario("tool-misused").changes[-1].by == "Ada"
    assert not agent().scenario("tool-misused").accepted


def test_a_person_edits_with_a_reason_and_the_change_is_kept() -> None:
    after = edit(agent(), "tool-misused", by="Ada", at=AT, why="Read-only sandbox.", rating=MILD)
    edited = after.scenario("tool-misused")
    assert (edited.inherent.high, edited.inherent.band) == (16, Band.MODERATE)
    assert (edited.changes[-1].what, edited.changes[-1].why) == ("changed rating", "Read-only sandbox.")
    with pytest.raises(InputError, match="nothing of the scenario 'tool-misused' would change"):
        edit(after, "tool-misused", by="Ada", at=AT, why="x", rating=MILD)
    with pytest.raises(InputError, match="needs a reason"):
        edit(after, "tool-misused", by="Ada", at=AT, why=" ", title="T")
    with pytest.raises(InputError, match="title"):
        edit(after, "tool-misused", by="Ada", at=AT, why="x", title="  ")


def test_a_mitigation_in_place_with_evidence_lowers_the_residual_risk() -> None:
    after = settled(agent(), "exfiltration-by-agent").scenario("exfiltration-by-agent")
    assert after.treatments[0].mitigation == "ruled-information-flows"
    assert after.residual(DAY).high < after.inherent.high


def test_a_person_dismisses_with_a_reason_only_and_it_leaves_the_register() -> None:
    with pytest.raises(InputError, match="needs a reason"):
        dismiss(agent(), "tool-misused", by="Ada", at=AT, why="")
    after = dismiss(agent(), "tool-misused", by="Ada", at=AT, why="It has no such tool.")
    assert "tool-misused" not in {entry.scenario for entry in register(after, DAY)}
    assert after.scenario("tool-misused").changes[-1].why == "It has no such tool."


def test_what_a_model_adds_counts_once_a_person_accepts_it() -> None:
    after = add(agent(), own("idea", Origin.MODEL), by="drafter", at=AT)
    assert not after.scenario("idea").counts
    assert accept(after, "idea", by="Ada", at=AT).scenario("idea").counts
    assert add(agent(), own(), by="Ada", at=AT).scenario("own").accepted
    with pytest.raises(InputError, match="there already"):
        add(after, own("idea"), by="Ada", at=AT)


def test_an_unknown_scenario_is_named_with_the_nearest() -> None:
    with pytest.raises(InputError, match="tool-misused"):
        accept(agent(), "tool-misusd", by="Ada", at=AT)


def test_the_register_is_gravest_first_and_counts_mitigations() -> None:
    entries = register(settled(agent(), "exfiltration-by-agent"), DAY)
    assert [e.residual.order for e in entries] == sorted((e.residual.order for e in entries), reverse=True)
    row = next(e for e in entries if e.scenario == "exfiltration-by-agent")
    assert (row.in_place, row.open, row.owners) == (1, 4, ("Ada",))
    assert len(register(agent(), DAY, top=3)) == 3


def test_a_due_date_that_has_passed_is_overdue() -> None:
    first, *others = agent().scenario("tool-misused").treatments
    late = first.model_copy(update={"state": State.PLANNED, "due": DAY - timedelta(days=1)})
    after = edit(agent(), "tool-misused", by="Ada", at=AT, why="Planned.", treatments=(late, *others))
    assert next(e for e in register(after, DAY) if e.scenario == "tool-misused").overdue == 1


def test_the_heat_map_counts_each_risk_that_counts_once() -> None:
    empty = Assessment(system="s", release="1", made=AT)
    one = add(empty, own(rating=MILD.put(Factor.SEVERITY, Range(low=4, high=5))), by="Ada", at=AT)
    counts = heat_map(one)
    assert counts[1][4] == 1  # likelihood 2, severity 5 at its upper end
    assert sum(map(sum, counts)) == 1
    assert sum(map(sum, heat_map(agent(), DAY))) == len(register(agent(), DAY))
    assert [len(row) for row in heat_map(empty)] == [5] * 5


def test_two_assessments_are_compared() -> None:
    before = agent()
    after = add(settled(before, "exfiltration-by-agent"), own(), by="Ada", at=AT)
    assert compare_assessments(before, before, DAY) == ()
    changed, added = compare_assessments(before, after, DAY)
    assert (changed.scenario, added.what) == ("exfiltration-by-agent", "added")
    assert changed.what == "treatments, standing, changes"
    assert changed.before != changed.after
    assert [item.what for item in compare_assessments(after, before, DAY)][-1] == "removed"


def test_a_changed_declaration_proposes_anew_and_keeps_what_people_did() -> None:
    touched = accept(agent(), "tool-misused", by="Ada", at=AT)
    anew = refresh(touched, quiet(), AT + timedelta(days=1))
    assert {item.id for item in anew.scenarios} == {"tool-misused", "drift-unseen"}
    assert anew.scenario("tool-misused").accepted


def test_it_goes_through_json_unchanged() -> None:
    assessment = add(settled(agent(), "exfiltration-by-agent"), own(), by="Ada", at=AT)
    text = json.dumps(assessment_value(assessment))
    assert read_assessment(text) == read_assessment(json.loads(text)) == assessment
    assert assessment_value(read_assessment(text)) == assessment_value(assessment)


@given(st.one_of(st.text(), st.binary(), st.dictionaries(st.text(), st.integers())))
def test_what_is_no_assessment_is_refused(value: str | bytes | dict[str, int]) -> None:
    with pytest.raises(InputError, match="this is not an assessment"):
        read_assessment(value)
