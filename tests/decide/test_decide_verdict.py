"""From outcomes to verdict and exit code: every combination, and never a pass on nothing."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.decide.outcome import Outcome, Status, VerdictKind
from roadworthy.decide.verdict import decide, exit_code
from roadworthy.standard.model import Obligation, ShownBy, Tier


def outcome(status: Status, obligation: str = "must", name: str = "a", shown_by: str = "measurement") -> Outcome:
    return Outcome(
        requirement=name,
        title=f"Title {name}",
        control="QA-01",
        dimension=None,
        shown_by=shown_by,
        obligation=obligation,
        status=status,
        criterion="",
        threshold=None,
        direction=None,
        confidence=None,
        reason=f"Because {name}.",
        next_step="",
        evidence=(),
    )


MET = outcome(Status.MET, name="met")
SHIP, CONDITIONS, HOLD = VerdictKind.SHIP, VerdictKind.SHIP_WITH_CONDITIONS, VerdictKind.HOLD
TABLE = [
    (Status.MET, "must", SHIP, 0),
    (Status.NOT_MET, "must", HOLD, 1),
    (Status.INCONCLUSIVE, "must", HOLD, 3),
    (Status.NOT_SHOWN, "must", HOLD, 3),
    (Status.STALE, "must", HOLD, 3),
    (Status.WAIVED, "must", CONDITIONS, 0),
    (Status.NOT_APPLICABLE, "must", SHIP, 0),
    (Status.MET, "should", SHIP, 0),
    (Status.NOT_MET, "should", CONDITIONS, 0),
    (Status.INCONCLUSIVE, "should", CONDITIONS, 0),
    (Status.NOT_SHOWN, "should", HOLD, 3),  # a measurement that is missing altogether; see below
    (Status.STALE, "should", HOLD, 3),
    (Status.WAIVED, "should", CONDITIONS, 0),
    (Status.NOT_APPLICABLE, "should", SHIP, 0),
]


@pytest.mark.parametrize(("status", "obligation", "kind", "code"), TABLE)
def test_one_outcome_beside_one_that_is_met(status: Status, obligation: str, kind: VerdictKind, code: int) -> None:
    outcomes = (MET, outcome(status, obligation))
    found, reasons, conditions = decide(Tier.LOW, outcomes)
    assert (found, exit_code(found, "low", outcomes)) == (kind, code)
    assert reasons
    assert bool(conditions) is (kind is CONDITIONS)
    if kind is HOLD:
        assert reasons == (f"Title a ({status}): Because a.",)


@pytest.mark.parametrize("status", [Status.NOT_SHOWN, Status.STALE])
@pytest.mark.parametrize(
    ("shown_by", "coverage", "code"),
    [
        ("measurement", None, 3),
        ("measurement", Status.MET, 0),
        ("measurement", Status.NOT_SHOWN, 3),
        ("measurement", Status.WAIVED, 3),
        ("measurement", Status.NOT_APPLICABLE, 3),
        ("document", None, 0),
        ("sign-off", None, 0),
        ("monitor", None, 0),
    ],
)
def test_a_missing_measurement_that_should_be_there_holds_unless_coverage_grants_it(
    status: Status, shown_by: str, coverage: Status | None, code: int
) -> None:
    granted = (outcome(coverage, "should", "c", "coverage"),) if coverage else ()
    outcomes = (MET, outcome(status, "should", shown_by=shown_by), *granted)
    kind, _, _ = decide(Tier.LOW, outcomes)
    assert exit_code(kind, "low", outcomes) == code


def test_coverage_never_grants_a_must() -> None:
    outcomes = (MET, outcome(Status.NOT_SHOWN), outcome(Status.MET, "must", "c", "coverage"))
    kind, _, _ = decide(Tier.LOW, outcomes)
    assert (kind, exit_code(kind, "low", outcomes)) == (HOLD, 3)


def test_the_table_holds_every_combination() -> None:
    assert {(s, o) for s, o, _, _ in TABLE} == set(itertools.product(Status, map(str, Obligation)))


@pytest.mark.parametrize(
    "outcomes",
    [
        (),
        (outcome(Status.NOT_APPLICABLE),),
        (outcome(Status.WAIVED),),
        (outcome(Status.NOT_SHOWN, "should", shown_by="document"),),
        (outcome(Status.NOT_MET, "should"), outcome(Status.WAIVED)),
    ],
)
def test_nothing_met_is_not_a_pass(outcomes: tuple[Outcome, ...]) -> None:
    kind, reasons, _ = decide(Tier.LOW, outcomes)
    assert kind is HOLD
    assert reasons == ("No requirement is met: nothing is not a pass.",)
    assert exit_code(kind, "low", outcomes) == 3


def test_a_prohibited_system_is_held_whatever_is_met() -> None:
    kind, reasons, _ = decide(Tier.PROHIBITED, (MET,))
    assert kind is HOLD
    assert reasons[0] == "The standard prohibits this system."
    assert exit_code(kind, "prohibited", (MET,)) == 1


def test_not_met_outweighs_what_is_undecided_and_comes_first() -> None:
    outcomes = (
        outcome(Status.INCONCLUSIVE, name="i"),
        outcome(Status.NOT_SHOWN, name="s", shown_by="document"),
        outcome(Status.NOT_SHOWN, name="m"),
        outcome(Status.NOT_MET, name="n"),
        MET,
    )
    kind, reasons, _ = decide(Tier.LOW, outcomes)
    assert exit_code(kind, "low", outcomes) == 1
    # What was measured and falls short leads; then what is not shown, in the order of the outcomes.
    assert [reason.split()[1] for reason in reasons] == ["n", "i", "s", "m"]


def test_a_should_that_is_not_met_does_not_turn_an_undecided_hold_into_exit_1() -> None:
    outcomes = (outcome(Status.NOT_MET, "should"), outcome(Status.STALE, name="b"), MET)
    kind, _, conditions = decide(Tier.LOW, outcomes)
    assert (kind, exit_code(kind, "low", outcomes)) == (HOLD, 3)
    assert conditions == ("Title a: Because a.",)


OUTCOMES = st.lists(
    st.builds(
        outcome,
        st.sampled_from(Status),
        st.sampled_from([str(o) for o in Obligation]),
        shown_by=st.sampled_from([str(s) for s in ShownBy]),
    ),
    max_size=12,
).map(tuple)
FALLS_SHORT = {Status.NOT_MET, Status.INCONCLUSIVE, Status.NOT_SHOWN, Status.STALE}


@given(st.sampled_from(Tier), OUTCOMES)
def test_exit_0_only_when_every_must_is_met_or_waived_and_something_is_met(
    tier: Tier, outcomes: tuple[Outcome, ...]
) -> None:
    kind, reasons, conditions = decide(tier, outcomes)
    code = exit_code(kind, str(tier), outcomes)
    musts = [o.status for o in outcomes if o.obligation == "must"]
    covered = any(o.shown_by == "coverage" and o.status is Status.MET for o in outcomes)
    missing = any(o.shown_by == "measurement" and o.status in {Status.NOT_SHOWN, Status.STALE} for o in outcomes)
    may_ship = (
        tier is not Tier.PROHIBITED
        and not FALLS_SHORT.intersection(musts)
        and (covered or not missing)
        and any(o.status is Status.MET for o in outcomes)
    )
    assert (code == 0) is may_ship
    assert (kind is not HOLD) is may_ship
    assert code in {0, 1, 3}
    assert reasons
    if kind is SHIP:
        assert {o.status for o in outcomes} <= {Status.MET, Status.NOT_APPLICABLE}
        assert not conditions


@given(OUTCOMES, st.randoms(use_true_random=False))
def test_the_order_of_outcomes_does_not_change_verdict_or_code(outcomes: tuple[Outcome, ...], random: object) -> None:
    shuffled = list(outcomes)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = decide(Tier.LOW, outcomes)[0], decide(Tier.LOW, tuple(shuffled))[0]
    assert (one, exit_code(one, "low", outcomes)) == (other, exit_code(other, "low", tuple(shuffled)))
