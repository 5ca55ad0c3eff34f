"""Sign-offs, documents and decisions: who may, over what, and what it changes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from decided_releases import Cast, actions, actor
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.decide.signature import Choice
from roadworthy.server.access.actor import Door
from roadworthy.server.access.refusals import Conflict, Refused
from roadworthy.server.accounts.models import Delegation, Grant, Role
from roadworthy.server.accounts.reach import actor_of_token
from roadworthy.server.accounts.tokens import token_of
from roadworthy.server.decisions.models import AuthorityRule, DecisionRequest, RequestState, Signature
from roadworthy.server.decisions.refusals import Held, Replayed, Stale
from roadworthy.server.decisions.requests import ask_again, recommend, withdraw_request
from roadworthy.server.decisions.signing import Decided, sign_decision
from roadworthy.server.jobs.models import Notice


def test_what_is_signed_here_settles_what_was_missing(cast: Cast) -> None:
    assert (cast.release.verdict, cast.release.holding) == ("hold", 2)
    cast.document()
    assert (cast.release.verdict, cast.release.holding) == ("hold", 1)
    cast.sign_off()
    release = cast.release
    assert (release.verdict, release.holding, release.met) == ("ship", 0, 4)
    assert release.resealed_id
    assert release.valid_until is not None
    assert set(release.rests_on.values_list("requirement", flat=True)) == {"answers-right", "system-card", "go-live"}


@pytest.mark.parametrize("who", ["engineer", "writer", "approver"])
def test_a_sign_off_needs_the_role_that_the_standard_names(cast: Cast, who: str) -> None:
    with pytest.raises(Refused) as caught:
        cast.sign_off(getattr(cast, who))
    assert caught.value.action in {"statement.sign_refused", ""}
    assert cast.release.verdict == "hold"


def test_a_document_must_be_there(cast: Cast) -> None:
    with pytest.raises(InputError, match="shown by a document"):
        cast.sign_off(cast.writer, requirement="system-card")


def test_a_measurement_is_not_signed(cast: Cast) -> None:
    with pytest.raises(InputError, match="which nobody signs"):
        cast.sign_off(requirement="answers-right")


@pytest.mark.parametrize("owner", ["accountable name", "accountable mail", "linked", "pusher"])
def test_the_owner_does_not_sign_off_their_own_system_under_any_name(cast: Cast, owner: str) -> None:
    system = cast.release.system
    person = cast.people.person("risk-lead", name="OLGA owner" if owner == "accountable name" else "")
    if owner == "accountable mail":
        system.accountable = person.email.upper()
    if owner == "linked":
        system.owner = person
    if owner == "pusher":
        cast.release.__class__.objects.filter(pk=cast.release_pk).update(pushed_by=person)
    system.save()
    with pytest.raises(Refused, match="own request"):
        cast.sign_off(person)


def test_a_decision_from_request_to_approval(cast: Cast) -> None:
    cast.settle()
    request = cast.ask("prod", "staging")
    assert cast.release.state == "in review"
    assert cast.release.system.governance == "awaiting decision"
    assert Notice.objects.filter(user=cast.approver, event="decision.requested").count() == 1
    cast.sign(request)
    request.refresh_from_db()
    assert request.state == RequestState.APPROVED
    assert cast.release.state == "approved"
    assert cast.release.system.governance == "cleared"
    assert actions()[-2:] == ["decision.signed", "decision.approved"]
    assert Notice.objects.filter(user=cast.engineer, event="decision.approved").count() == 1


def test_nobody_signs_their_own_request(cast: Cast) -> None:
    cast.settle()
    Grant.objects.create(role=Role.objects.get(slug="responsible-ai"), user=cast.engineer)
    request = cast.ask()
    with pytest.raises(Refused, match="own request") as caught:
        cast.sign(request, cast.engineer)
    assert caught.value.action == "decision.sign_refused"


def test_nobody_lends_their_role_to_have_their_own_request_signed(cast: Cast) -> None:
    cast.settle()
    Grant.objects.create(role=Role.objects.get(slug="responsible-ai"), user=cast.engineer)
    friend, now = cast.people.person("viewer"), timezone.now()
    Delegation.objects.create(
        giver=cast.engineer,
        receiver=friend,
        role=Role.objects.get(slug="responsible-ai"),
        starts=now - timedelta(hours=1),
        ends=now + timedelta(days=1),
        reason="away",
    )
    request = cast.ask()
    with pytest.raises(Refused, match="own request"):
        cast.sign(request, friend)


def test_somebody_stands_in_for_an_approver_until_the_day_ends(cast: Cast) -> None:
    cast.settle()
    deputy, now = cast.people.person("viewer", name="Dee Deputy"), timezone.now()
    lent = Delegation.objects.create(
        giver=cast.approver,
        receiver=deputy,
        role=Role.objects.get(slug="responsible-ai"),
        starts=now - timedelta(hours=2),
        ends=now - timedelta(hours=1),
        reason="away",
    )
    request = cast.ask()
    with pytest.raises(Refused):
        cast.sign(request, deputy)
    lent.ends = now + timedelta(hours=1)
    lent.save()
    row = cast.sign(request, deputy)
    assert row.on_behalf_of == cast.approver
    request.refresh_from_db()
    assert request.state == RequestState.APPROVED


def test_a_token_signs_nothing(cast: Cast) -> None:
    cast.settle()
    request = cast.ask()
    token = token_of(f"Bearer {cast.people.token(cast.approver)}")
    assert token is not None
    by_token = actor_of_token(token, Door.API)
    with pytest.raises(Refused, match="a token signs nothing"):
        sign_decision(by_token, request.pk, Decided(Choice.APPROVE, "Yes.", cast.release.shown_digest))
    assert not Signature.objects.exists()


def test_what_is_no_longer_shown_is_not_signed(cast: Cast) -> None:
    cast.settle()
    old = cast.release.shown_digest
    request = cast.ask()
    cast.show_something_else()
    assert cast.release.shown_digest != old
    request.refresh_from_db()
    assert (request.round, request.shown_digest) == (2, cast.release.shown_digest)
    with pytest.raises(Stale) as caught:
        cast.sign(request, shown=old)
    assert caught.value.action == "decision.stale_refused"
    cast.sign(request)


def test_a_request_about_what_is_no_longer_shown_is_refused(cast: Cast) -> None:
    old = cast.release.shown_digest
    cast.settle()
    from roadworthy.server.decisions.requests import request_decision

    with pytest.raises(Stale):
        request_decision(actor(cast.engineer), cast.release_pk, environments=["prod"], shown=old)


def test_a_held_release_is_not_approved_but_may_be_rejected(cast: Cast) -> None:
    request = cast.ask()
    for choice, conditions in ((Choice.APPROVE, ()), (Choice.APPROVE_WITH_CONDITIONS, ("Later.",))):
        with pytest.raises(Held, match="the verdict is hold"):
            cast.sign(request, choice=choice, conditions=conditions)
    cast.sign(request, choice=Choice.REJECT)
    request.refresh_from_db()
    assert request.state == RequestState.REJECTED
    assert cast.release.system.governance == "held"


def test_one_person_takes_one_seat(cast: Cast) -> None:
    AuthorityRule.objects.filter(action="release").update(quorum=2)
    cast.settle()
    request = cast.ask()
    cast.sign(request)
    with pytest.raises(Replayed):
        cast.sign(request)
    request.refresh_from_db()
    assert request.state == RequestState.OPEN
    cast.sign(request, cast.people.person("responsible-ai"))
    request.refresh_from_db()
    assert request.state == RequestState.APPROVED


def test_every_rule_that_applies_asks_for_its_own_seat(cast: Cast) -> None:
    AuthorityRule.objects.create(action="release", roles=["director"], environments=["prod"])
    cast.settle()
    request = cast.ask("prod")
    cast.sign(request)
    request.refresh_from_db()
    assert request.state == RequestState.OPEN
    cast.sign(request, cast.people.person("director"))
    request.refresh_from_db()
    assert request.state == RequestState.APPROVED


def test_conditions_come_with_the_approval(cast: Cast) -> None:
    cast.settle()
    request = cast.ask()
    cast.sign(request, choice=Choice.APPROVE_WITH_CONDITIONS, conditions=("Watch it for a week.",))
    request.refresh_from_db()
    assert (request.state, request.conditions) == (RequestState.CONDITIONALLY_APPROVED, ["Watch it for a week."])
    with pytest.raises(Conflict, match="takes no signature now"):
        cast.sign(request, cast.people.person("responsible-ai"))


def test_conditions_belong_to_their_choice(cast: Cast) -> None:
    cast.settle()
    request = cast.ask()
    with pytest.raises(InputError, match="condition"):
        cast.sign(request, choice=Choice.APPROVE_WITH_CONDITIONS)


@pytest.mark.parametrize("reason", ["", "   \n "])
def test_a_reason_is_mandatory(cast: Cast, reason: str) -> None:
    cast.settle()
    request = cast.ask()
    with pytest.raises(InputError, match="reason is missing"):
        cast.sign(request, reason=reason)


def test_changes_asked_for_begin_a_new_round(cast: Cast) -> None:
    cast.settle()
    request = cast.ask()
    cast.sign(request, choice=Choice.REQUEST_CHANGES)
    request.refresh_from_db()
    assert request.state == RequestState.CHANGES_REQUESTED
    with pytest.raises(Conflict):
        cast.sign(request, cast.people.person("responsible-ai"))
    ask_again(actor(cast.engineer), request.pk, shown=cast.release.shown_digest, note="Mended.")
    request.refresh_from_db()
    assert (request.state, request.round) == (RequestState.OPEN, 2)
    cast.sign(request)
    request.refresh_from_db()
    assert request.state == RequestState.APPROVED


def test_what_is_withdrawn_is_not_signed(cast: Cast) -> None:
    cast.settle()
    request = cast.ask()
    withdraw_request(actor(cast.engineer), request.pk, reason="Not now.")
    assert cast.release.state == "received"
    with pytest.raises(Conflict):
        cast.sign(request)
    again = cast.ask()
    assert again.pk != request.pk


def test_one_release_has_one_open_request(cast: Cast) -> None:
    cast.settle()
    cast.ask()
    with pytest.raises(Conflict, match="asked for already"):
        cast.ask("staging")
    assert DecisionRequest.objects.count() == 1


def test_recommendation_and_decision_are_two_things(cast: Cast) -> None:
    cast.settle()
    request = cast.ask()
    recommend(actor(cast.approver), request.pk, text="Ship it.")
    request.refresh_from_db()
    assert (request.recommendation, request.state) == ("Ship it.", RequestState.OPEN)
    with pytest.raises(Refused) as caught:
        recommend(actor(cast.lead), request.pk, text="Do not.")
    assert caught.value.action == "decision.recommend_refused"


def test_a_role_that_reaches_another_system_does_not_sign_here(cast: Cast) -> None:
    cast.settle()
    elsewhere = cast.people.person("responsible-ai", system_id=cast.release.system_id + 1)
    request = cast.ask()
    from roadworthy.server.access.refusals import Missing

    with pytest.raises(Missing):
        cast.sign(request, elsewhere)
    partly = cast.people.person("viewer")
    Grant.objects.create(
        role=Role.objects.get(slug="responsible-ai"), user=partly, system_id=cast.release.system_id + 1
    )
    with pytest.raises(Refused):
        cast.sign(request, partly)


def test_a_rule_that_is_gone_leaves_nobody_who_may_approve(cast: Cast) -> None:
    cast.settle()
    request = cast.ask()
    AuthorityRule.objects.all().delete()
    with pytest.raises(Refused):
        cast.sign(request)
    withdraw_request(actor(cast.engineer), request.pk, reason="x")
    with pytest.raises(Conflict, match="no rule of authority"):
        cast.ask()
