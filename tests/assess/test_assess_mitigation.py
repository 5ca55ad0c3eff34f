"""Mitigations: only those in place with evidence lower, never by more than the strongest, and none ever raises."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from assessed_systems import quiet
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.assess.mitigation import (
    Lowering,
    State,
    Support,
    Treatment,
    declared_mitigations,
    load_mitigations,
    residual_rating,
    treatment,
)
from roadworthy.assess.risk import score
from roadworthy.assess.scale import Factor, Range, Rating
from roadworthy.standard.load import load_standard
from roadworthy.standard.predicate import system_facts

DAY = date(2026, 11, 26)
WORST = Rating.model_validate({"severity": [3, 5], "likelihood": [3, 5], "exposure": 4, "detectability": [4, 5]})
steps = st.integers(1, 5)
ranges = st.tuples(steps, steps).map(lambda ends: Range(low=min(ends), high=max(ends)))
ratings = st.builds(Rating, severity=ranges, likelihood=ranges, exposure=ranges, detectability=ranges)
treatments = st.builds(
    Treatment,
    mitigation=st.just("m"),
    title=st.just("M"),
    lowers=st.lists(st.builds(Lowering, factor=st.sampled_from(Factor), by=ranges), max_size=3).map(tuple),
    state=st.sampled_from(State),
    evidence=st.sampled_from([(), (Support(reference="sha256:1"),), (Support(reference="r", until=date(2026, 1, 1)),)]),
)


def treated(state: State = State.IN_PLACE, *evidence: Support, by: tuple[int, int] = (1, 2)) -> Treatment:
    lowers = (Lowering(factor=Factor.LIKELIHOOD, by=Range(low=by[0], high=by[1])),)
    return Treatment(mitigation="m", title="M", lowers=lowers, state=state, evidence=evidence)


def test_what_is_sure_comes_off_the_upper_end_and_what_is_hoped_off_the_lower() -> None:
    after = residual_rating(WORST, [treated(State.IN_PLACE, Support(reference="run 1"))], DAY)
    assert after.likelihood == Range(low=1, high=4)
    assert after.put(Factor.LIKELIHOOD, WORST.likelihood) == WORST


@pytest.mark.parametrize("state", [State.PROPOSED, State.PLANNED, State.REJECTED])
def test_a_mitigation_that_is_not_in_place_lowers_nothing(state: State) -> None:
    assert residual_rating(WORST, [treated(state, Support(reference="run 1"))], DAY) == WORST


def test_a_mitigation_without_evidence_lowers_nothing() -> None:
    assert residual_rating(WORST, [treated()], DAY) == WORST


def test_evidence_counts_until_its_last_day() -> None:
    aging = treated(State.IN_PLACE, Support(reference="run 1", until=DAY))
    assert aging.counts(DAY)
    assert not aging.counts(DAY + timedelta(days=1))


def test_the_strongest_counts_alone() -> None:
    shown = Support(reference="run 1")
    both = [treated(State.IN_PLACE, shown, by=(1, 3)), treated(State.IN_PLACE, shown, by=(2, 2))]
    assert residual_rating(WORST, both, DAY).likelihood == Range(low=1, high=3)


@given(ratings, st.lists(treatments, max_size=4), treatments)
def test_a_mitigation_never_raises(rated: Rating, before: list[Treatment], more: Treatment) -> None:
    without, with_it = (score(residual_rating(rated, items, DAY)) for items in (before, [*before, more]))
    assert with_it.low <= without.low <= score(rated).low
    assert with_it.high <= without.high <= score(rated).high
    assert with_it.band.rank <= without.band.rank


@given(ratings, st.lists(treatments, max_size=4), st.randoms())
def test_the_order_of_mitigations_does_not_matter(rated: Rating, items: list[Treatment], random: object) -> None:
    shuffled = sorted(items, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert residual_rating(rated, items, DAY) == residual_rating(rated, shuffled, DAY)


def test_every_control_that_the_library_names_is_one_of_the_default_standard() -> None:
    controls = {control.id for control in load_standard().standard.controls}
    named = {item.control for item in load_mitigations().values() if item.control}
    assert named - controls == set()
    assert len(named) > 60


@pytest.mark.parametrize("mitigation", [m.id for m in load_mitigations().values() if m.declared])
def test_what_is_declared_can_be_told_from_what_is_not(mitigation: str) -> None:
    declared = quiet(
        excluded_use=["x"],
        decision={"human_review": True, "explanation": True},
        exposure={"discloses_ai": True, "marks_synthetic": True},
        environments=[{"id": "test"}, {"id": "live"}],
        guard={"pii": "block"},
        tools=[{"id": "t", "effect": "external", "reversible": True, "approval": "human", "permissions": ["p"]}],
        data=[{"id": "d", "use": "input", "source": "s", "licence": "l"}],
        vendors=[{"id": "v", "supplies": "a model", "terms": "dpa"}],
        monitors=[{"id": s, "signal": s} for s in ("safety", "drift", "fairness")],
    )
    bare = quiet(excluded_use=[], monitors=[], models=[{"id": "m", "provider": "p", "name": "n"}])
    assert declared_mitigations([mitigation], system_facts(declared)) == {mitigation: True}
    assert declared_mitigations([mitigation], system_facts(bare)) == {mitigation: False}


def test_a_treatment_begins_as_a_proposal() -> None:
    proposed = treatment(load_mitigations()["leak-filter"])
    assert (proposed.state, proposed.control, proposed.evidence) == (State.PROPOSED, "PRI-03", ())
    assert not proposed.counts(DAY)
