"""Until when a verdict holds: before that moment nothing changes, whatever was signed and measured."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from signed_people import NOW, PARTS, TERMS, People, dossier, signed

from roadworthy.core.clock import format_time, parse_time
from roadworthy.decide.dossier import Dossier
from roadworthy.decide.judge import judge
from roadworthy.decide.outcome import Outcome, Status
from roadworthy.decide.release_bundle import read_dossier
from roadworthy.decide.validity import valid_until
from roadworthy.evidence.bundle import read_bundle
from roadworthy.evidence.keys import load_signer
from roadworthy.evidence.record import Record
from roadworthy.evidence.trust import TrustedKeys
from worked_example import ANSWERS, CARD, GO_LIVE, OWNED, Command, requirement, standard, system

SECOND = timedelta(seconds=1)
CARD_SIGNED = {
    "requirement": "system-card",
    "role": "writer",
    "signer": "Willy Writer",
    "document": {"name": "card.md", "sha256": "d" * 64},
}


def until(case: Dossier) -> datetime | None:
    return valid_until(case, judge(case))


def outcomes(case: Dossier, at: datetime) -> tuple[Outcome, ...]:
    return judge(replace(case, as_of=at)).outcomes


def changes_exactly_at(case: Dossier, moment: datetime) -> None:
    assert until(case) == moment
    now = outcomes(case, case.as_of)
    assert outcomes(case, moment - SECOND) == now
    assert outcomes(case, moment) != now


def test_what_never_ends_is_valid_for_ever(people: People) -> None:
    assert until(dossier(people, signed(people.lead))) is None
    assert until(dossier(people)) is None


def test_an_attestation_ends_when_it_says(people: People) -> None:
    ends = "2026-12-01T08:30:00Z"
    changes_exactly_at(dossier(people, signed(people.lead, until=ends)), parse_time(ends))


def test_a_document_ends_after_its_days(people: People) -> None:
    record = signed(people.writer, at="2026-11-20T12:00:00Z", **CARD_SIGNED)
    changes_exactly_at(dossier(people, record), parse_time("2027-11-20T12:00:00Z"))


def test_an_exception_ends_when_it_says(people: People) -> None:
    record = signed(people.lead, exception=TERMS, until="2026-12-31T00:00:00Z")
    case = dossier(people, record)
    assert next(o for o in judge(case).outcomes if o.requirement == "go-live").status is Status.WAIVED
    changes_exactly_at(case, parse_time("2026-12-31T00:00:00Z"))


def test_an_exception_that_is_not_needed_ends_nothing(people: People) -> None:
    unneeded = signed(people.lead, exception=TERMS, until="2026-12-31T00:00:00Z")
    assert until(dossier(people, signed(people.lead), unneeded)) is None


def test_another_tier_ends_with_its_statement(people: People) -> None:
    record = signed(people.lead, requirement="tier:medium", until="2026-12-05T00:00:00Z")
    case = dossier(people, record, loaded=people.standard(tier_roles=["risk-lead"]))
    assert (judge(case).tier, until(case)) == ("medium", parse_time("2026-12-05T00:00:00Z"))
    assert judge(replace(case, as_of=parse_time("2026-12-05T00:00:00Z"))).tier == "low"


def test_what_is_dated_ahead_begins_to_count(people: People) -> None:
    record = signed(people.lead, at="2026-11-24T12:00:00Z")
    changes_exactly_at(dossier(people, record), parse_time("2026-11-24T11:55:00Z"))


def test_the_earliest_of_several_counts_and_older_statements_do_not(people: People) -> None:
    card = signed(people.writer, until="2026-12-24T00:00:00Z", **CARD_SIGNED)
    older = signed(people.lead, at="2026-11-01T12:00:00Z", until="2026-12-01T00:00:00Z")
    case = dossier(people, card, signed(people.lead), older)
    changes_exactly_at(case, parse_time("2026-12-24T00:00:00Z"))


def test_what_a_stranger_signs_shortens_nothing(people: People) -> None:
    foreign = signed(people.stranger, at="2026-11-22T12:00:00Z", until="2026-11-23T13:00:00Z")
    borrowed = signed(people.owner, at="2026-11-22T12:00:00Z", until="2026-11-23T13:00:00Z")
    assert until(dossier(people, signed(people.lead), foreign, borrowed)) is None


def in_effect(people: People, launch: date | None = None, **effective: str) -> Dossier:
    loaded = standard(
        requirements=[requirement(GO_LIVE, effective=effective), OWNED],
        authority=people.standard().standard.authority.model_dump(mode="json"),
    )
    return dossier(people, loaded=loaded, system=system(launch=launch.isoformat() if launch else None))


def test_a_requirement_begins_and_ceases_at_midnight_utc(people: People) -> None:
    changes_exactly_at(in_effect(people, **{"from": "2027-01-01"}), datetime(2027, 1, 1, tzinfo=UTC))
    changes_exactly_at(in_effect(people, until="2027-01-31"), datetime(2027, 2, 1, tzinfo=UTC))
    assert until(in_effect(people, **{"from": "2026-01-01"}, until="2026-06-30")) is None


def test_a_launch_brings_a_requirement_forward(people: People) -> None:
    """It is judged for the launch day already, so that only what begins after the launch can change it."""
    start = {"from": "2027-01-01"}
    assert until(in_effect(people, date(2027, 3, 1), **start)) is None
    changes_exactly_at(in_effect(people, date(2026, 12, 1), **start), datetime(2027, 1, 1, tzinfo=UTC))
    ceases = in_effect(people, date(2027, 1, 31), until="2027-01-31")
    changes_exactly_at(ceases, datetime(2027, 2, 1, tzinfo=UTC))
    assert until(in_effect(people, date(2027, 2, 1), until="2027-01-31")) is None


def test_a_measurement_ends_after_the_days_of_its_requirement(command: Command, tmp_path: Path) -> None:
    command.sign_all()
    assert command("evaluate").code == 0
    assert command.gate().code == 0
    bundle = read_bundle(command.out / "bundle.zip", TrustedKeys.of(load_signer()))
    case = read_dossier(bundle, tmp_path)
    [(_, measured)] = case.measured()
    changes_exactly_at(case, parse_time(measured.finished) + timedelta(days=90))


HOURS = st.integers(min_value=-24 * 5, max_value=24 * 10)
WAITS = st.integers(min_value=1, max_value=24 * 10)


def hour(offset: int) -> str:
    return format_time(NOW + timedelta(hours=offset))


@st.composite
def statements(draw: st.DrawFn) -> dict[str, Any]:
    """Draw a statement by anybody, about anything, which may be an exception and may end."""
    at = draw(HOURS)
    wanted = draw(st.sampled_from(["go-live", "system-card", "tier:medium", "answers-right"]))
    ends = hour(at + draw(WAITS)) if draw(st.booleans()) else None
    who = draw(st.sampled_from(["lead", "writer", "owner", "stranger"]))
    names = {"lead": "Rita Risk", "writer": "Willy Writer", "owner": "Olga Owner", "stranger": "Rita Risk"}
    return {
        "who": who,
        "requirement": wanted,
        "at": hour(at),
        "until": ends,
        "role": "writer" if who == "writer" else "risk-lead",
        "signer": names[who],
        "document": CARD_SIGNED["document"] if wanted == "system-card" else None,
        "exception": TERMS if ends and draw(st.booleans()) else None,
        "fingerprint": draw(st.sampled_from([PARTS, {**PARTS, "models": "b" * 64}])),
    }


@st.composite
def effects(draw: st.DrawFn) -> dict[str, Any]:
    day = st.integers(min_value=-3, max_value=9).map(lambda n: (NOW + timedelta(days=n)).date().isoformat())
    chosen = {"from": draw(st.none() | day), "until": draw(st.none() | day)}
    return {key: value for key, value in chosen.items() if value}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.lists(statements(), max_size=6),
    effect=effects(),
    days=st.integers(min_value=1, max_value=9),
    launch=st.none() | st.integers(min_value=-3, max_value=9),
    fractions=st.lists(st.floats(min_value=0, max_value=1, exclude_max=True), min_size=3, max_size=3),
)
def test_before_that_moment_every_outcome_is_the_same(
    people: People,
    said: list[dict[str, Any]],
    effect: dict[str, Any],
    days: int,
    launch: int | None,
    fractions: list[float],
) -> None:
    records: tuple[Record, ...] = tuple(
        signed(getattr(people, value["who"]), **{key: item for key, item in value.items() if key != "who"})
        for value in said
    )
    authority = people.standard(tier_roles=["risk-lead"]).standard.authority.model_dump(mode="json")
    asked = [ANSWERS, requirement(CARD, expires={"days": days}), requirement(GO_LIVE, effective=effect), OWNED]
    declared = system(launch=(NOW + timedelta(days=launch)).date().isoformat() if launch is not None else None)
    case = dossier(people, *records, loaded=standard(requirements=asked, authority=authority), system=declared)
    verdict = judge(case)
    end = valid_until(case, verdict)
    last = end or NOW + timedelta(days=60)
    moments = [min(NOW + (last - NOW) * fraction, last - SECOND) for fraction in fractions]
    for moment in [*moments, last - SECOND]:
        later = judge(replace(case, as_of=moment))
        assert later.outcomes == verdict.outcomes
        assert (later.verdict, later.tier, later.tier_because) == (
            verdict.verdict,
            verdict.tier,
            verdict.tier_because,
        )


@pytest.mark.parametrize("who", ["lead", "writer"])
def test_the_moment_lies_after_the_judgement(people: People, who: str) -> None:
    ended = signed(getattr(people, who), until="2026-11-23T12:00:00Z")
    assert until(dossier(people, ended)) is None
