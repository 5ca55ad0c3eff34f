"""Two people at the same moment: no update is lost, and nothing takes effect twice. SQLite waits, PostgreSQL locks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from decided_releases import Cast, actor
from django.db import connection, connections

from roadworthy.core.errors import RoadworthyError
from roadworthy.decide.signature import Choice
from roadworthy.server.access.actor import server_actor
from roadworthy.server.audit.models import Entry
from roadworthy.server.audit.verification import verify_trail
from roadworthy.server.decisions.exceptions import decide_exception, expire_exception, withdraw_exception
from roadworthy.server.decisions.models import (
    AuthorityRule,
    DecisionRequest,
    ExceptionRequest,
    ExceptionState,
    RequestState,
    Signature,
)
from roadworthy.server.decisions.requests import request_decision, withdraw_request
from roadworthy.server.releases.models import Release

APPROVERS, ROUNDS = (100, 20) if connection.vendor == "postgresql" else (4, 4)
"""Of two approvers (twice, 200 on PostgreSQL), and of each other race."""
pytestmark = pytest.mark.stress


def together(*acts: Callable[[], Any]) -> list[Any]:
    """Do things at the same moment, each in a thread of its own; return what each gave or raised."""
    gate, results = threading.Barrier(len(acts)), [None] * len(acts)

    def one(place: int, act: Callable[[], Any]) -> None:
        try:
            gate.wait(10)
            results[place] = act()
        except RoadworthyError as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)
    return results


def count(action: str, subject: object) -> int:
    return Entry.objects.filter(action=action, subject=str(subject)).count()


def fresh(cast: Cast) -> DecisionRequest:
    """Ask anew, after what was asked before is out of the way."""
    DecisionRequest.objects.filter(release=cast.release_pk).update(state=RequestState.WITHDRAWN)
    Release.objects.filter(pk=cast.release_pk).update(state="received")
    return cast.ask()


@pytest.fixture
def ready(transactional_cast: Cast) -> Cast:
    transactional_cast.settle()
    return transactional_cast


def _whole_trail() -> None:
    assert verify_trail().whole


@pytest.mark.parametrize("quorum", [1, 2])
def test_two_approvers(ready: Cast, quorum: int) -> None:
    AuthorityRule.objects.filter(action="release").update(quorum=quorum)
    other = ready.people.person("responsible-ai")
    for _ in range(APPROVERS):
        request = fresh(ready)
        results = together(lambda r=request: ready.sign(r), lambda r=request: ready.sign(r, other))
        signed = [one for one in results if isinstance(one, Signature)]
        request.refresh_from_db()
        assert len(signed) == quorum, results
        assert request.signatures.count() == quorum
        assert request.state == RequestState.APPROVED
        assert count("decision.approved", request.pk) == 1
        assert count("decision.signed", request.pk) == quorum
        assert request.revision == 1 + quorum
    _whole_trail()


def test_approver_against_judging_again(ready: Cast) -> None:
    people = [ready.writer, ready.lead]
    for turn in range(ROUNDS):
        request = fresh(ready)
        before = ready.release.shown_digest
        results = together(
            lambda r=request, shown=before: ready.sign(r, shown=shown), lambda who=people[turn % 2]: ready.document(who)
        )
        request.refresh_from_db()
        release = ready.release
        changed = release.shown_digest != before
        if isinstance(results[0], Signature) and changed:  # signed first, then something else was shown
            assert request.state == RequestState.REOPENED
        elif changed:  # something else was shown first, so that the signature was refused
            assert (request.state, request.round) == (RequestState.OPEN, 2)
            assert not request.signatures.exists()
        assert request.state != RequestState.APPROVED or request.shown_digest == release.shown_digest
    _whole_trail()


def test_two_who_decide_one_exception(ready: Cast) -> None:
    AuthorityRule.objects.filter(action="exception").delete()
    AuthorityRule.objects.create(action="exception", roles=["risk-lead"])
    other = ready.people.person("risk-lead")
    for turn in range(ROUNDS):
        row = ready.exception(requirement="owned", reason=f"Turn {turn}.")
        results = together(
            lambda r=row: decide_exception(actor(ready.lead), r.pk, approve=True, reason="Yes."),
            lambda r=row: decide_exception(actor(other), r.pk, approve=False, reason="No."),
        )
        decided = [one for one in results if isinstance(one, ExceptionRequest)]
        row.refresh_from_db()
        assert len(decided) == 1, results
        assert count("exception.approved", row.pk) + count("exception.rejected", row.pk) == 1
        assert (row.record_id is not None) is (row.state == ExceptionState.APPROVED)
        if row.state == ExceptionState.APPROVED:
            end = row.until + timedelta(seconds=1)
            ended = together(
                lambda r=row, at=end: expire_exception(_server(), r.pk, at),
                lambda r=row: withdraw_exception(actor(ready.lead), r.pk, reason="Wrong."),
            )
            row.refresh_from_db()
            assert count("exception.expired", row.pk) + count("exception.withdrawn", row.pk) == 1, ended
    _whole_trail()


def test_signing_against_withdrawing(ready: Cast) -> None:
    for _ in range(ROUNDS):
        request = fresh(ready)
        results = together(
            lambda r=request: ready.sign(r, choice=Choice.REJECT),
            lambda r=request: withdraw_request(actor(ready.engineer), r.pk, reason="Not now."),
        )
        request.refresh_from_db()
        signed, withdrawn = isinstance(results[0], Signature), isinstance(results[1], DecisionRequest)
        assert signed != withdrawn, results
        assert request.state == (RequestState.REJECTED if signed else RequestState.WITHDRAWN)
        assert count("decision.rejected", request.pk) + count("decision.withdrawn", request.pk) == 1
    _whole_trail()


def test_two_requests_at_once(ready: Cast) -> None:
    for _ in range(ROUNDS // 4 + 1):
        DecisionRequest.objects.update(state=RequestState.WITHDRAWN)
        shown = ready.release.shown_digest

        def ask(digest: str = shown) -> DecisionRequest:
            return request_decision(actor(ready.engineer), ready.release_pk, environments=["prod"], shown=digest)

        results = together(ask, ask)
        assert sum(isinstance(one, DecisionRequest) for one in results) == 1, results
        assert DecisionRequest.objects.filter(state=RequestState.OPEN).count() == 1


def _server() -> Any:
    return server_actor()
