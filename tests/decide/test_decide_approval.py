"""Approvals: who may decide what, whose signature does not count and why, and that no trick needs fewer people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.core.errors import InputError
from roadworthy.decide.approval import Missing, Refusal, Standing, State, doubt_about_signature, standing
from roadworthy.decide.authority_rule import Action, AuthorityRule, default_rules, rules_for
from roadworthy.decide.roster import Delegation, Grant, Roster
from roadworthy.decide.signature import Choice, Signature, folded
from roadworthy.standard.load import load_standard
from roadworthy.standard.model import Tier

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
LATER = START + timedelta(days=30)
SHOWN, OTHER = "a" * 64, "b" * 64
DEFAULT = default_rules(load_standard().standard.authority)
HIGH = rules_for(DEFAULT, Action.RELEASE, tier=Tier.HIGH)
HELD = {"Ada": "responsible-ai", "Ben": "responsible-ai", "Dora": "director", "Dan": "director", "Sec": "security"}
LENT = Delegation("Dora", "Eve", "director", START, START + timedelta(hours=10))
ROSTER = Roster(tuple(Grant(name, role, START - timedelta(days=9)) for name, role in HELD.items()), (LENT,))


def sign(person: str, choice: Choice = Choice.APPROVE, hour: float = 1, **changes: Any) -> Signature:
    fields: dict[str, Any] = {"role": HELD.get(changes.get("on_behalf_of") or person, "director"), "digest": SHOWN}
    if choice is Choice.APPROVE_WITH_CONDITIONS:
        fields["conditions"] = (f"{person} wants a monitor.",)
    return Signature(**{"person": person, "choice": choice, "at": START + timedelta(hours=hour), **fields, **changes})


def stand(*signatures: Signature, rules: Sequence[AuthorityRule] = HIGH, **changes: Any) -> Standing:
    fields: dict[str, Any] = {
        "roster": ROSTER,
        "requester": "Rex Requester",
        "owners": ("Olga Owner",),
        "shown_digest": SHOWN,
        "at": LATER,
    }
    return standing(rules, signatures, **fields | changes)


def doubt(signature: Signature) -> Refusal | None:
    barred: dict[str, Any] = {"requester": "Rex Requester", "owners": ("Olga Owner",)}
    return doubt_about_signature(HIGH, signature, roster=ROSTER, shown_digest=SHOWN, at=LATER, **barred)


def refusals(result: Standing) -> list[tuple[str, Refusal]]:
    return [(refused.signature.person, refused.why) for refused in result.refused]


@pytest.mark.parametrize(
    ("action", "tier", "roles"),
    [
        (Action.RELEASE, Tier.LOW, [("responsible-ai",)]),
        (Action.RELEASE, Tier.MEDIUM, [("responsible-ai",)]),
        (Action.RELEASE, Tier.HIGH, [("responsible-ai",), ("director",)]),
        (Action.RELEASE, Tier.PROHIBITED, []),
        (Action.EXCEPTION, Tier.LOW, [("responsible-ai", "responsible-ai-lead")]),
        (Action.EXCEPTION, Tier.HIGH, [("director",)]),
        (Action.EXCEPTION, Tier.PROHIBITED, []),
        (Action.TIER, Tier.HIGH, [("responsible-ai", "responsible-ai-lead")]),
        (Action.STANDARD, None, [("responsible-ai-lead", "director")]),
    ],
)
def test_the_default_rules_by_action_and_tier(action: Action, tier: Tier | None, roles: list[tuple[str, ...]]) -> None:
    assert [rule.roles for rule in rules_for(DEFAULT, action, tier=tier)] == roles


def test_rules_reach_their_environments_and_scopes_only() -> None:
    rule = AuthorityRule(Action.RELEASE, ("security",), environments=frozenset({"production"}), scope="emea", quorum=2)

    def applies(environment: str | None, scope: str | None) -> bool:
        return bool(rules_for([rule], Action.RELEASE, tier=Tier.LOW, environment=environment, scope=scope))

    assert applies("production", "emea")
    assert applies(None, "emea")
    assert not applies("staging", "emea")
    assert not applies("production", "apac")
    assert not applies("production", None)


def test_a_rule_for_all_tiers_does_not_reach_what_is_prohibited() -> None:
    rule = AuthorityRule(Action.RELEASE, ("director",))
    assert rules_for([rule], Action.RELEASE, tier=Tier.HIGH) == (rule,)
    assert rules_for([rule], Action.RELEASE, tier=Tier.PROHIBITED) == ()


@pytest.mark.parametrize("changes", [{"quorum": 0}, {"roles": ()}])
def test_a_rule_that_asks_for_nobody_is_an_error(changes: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="Name at least one role"):
        AuthorityRule(**{"action": Action.RELEASE, "roles": ("director",), **changes})


def test_where_no_rule_applies_nobody_may_approve() -> None:
    result = stand(sign("Ada"), sign("Dora"), rules=())
    assert (result.state, result.decided, result.approved) == (State.FORBIDDEN, False, False)


def test_every_seat_must_be_taken_and_who_could_take_the_rest_is_named() -> None:
    nobody = stand()
    assert nobody.missing == (
        Missing(("responsible-ai",), 1, ("Ada", "Ben")),
        Missing(("director",), 1, ("Dan", "Dora")),
    )
    one = stand(sign("Ada"))
    assert (one.state, one.decided) == (State.OPEN, False)
    assert one.missing == (Missing(("director",), 1, ("Dan", "Dora")),)
    both = stand(sign("Ada"), sign("Dora", hour=3))
    assert (both.state, both.decided_at, both.missing) == (State.APPROVED, START + timedelta(hours=3), ())
    assert both.digest == SHOWN


def test_conditions_are_collected_from_all_who_approve() -> None:
    result = stand(sign("Ada", Choice.APPROVE_WITH_CONDITIONS), sign("Dora", Choice.APPROVE_WITH_CONDITIONS, 2))
    assert result.state is State.APPROVED_WITH_CONDITIONS
    assert result.approved
    assert result.conditions == ("Ada wants a monitor.", "Dora wants a monitor.")


@pytest.mark.parametrize(
    ("choice", "conditions"), [(Choice.APPROVE, ("x",)), (Choice.APPROVE_WITH_CONDITIONS, ()), (Choice.REJECT, ("x",))]
)
def test_conditions_belong_to_one_choice(choice: Choice, conditions: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="needs at least one"):
        sign("Ada", choice, conditions=conditions)


def test_what_is_signed_is_a_digest() -> None:
    with pytest.raises(InputError, match="not a SHA-256"):
        sign("Ada", digest="")


def test_one_rejection_decides_and_what_follows_does_not_count() -> None:
    result = stand(sign("Ada"), sign("Dan", Choice.REJECT, 2), sign("Dora", hour=3))
    assert (result.state, result.decided, result.approved) == (State.REJECTED, True, False)
    assert refusals(result) == [("Dora", Refusal.AFTER_DECISION)]


def test_a_rejection_after_the_approval_comes_too_late() -> None:
    result = stand(sign("Ada"), sign("Dora", hour=2), sign("Dan", Choice.REJECT, 3))
    assert result.approved
    assert refusals(result) == [("Dan", Refusal.AFTER_DECISION)]


def test_at_one_moment_the_rejection_comes_first() -> None:
    assert stand(sign("Ada"), sign("Dora"), sign("Dan", Choice.REJECT)).state is State.REJECTED


def test_who_asks_for_changes_pauses_until_they_sign_again() -> None:
    asked = [sign("Dan", Choice.REQUEST_CHANGES), sign("Ada", hour=2), sign("Dora", hour=3)]
    assert stand(*asked).state is State.PAUSED
    lifted = stand(*asked, sign("Dan", hour=4))
    assert (lifted.state, lifted.decided_at) == (State.APPROVED, START + timedelta(hours=4))
    assert refusals(lifted) == [("Dan", Refusal.SAME_PERSON)]
    assert stand(*asked, shown_digest=OTHER).state is State.OPEN


@pytest.mark.parametrize("strict", [Choice.REQUEST_CHANGES, Choice.APPROVE_WITH_CONDITIONS])
def test_of_two_signatures_of_one_person_and_moment_the_stricter_counts(strict: Choice) -> None:
    both = [sign("Ada"), sign("Dora", hour=2), sign("Dora", strict, 2)]
    for signed in (both, both[::-1]):
        result = stand(*signed)
        assert result.state is {Choice.REQUEST_CHANGES: State.PAUSED}.get(strict, State.APPROVED_WITH_CONDITIONS)
        assert [signature.choice for signature in result.counted] == [Choice.APPROVE, strict]


@pytest.mark.parametrize(
    ("signature", "why"),
    [
        (sign("Dora", digest=OTHER), Refusal.STALE),
        (sign("Sec"), Refusal.NOT_ASKED),
        (sign("Sec", role="director"), Refusal.ROLE_NOT_HELD),
        (sign("Stranger"), Refusal.ROLE_NOT_HELD),
        (sign("Dora", hour=24 * 31), Refusal.AHEAD),
        (sign("Dora", hour=-24 * 10), Refusal.ROLE_NOT_HELD),
        (sign("Frank", on_behalf_of="Dora"), Refusal.NOT_DELEGATED),
        (sign("Eve", on_behalf_of="Dan"), Refusal.NOT_DELEGATED),
        (sign("Eve", hour=10, on_behalf_of="Dora"), Refusal.NOT_DELEGATED),
        (sign("Eve", hour=-1, on_behalf_of="Dora"), Refusal.NOT_DELEGATED),
        (sign("Eve", role="responsible-ai", on_behalf_of="Dora"), Refusal.NOT_DELEGATED),
        (sign("Eve"), Refusal.ROLE_NOT_HELD),
    ],
)
def test_a_signature_that_does_not_count_says_why(signature: Signature, why: Refusal) -> None:
    result = stand(sign("Ada"), signature)
    assert result.state is State.OPEN
    assert refusals(result) == [(signature.person, why)]
    assert doubt(signature) is why


def test_a_signature_that_would_count_raises_no_doubt() -> None:
    assert doubt(sign("Dora")) is None
    assert doubt(sign("Rex Requester")) is Refusal.OWN_REQUEST


def test_a_delegate_takes_the_seat_of_who_lent_the_role() -> None:
    assert stand(sign("Ada"), sign("Eve", hour=2, on_behalf_of="Dora")).approved


def test_a_role_that_was_taken_away_no_longer_counts() -> None:
    gone = Roster((Grant("Dora", "director", START, START + timedelta(hours=1)), ROSTER.grants[0]))
    assert refusals(stand(sign("Ada"), sign("Dora"), roster=gone)) == [("Dora", Refusal.ROLE_NOT_HELD)]
    assert stand(sign("Ada"), sign("Dora", hour=0.5), roster=gone).approved


def test_a_role_in_another_part_of_the_organisation_does_not_count() -> None:
    there = Roster((Grant("Dora", "director", START, scope="emea"), ROSTER.grants[0]))
    assert stand(sign("Ada"), sign("Dora"), roster=there, scope="emea").approved
    for scope in ("apac", None):
        assert refusals(stand(sign("Ada"), sign("Dora"), roster=there, scope=scope)) == [
            ("Dora", Refusal.ROLE_NOT_HELD)
        ]


@pytest.mark.parametrize("barred", [{"requester": "DORA "}, {"owners": ("dora",)}])
def test_nobody_decides_about_their_own_request_nor_through_another(barred: dict[str, Any]) -> None:
    own = stand(sign("Ada"), sign("Dora"), **barred)
    lent = stand(sign("Ada"), sign("Eve", on_behalf_of="Dora"), **barred)
    borrowed = stand(sign("Ada"), sign("Eve", on_behalf_of="Dora"), requester="Eve")
    rejected = stand(sign("Dora", Choice.REJECT), **barred)
    for result in (own, lent, borrowed, rejected):
        assert [why for _, why in refusals(result)] == [Refusal.OWN_REQUEST]
        assert not result.decided
    assert "Dora" not in own.missing[0].people


def test_nobody_takes_two_seats_of_a_quorum() -> None:
    two = [AuthorityRule(Action.RELEASE, ("director",), quorum=2)]
    assert stand(sign("Dora"), sign("DORA", hour=2), rules=two).state is State.OPEN
    both_ways = stand(sign("Dora"), sign("Eve", hour=2, on_behalf_of="Dora"), rules=two)
    assert refusals(both_ways) == [("Dora", Refusal.SAME_PERSON)]
    assert both_ways.missing[0].seats == 1
    lent = Roster(ROSTER.grants, (LENT, Delegation("Dan", "Eve", "director", START, LATER)))
    for_two = [sign("Eve", on_behalf_of="Dora"), sign("Eve", hour=2, on_behalf_of="Dan")]
    assert stand(*for_two, rules=two, roster=lent).state is State.OPEN
    assert stand(sign("Dora"), sign("Dan", hour=2), rules=two).approved


def test_nobody_takes_seats_of_two_rules() -> None:
    held = Roster((*ROSTER.grants, Grant("Ada", "director", START)))
    alone = stand(sign("Ada"), sign("Ada", hour=2, role="director"), roster=held)
    assert (alone.state, alone.missing[0].roles) == (State.OPEN, ("responsible-ai",))
    assert stand(sign("Ada"), sign("Ada", hour=2, role="director"), sign("Ben", hour=3), roster=held).approved


def test_seats_are_given_so_that_as_many_as_can_sit() -> None:
    """Who fits two seats moves to the other one: either order of signing fills both."""
    rules = [
        AuthorityRule(Action.EXCEPTION, ("director", "responsible-ai")),
        AuthorityRule(Action.EXCEPTION, ("director",)),
    ]
    for first, second in (("Dora", "Ada"), ("Ada", "Dora")):
        assert stand(sign(first), sign(second, hour=2), rules=rules).approved
    assert not stand(sign("Ada"), sign("Ben", hour=2), rules=rules).approved


PEOPLE = ("Ada", "Ben", "Dora", "Dan", "Sec", "Eve", "Rex", "Olga")
ROLES = ("responsible-ai", "director", "security")


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    grants = draw(
        st.lists(st.builds(Grant, st.sampled_from(PEOPLE), st.sampled_from(ROLES), st.just(START)), max_size=9)
    )
    lent = st.builds(
        Delegation,
        st.sampled_from(PEOPLE),
        st.sampled_from(PEOPLE),
        st.sampled_from(ROLES),
        st.just(START),
        st.just(START + timedelta(hours=6)),
    )
    return Roster(tuple(grants), tuple(draw(st.lists(lent, max_size=4))))


RULES = st.lists(
    st.builds(
        AuthorityRule,
        st.just(Action.RELEASE),
        st.lists(st.sampled_from(ROLES), min_size=1, max_size=2, unique=True).map(tuple),
        quorum=st.integers(1, 3),
    ),
    min_size=1,
    max_size=3,
)


@st.composite
def signatures(draw: st.DrawFn, choices: Iterable[Choice] = tuple(Choice)) -> Signature:
    return sign(
        draw(st.sampled_from(PEOPLE)),
        draw(st.sampled_from(tuple(choices))),
        draw(st.integers(-1, 9)),
        role=draw(st.sampled_from(ROLES)),
        on_behalf_of=draw(st.none() | st.sampled_from(PEOPLE)),
        digest=draw(st.sampled_from((SHOWN, SHOWN, SHOWN, OTHER))),
    )


@settings(max_examples=300, deadline=None)
@given(rules=RULES, signed=st.lists(signatures(), max_size=9), roster=rosters(), randoms=st.randoms())
def test_no_list_of_signatures_approves_with_too_few_or_with_the_requester(
    rules: list[AuthorityRule], signed: list[Signature], roster: Roster, randoms: Any
) -> None:
    result = stand(*signed, rules=rules, roster=roster, requester="Rex", owners=("Olga",))
    counting = [signature for signature in result.counted if signature.choice.approves]
    humans = {folded(signature.person) for signature in counting}
    principals = {folded(signature.principal) for signature in counting}
    if result.approved:
        wanted = sum(rule.quorum for rule in rules)
        assert len(humans) >= wanted
        assert len(principals) >= wanted
    for signature in result.counted:
        assert not {"rex", "olga"} & signature.people
        assert signature.digest == SHOWN
        assert any(signature.role in rule.roles for rule in rules)
        assert any(folded(g.person) == folded(signature.principal) and g.role == signature.role for g in roster.grants)
    assert len(result.counted) + len(result.refused) == len(signed)
    shuffled = list(signed)
    randoms.shuffle(shuffled)
    assert stand(*shuffled, rules=rules, roster=roster, requester="Rex", owners=("Olga",)) == result


@settings(max_examples=200, deadline=None)
@given(rules=RULES, roster=rosters(), data=st.data())
def test_the_order_in_which_different_people_approve_does_not_matter(
    rules: list[AuthorityRule], roster: Roster, data: st.DataObject
) -> None:
    drawn = data.draw(st.lists(signatures([Choice.APPROVE]), max_size=8))
    seen: set[str] = set()
    independent = [s for s in drawn if not s.people & seen and not seen.update(s.people)]
    hours = data.draw(st.permutations(range(len(independent))))
    again = [
        sign(s.person, s.choice, h / 9, role=s.role, on_behalf_of=s.on_behalf_of, digest=s.digest)
        for s, h in zip(independent, hours, strict=True)
    ]
    before = [
        sign(s.person, s.choice, n / 9, role=s.role, on_behalf_of=s.on_behalf_of, digest=s.digest)
        for n, s in enumerate(independent)
    ]
    first, second = (stand(*signed, rules=rules, roster=roster, requester="Rex") for signed in (before, again))
    assert first.state is second.state
    assert sum(m.seats for m in first.missing) == sum(m.seats for m in second.missing)


@settings(max_examples=200, deadline=None)
@given(rules=RULES, signed=st.lists(signatures(), max_size=8), roster=rosters(), late=signatures())
def test_a_signature_of_the_requester_changes_nothing(
    rules: list[AuthorityRule], signed: list[Signature], roster: Roster, late: Signature
) -> None:
    own = sign("Rex", late.choice, 2, role=late.role)
    fields: dict[str, Any] = {"rules": rules, "roster": roster, "requester": "Rex", "owners": ()}
    with_own, without = stand(*signed, own, **fields), stand(*signed, **fields)
    assert (with_own.state, with_own.counted, with_own.missing) == (without.state, without.counted, without.missing)
