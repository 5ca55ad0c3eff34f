"""Clearance fails closed: each check refuses by itself, says why, and says what to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signed_people import NOW, PARTS, People, dossier, signed

from roadworthy.decide.approval import Missing, Standing, State
from roadworthy.decide.clearance import Asked, Clearance, ClearanceCheck, clearance, fingerprint_digest
from roadworthy.decide.judge import judge
from roadworthy.decide.outcome import Verdict, VerdictKind
from worked_example import GO_LIVE, OWNED, standard

SHOWN, OTHER = "a" * 64, "b" * 64
ASKED = Asked("production", fingerprint_digest(PARTS), NOW + timedelta(hours=1))
APPROVED = Standing(State.APPROVED, SHOWN, decided_at=NOW)
LATER = NOW + timedelta(days=3)


@pytest.fixture(scope="module")
def verdict(people: People) -> Verdict:
    """A verdict that ships."""
    authority = people.standard().standard.authority.model_dump(mode="json")
    loaded = standard(requirements=[GO_LIVE, OWNED], authority=authority)
    judged = judge(dossier(people, signed(people.lead), loaded=loaded))
    assert judged.verdict is VerdictKind.SHIP
    return judged


def clear(
    verdict: Verdict | None, asked: Asked = ASKED, decision: Standing | None = APPROVED, **changes: Any
) -> Clearance:
    fields: dict[str, Any] = {
        "shown_digest": SHOWN,
        "environments": {"staging", "production"},
        "valid_until": LATER,
        "standard_digest": verdict.standard_digest if verdict else "",
    }
    return clearance(asked, verdict, decision, **fields | changes)


def changed(verdict: Verdict, /, **changes: Any) -> Verdict:
    return msgspec.structs.replace(verdict, **changes)


def test_a_release_that_passes_every_check_is_cleared(verdict: Verdict) -> None:
    cleared = clear(verdict)
    assert cleared.allowed
    assert (cleared.obstacles, cleared.until) == ((), LATER)
    assert clear(verdict, valid_until=None).allowed


def test_conditions_go_with_the_release(verdict: Verdict) -> None:
    decision = replace(APPROVED, state=State.APPROVED_WITH_CONDITIONS, conditions=("Watch it.", "Twice."))
    conditional = changed(verdict, verdict=VerdictKind.SHIP_WITH_CONDITIONS, conditions=("Twice.", "A card."))
    cleared = clear(conditional, decision=decision)
    assert cleared.allowed
    assert cleared.conditions == ("Twice.", "A card.", "Watch it.")


def refused(result: Clearance) -> list[ClearanceCheck]:
    assert not result.allowed
    for obstacle in result.obstacles:
        assert obstacle.reason.endswith((".", "?"))
        assert obstacle.remedy.endswith(".")
    return [obstacle.check for obstacle in result.obstacles]


def test_each_check_refuses_by_itself(verdict: Verdict) -> None:
    hold = changed(verdict, verdict=VerdictKind.HOLD, reasons=("It leaks.",))
    assert refused(clear(hold)) == [ClearanceCheck.VERDICT]
    assert "It leaks." in clear(hold).obstacles[0].reason
    assert refused(clear(verdict, replace(ASKED, fingerprint=OTHER))) == [ClearanceCheck.FINGERPRINT]
    assert refused(clear(verdict, standard_digest=OTHER)) == [ClearanceCheck.STANDARD]
    assert refused(clear(verdict, replace(ASKED, at=LATER))) == [ClearanceCheck.VALIDITY]
    assert clear(verdict, replace(ASKED, at=LATER - timedelta(seconds=1))).allowed
    assert refused(clear(verdict, replace(ASKED, at=NOW - timedelta(seconds=1)))) == [ClearanceCheck.VALIDITY]
    assert refused(clear(verdict, decision=None)) == [ClearanceCheck.DECISION]
    assert refused(clear(verdict, shown_digest=OTHER)) == [ClearanceCheck.DIGEST]
    assert refused(clear(verdict, replace(ASKED, environment="plant"))) == [ClearanceCheck.ENVIRONMENT]
    assert refused(clear(verdict, environments=())) == [ClearanceCheck.ENVIRONMENT]


@pytest.mark.parametrize("state", [state for state in State if "approved" not in state])
def test_only_an_approval_clears(verdict: Verdict, state: State) -> None:
    assert refused(clear(verdict, decision=replace(APPROVED, state=state))) == [ClearanceCheck.DECISION]


def test_an_approval_that_was_never_decided_does_not_clear(verdict: Verdict) -> None:
    assert refused(clear(verdict, decision=replace(APPROVED, decided_at=None))) == [ClearanceCheck.DECISION]


def test_who_is_missing_is_named(verdict: Verdict) -> None:
    waiting = Standing(State.OPEN, SHOWN, missing=(Missing(("director", "board"), 2, ("Dora",)),))
    [obstacle] = clear(verdict, decision=waiting).obstacles
    assert obstacle.reason == "The approval stands at 'open', missing: 2 of director or board."


def test_with_nothing_at_all_everything_is_refused() -> None:
    empty = Asked("", "", NOW)
    assert refused(clear(None, empty, None, environments=(), shown_digest="")) == [
        ClearanceCheck.VERDICT,
        ClearanceCheck.DECISION,
        ClearanceCheck.ENVIRONMENT,
    ]


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(VerdictKind),
    state=st.sampled_from(State),
    decided=st.booleans(),
    same=st.lists(st.booleans(), min_size=4, max_size=4),
    hours=st.integers(-3, 200),
)
def test_it_is_allowed_exactly_when_nothing_speaks_against_it(
    verdict: Verdict, kind: VerdictKind, state: State, decided: bool, same: list[bool], hours: int
) -> None:
    parts, digest, standard_now, environment = same
    at = NOW + timedelta(hours=hours)
    asked = Asked("production" if environment else "plant", ASKED.fingerprint if parts else OTHER, at)
    result = clear(
        changed(verdict, verdict=kind),
        asked,
        Standing(state, SHOWN if digest else OTHER, decided_at=NOW if decided else None),
        standard_digest=verdict.standard_digest if standard_now else OTHER,
    )
    approved = decided and state in {State.APPROVED, State.APPROVED_WITH_CONDITIONS}
    assert result.allowed is (kind is not VerdictKind.HOLD and approved and all(same) and NOW <= at < LATER)
