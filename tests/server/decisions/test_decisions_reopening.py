"""What makes a verdict stale and reopens decisions, and what leaves them alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from decided_releases import Cast, actions, actor
from django.utils import timezone

from roadworthy.server.access.refusals import Conflict, Refused
from roadworthy.server.accounts.models import Grant, User
from roadworthy.server.decisions.models import AuthorityRule, RequestState, Signature
from roadworthy.server.decisions.refusals import Stale
from roadworthy.server.decisions.reopening import vendor_changed
from roadworthy.server.decisions.requests import ask_again
from roadworthy.server.decisions.tasks import JOB, reopen_due
from roadworthy.server.jobs.models import Notice, Schedule
from roadworthy.server.releases.models import Release
from roadworthy.server.releases.provenance import graph_of
from roadworthy.server.releases.shipping import ship, withdraw
from roadworthy.server.standards.models import StandardVersion


def state(request) -> str:
    request.refresh_from_db()
    return str(request.state)


def test_a_newer_release_reopens_what_was_approved_and_not_shipped(cast: Cast) -> None:
    request = cast.approved()
    first = cast.release
    cast.push(minutes=30, release="1.1")
    first.refresh_from_db()
    assert state(request) == RequestState.REOPENED
    assert first.stale == "Release 1.1 took its place."
    assert first.state == "reopened"
    assert Notice.objects.filter(user=cast.approver, event="decision.reopened").exists()
    assert {"decision.reopened", "release.gone_stale"} <= set(actions())
    with pytest.raises(Conflict):
        ask_again(actor(cast.engineer), request.pk, shown=first.shown_digest)


def test_a_newer_release_withdraws_what_was_only_asked(cast: Cast) -> None:
    cast.settle()
    request = cast.ask()
    cast.push(minutes=30, release="1.1")
    assert state(request) == RequestState.WITHDRAWN


def test_what_has_shipped_stays_approved_so_that_one_can_roll_back(cast: Cast) -> None:
    request = cast.approved()
    first = cast.release_pk
    Release.objects.filter(pk=first).update(shipped_at=timezone.now(), state="shipped", environments=["prod"])
    cast.push(minutes=30, release="1.1")
    assert state(request) == RequestState.APPROVED
    assert Release.objects.get(pk=first).stale == ""


def test_a_changed_declaration_reopens(cast: Cast) -> None:
    from roadworthy.server.systems.declaration import declared
    from roadworthy.server.systems.services import save_version

    request = cast.approved()
    now = declared(cast.release.version)
    save_version(actor(cast.engineer), now.model_copy(update={"regions": ["US"]}), source="page")
    assert state(request) == RequestState.REOPENED
    assert "declaration was changed" in cast.release.stale
    assert cast.release.system.governance == "reopened"


def test_evidence_that_ends_reopens(cast: Cast) -> None:
    request = cast.approved()
    until = cast.release.valid_until
    assert until is not None
    reopen_due(until - timedelta(seconds=1))
    assert state(request) == RequestState.APPROVED
    said = reopen_due(until)
    assert "1 judged anew" in said
    assert state(request) == RequestState.REOPENED
    assert cast.release.verdict == "hold"
    assert "0 judged anew" in reopen_due(until), "once"


def test_a_standard_that_is_accepted_no_longer_reopens(cast: Cast) -> None:
    request = cast.approved()
    StandardVersion.objects.filter(pk=cast.release.standard_id).update(in_force=False, accepted=False)
    assert "1 by old standards" in reopen_due(timezone.now())
    assert state(request) == RequestState.REOPENED
    assert "accepted no longer" in cast.release.stale


def test_a_standard_that_is_still_accepted_changes_nothing(cast: Cast) -> None:
    request = cast.approved()
    StandardVersion.objects.filter(pk=cast.release.standard_id).update(in_force=False)
    reopen_due(timezone.now())
    assert state(request) == RequestState.APPROVED


@pytest.mark.parametrize(
    ("vendor", "model", "hit"),
    [("self-hosted", "", 1), ("SELF-HOSTED", "small-1", 1), ("self-hosted", "large", 0), ("acme", "", 0)],
)
def test_a_vendor_that_changes_something_makes_stale_what_uses_it(
    cast: Cast, vendor: str, model: str, hit: int
) -> None:
    request = cast.approved()
    report = vendor_changed(actor(cast.approver), vendor, "It answers differently since Monday.", model)
    assert report.releases == hit
    assert state(request) == (RequestState.REOPENED if hit else RequestState.APPROVED)
    if hit:
        with pytest.raises(Conflict, match="no longer counts"):
            cast.sign_off()
        with pytest.raises(Refused):
            vendor_changed(actor(cast.engineer), vendor, "x")


def test_who_loses_the_role_leaves_a_free_seat_in_what_is_open(cast: Cast) -> None:
    AuthorityRule.objects.filter(action="release").update(quorum=2)
    cast.settle()
    request = cast.ask()
    cast.sign(request)
    Grant.objects.filter(user=cast.approver).delete()
    assert "1 lost" in reopen_due(timezone.now())
    assert Signature.objects.exclude(void="").count() == 1
    other, third = cast.people.person("responsible-ai"), cast.people.person("responsible-ai")
    cast.sign(request, other)
    assert state(request) == RequestState.OPEN
    cast.sign(request, third)
    assert state(request) == RequestState.APPROVED


def test_who_leaves_reopens_what_is_approved_but_not_shipped(cast: Cast) -> None:
    request = cast.approved()
    User.objects.filter(pk=cast.approver.pk).update(is_active=False)
    reopen_due(timezone.now())
    assert state(request) == RequestState.REOPENED
    assert "has lost the role" in request.reopened_reason


def test_who_leaves_does_not_undo_what_has_shipped(cast: Cast) -> None:
    request = cast.approved()
    Release.objects.filter(pk=cast.release_pk).update(shipped_at=timezone.now())
    User.objects.filter(pk=cast.approver.pk).update(is_active=False)
    reopen_due(timezone.now())
    assert state(request) == RequestState.APPROVED


def test_people_are_told_once_when_nobody_is_left_who_may_sign(cast: Cast) -> None:
    cast.settle()
    request = cast.ask()
    Grant.objects.filter(user=cast.approver).delete()
    reopen_due(timezone.now())
    reopen_due(timezone.now())
    assert actions().count("decision.blocked") == 1
    assert state(request) == RequestState.OPEN


def test_rules_that_ask_for_less_decide_what_waits(cast: Cast) -> None:
    AuthorityRule.objects.filter(action="release").update(quorum=2)
    cast.settle()
    request = cast.ask()
    cast.sign(request)
    AuthorityRule.objects.filter(action="release").update(quorum=1)
    reopen_due(timezone.now())
    assert state(request) == RequestState.APPROVED


def test_changes_elsewhere_have_the_job_run_soon(cast: Cast) -> None:
    from roadworthy.server.decisions.rule_changes import RuleTerms, add_rule

    later = timezone.now() + timedelta(hours=1)
    Schedule.objects.create(name=JOB, next_at=later)
    add_rule(actor(cast.people.person("administrator")), RuleTerms("release", ["director"], ["high"]))
    assert Schedule.objects.get(name=JOB).next_at < later


def test_what_is_judged_again_with_the_same_outcome_stays_approved(cast: Cast) -> None:
    from roadworthy.server.decisions.judging import ask_judgement

    request = cast.approved()
    ask_judgement(actor(cast.engineer), cast.release_pk)
    assert state(request) == RequestState.APPROVED


def test_a_new_signature_reopens_what_was_approved_about_something_else(cast: Cast) -> None:
    request = cast.approved()
    cast.show_something_else()
    assert state(request) == RequestState.REOPENED
    ask_again(actor(cast.engineer), request.pk, shown=cast.release.shown_digest)
    cast.sign(request)
    assert state(request) == RequestState.APPROVED


def test_nothing_is_signed_on_a_release_whose_place_was_taken(cast: Cast) -> None:
    first = cast.release_pk
    cast.push(minutes=30, release="1.1")
    cast.release_pk = first
    with pytest.raises((Conflict, Stale)):
        cast.sign_off()


def test_what_is_not_cleared_is_not_recorded_as_shipped(cast: Cast) -> None:
    cast.settle()
    request = cast.ask("prod")
    with pytest.raises(Refused, match="not cleared for prod") as caught:
        ship(actor(cast.engineer), cast.release_pk, environments=["prod"])
    assert caught.value.action == "release.ship_refused"
    cast.sign(request)
    ship(actor(cast.engineer), cast.release_pk, environments=["prod"])
    with pytest.raises(Refused, match="not cleared for staging"):
        ship(actor(cast.engineer), cast.release_pk, environments=["staging"])
    assert cast.release.state == "shipped"


def test_a_withdrawn_release_reopens_what_was_decided_about_it(cast: Cast) -> None:
    request = cast.approved()
    withdraw(actor(cast.engineer), cast.release_pk, reason="A fault was found.")
    assert state(request) == RequestState.REOPENED
    assert cast.release.state == "withdrawn"


def test_the_graph_of_a_release_leads_on_to_its_decision(cast: Cast) -> None:
    request = cast.approved()
    graph = graph_of(cast.release)
    node = next(one for one in graph.nodes if one.id == f"request:{request.pk}")
    assert node.url == f"/decisions/{request.pk}/"
    assert any(edge.to == node.id for edge in graph.edges)
