"""The critique of an assessment: each rule finds what it is for, and is silent once that is settled."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from assessed_systems import quiet, systems

from roadworthy.assess.assessment import (
    AssessedScenario,
    Assessment,
    Origin,
    accept,
    add,
    dismiss,
    edit,
    refresh,
    start_assessment,
)
from roadworthy.assess.critique import RULES, SOON, critique
from roadworthy.assess.mitigation import State, Support, Treatment
from roadworthy.assess.parts import part_scenarios
from roadworthy.assess.remark import Gravity, Remark
from roadworthy.assess.risk import Band
from roadworthy.assess.scale import Rating

AT = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)
DAY = date(2026, 11, 26)
AGENT = systems()["tool-agent"]
GRAVE = Rating.model_validate({"severity": 5, "likelihood": 4, "exposure": 4, "detectability": 4})
SMALL = Rating.model_validate({"severity": 1, "likelihood": 1, "exposure": 1, "detectability": 1})
WIDE = Rating.model_validate({"severity": [1, 5], "likelihood": 3, "exposure": 3, "detectability": 3})
OFTEN = Rating.model_validate({"severity": 3, "likelihood": [1, 5], "exposure": 3, "detectability": 3})


def begun() -> Assessment:
    return start_assessment(AGENT, AT)


def found(assessment: Assessment, rule: str, system: Any = AGENT, day: date = DAY) -> list[Remark]:
    return [one for one in critique(assessment, system, day) if one.rule == rule]


def alone(rating: Rating = SMALL, treatments: tuple[Treatment, ...] = (), why: str | None = None) -> Assessment:
    """Return an assessment of one accepted scenario."""
    item = AssessedScenario(id="own", title="T", harm="H.", category="safety", because="B.", rating=rating)
    item = item.model_copy(update={"treatments": treatments, "origin": Origin.PERSON})
    empty = begun().model_copy(update={"scenarios": ()})
    return accept(add(empty, item, by="Ada", at=AT), "own", by="Ada", at=AT, why=why)


def treated(state: State, **fields: Any) -> Treatment:
    first = begun().scenarios[0].treatments[0]
    return first.model_copy(update={"state": state, **fields})


PLANNED = {"owner": "Ada", "due": DAY + timedelta(days=9)}
SHOWN = {"owner": "Ada", "evidence": (Support(reference="sha256:1"),)}
ENDED = {"owner": "Ada", "evidence": (Support(reference="sha256:1", until=DAY - timedelta(days=1)),)}
ENDING = {"owner": "Ada", "evidence": (Support(reference="sha256:1", until=DAY + SOON - timedelta(days=1)),)}
LASTING = {"owner": "Ada", "evidence": (Support(reference="sha256:1", until=DAY + SOON),)}
"""The last day of evidence counts."""


@pytest.mark.parametrize(
    ("rule", "bad", "good"),
    [
        ("no-owner", treated(State.PLANNED, due=DAY), treated(State.PLANNED, **PLANNED)),
        ("no-owner", treated(State.IN_PLACE), treated(State.PROPOSED)),
        ("no-day", treated(State.PLANNED, owner="Ada"), treated(State.PLANNED, **PLANNED)),
        ("overdue", treated(State.PLANNED, due=DAY - timedelta(days=1)), treated(State.PLANNED, due=DAY)),
        ("overdue", treated(State.PLANNED, due=date(2020, 1, 1)), treated(State.REJECTED, due=date(2020, 1, 1))),
        ("no-evidence", treated(State.IN_PLACE, owner="Ada"), treated(State.IN_PLACE, **SHOWN)),
        ("evidence-ended", treated(State.IN_PLACE, **ENDED), treated(State.IN_PLACE, **ENDING)),
        ("evidence-ends-soon", treated(State.IN_PLACE, **ENDING), treated(State.IN_PLACE, **LASTING)),
    ],
)
def test_a_mitigation_lacks_something_until_it_does_not(rule: str, bad: Treatment, good: Treatment) -> None:
    one = found(alone(GRAVE, (bad,)), rule)
    assert [(item.scenario, item.mitigation) for item in one] == [("own", bad.mitigation)]
    assert one[0].band is alone(GRAVE, (bad,)).scenarios[0].residual(DAY).band
    assert bad.title in one[0].says
    assert not found(alone(GRAVE, (good,)), rule)


def test_a_mitigation_of_many_scenarios_is_one_remark() -> None:
    planned = treated(State.PLANNED, owner="Ada")
    row = alone(SMALL, (planned,))
    other = row.scenarios[0].model_copy(update={"id": "other", "rating": GRAVE})
    row = row.model_copy(update={"scenarios": (*row.scenarios, other)})
    (one,) = found(row, "no-day")
    assert (one.scenario, one.mitigation, one.band) == ("", planned.mitigation, Band.CRITICAL)
    assert "(2 scenarios)" in one.says


def test_what_a_person_has_not_looked_at_is_said_of_each_scenario_and_nothing_else() -> None:
    row = begun()
    assert {one.scenario for one in found(row, "untouched")} == {item.id for item in row.scenarios}
    assert {one.rule for one in critique(row, AGENT, DAY)} == {"untouched"}
    first = row.scenarios[0].id
    row = accept(row, first, by="Ada", at=AT)
    assert first not in {one.scenario for one in found(row, "untouched")}
    row = dismiss(row, row.scenarios[1].id, by="Ada", at=AT, why="No.")
    assert len(found(row, "untouched")) == len(row.scenarios) - 2


def test_what_a_model_suggested_is_not_owed_a_look() -> None:
    item = alone().scenarios[0].model_copy(update={"origin": Origin.MODEL, "changes": ()})
    row = add(begun().model_copy(update={"scenarios": ()}), item, by="model", at=AT)
    assert not found(row, "untouched")


def test_a_risk_with_nothing_decided_against_it() -> None:
    assert [one.scenario for one in found(alone(GRAVE), "nothing-against-it")] == ["own"]
    assert found(alone(GRAVE, (treated(State.PROPOSED), treated(State.REJECTED))), "nothing-against-it")
    assert not found(alone(GRAVE, (treated(State.PLANNED),)), "nothing-against-it")
    assert not found(alone(SMALL), "nothing-against-it")


def test_a_grave_risk_is_accepted_as_it_is_only_with_a_reason() -> None:
    assert [one.scenario for one in found(alone(GRAVE), "not-lowered")] == ["own"]
    assert not found(alone(GRAVE, why="Borne until March, by the board."), "not-lowered")
    assert not found(alone(SMALL), "not-lowered")
    lowering = next(
        one for item in begun().scenarios for one in item.treatments if any(low.by.low > 0 for low in one.lowers)
    ).model_copy(update={"state": State.IN_PLACE, **SHOWN})
    assert not found(alone(GRAVE, (lowering,)), "not-lowered")


def test_a_range_that_decides_the_band_names_its_factor_and_its_metric() -> None:
    (one,) = found(alone(WIDE), "wide-range")
    assert "severity 1 to 5" in one.says
    assert "severity" in one.settles
    for rating, named in ((WIDE, False), (OFTEN, True)):
        measured = alone(rating).scenarios[0].model_copy(update={"metrics": ("harmful_response_rate",)})
        (one,) = found(alone(rating).model_copy(update={"scenarios": (measured,)}), "wide-range")
        assert ("harmful_response_rate" in one.settles) is named, "a metric says how often, not how bad"
    assert not found(alone(GRAVE), "wide-range")


def test_a_new_declaration_leads_to_what_the_assessment_lacks_until_it_is_refreshed() -> None:
    before = start_assessment(quiet(), AT)
    now = quiet(tools=[{"id": "pay", "effect": "external"}], kind="agent")
    lacking = {one.scenario for one in found(before, "overtaken", now)}
    assert lacking == {item.id for item in start_assessment(now, AT).scenarios} - {item.id for item in before.scenarios}
    assert lacking
    assert not found(refresh(before, now, AT), "overtaken", now)
    assert not found(before, "overtaken", quiet())


def test_a_tool_of_which_every_scenario_was_dismissed() -> None:
    system = quiet(tools=[{"id": "pay", "effect": "external"}, {"id": "look", "effect": "read"}], kind="agent")
    (part,) = part_scenarios(system)
    assert part.id == "pay"
    assert part.scenarios
    row = start_assessment(system, AT)
    assert not found(row, "part-without-scenario", system)
    for id_ in part.scenarios:
        row = dismiss(row, id_, by="Ada", at=AT, why="Not here.")
    (one,) = found(row, "part-without-scenario", system)
    assert "the tool pay, whose effect is external" in one.says
    told = AssessedScenario(id="own", title="T", harm="Pay pays twice.", category="safety", because="B.", rating=SMALL)
    row = add(row, told.model_copy(update={"origin": Origin.PERSON}), by="Ada", at=AT)
    assert not found(row, "part-without-scenario", system)


def test_data_of_which_the_library_has_scenarios() -> None:
    system = quiet(data=[{"id": "letters", "use": "tuning", "personal": True}, {"id": "sizes", "use": "evaluation"}])
    (part,) = part_scenarios(system)
    assert part.id == "letters"
    assert part.scenarios


def test_dismissing_what_the_declaration_still_leads_to_is_weak_and_leaves_a_threat_open() -> None:
    row = begun()
    grave = next(item for item in row.scenarios if item.inherent.band in {Band.HIGH, Band.CRITICAL})
    row = dismiss(row, grave.id, by="Ada", at=AT, why="No.")
    (one,) = found(row, "dismissed-grave")
    assert (one.scenario, one.gravity) == (grave.id, Gravity.WEAK)
    assert not found(row, "dismissed-grave", quiet())
    assert not found(begun(), "threat-without-scenario")
    for item in begun().scenarios:
        row = dismiss(row, item.id, by="Ada", at=AT, why="No.")
    assert found(row, "threat-without-scenario")


def test_the_gravest_come_first_and_the_same_input_gives_the_same() -> None:
    row = edit(begun(), begun().scenarios[-1].id, by="Ada", at=AT, why="Seen.", rating=GRAVE)
    remarks = critique(row, AGENT, DAY)
    order = [(one.gravity.rank, -(one.band.rank if one.band else -1)) for one in remarks]
    assert order == sorted(order)
    assert remarks == critique(row, AGENT, DAY)
    assert all(one.says.endswith(".") and one.settles.endswith(".") for one in remarks)


def test_every_rule_is_tried_here() -> None:
    tried = {"no-owner", "no-day", "overdue", "no-evidence", "evidence-ended", "evidence-ends-soon", "untouched"}
    tried |= {"nothing-against-it", "not-lowered", "wide-range", "overtaken", "part-without-scenario"}
    assert {rule.id for rule in RULES} == tried | {"dismissed-grave", "threat-without-scenario"}
