"""Exceptions: asked for, decided by a role of the standard, sealed, ended; and a bundle that others can verify."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from decided_releases import Cast, actions, actor
from django.utils import timezone

from roadworthy.cli.main import run
from roadworthy.core.errors import InputError
from roadworthy.decide.outcome import Status
from roadworthy.server.access.actor import Door
from roadworthy.server.access.refusals import Changed, Conflict, Refused
from roadworthy.server.accounts.reach import actor_of_token
from roadworthy.server.accounts.tokens import token_of
from roadworthy.server.decisions.exceptions import decide_exception, withdraw_exception
from roadworthy.server.decisions.models import AuthorityRule, ExceptionState, RequestState
from roadworthy.server.decisions.tasks import expire_exceptions
from roadworthy.server.decisions.verdicts import verdict_of
from roadworthy.server.evidence.files import opened
from roadworthy.server.secrets import server_signer


@pytest.fixture(autouse=True)
def _rule(cast: Cast) -> None:
    """Let the risk lead, whom the small standard names, decide exceptions at its tier by the server's rules, too."""
    AuthorityRule.objects.filter(action="exception").delete()
    AuthorityRule.objects.create(action="exception", roles=["risk-lead"])


def decide(cast: Cast, row, person=None, *, approve=True):
    return decide_exception(actor(person or cast.lead), row.pk, approve=approve, reason="The control holds.")


def status(cast: Cast, requirement: str = "go-live") -> Status:
    return next(one.status for one in verdict_of(cast.release).outcomes if one.requirement == requirement)


def test_an_approved_exception_waives_until_it_ends(cast: Cast) -> None:
    cast.document()
    row = cast.exception()
    assert status(cast) is Status.NOT_SHOWN
    decide(cast, row)
    release = cast.release
    assert status(cast) is Status.WAIVED
    assert (release.verdict, release.waived) == ("ship with conditions", 1)
    assert release.valid_until == row.until.replace(microsecond=0)
    request = cast.ask()
    cast.sign(request)
    request.refresh_from_db()
    assert request.state == RequestState.APPROVED
    assert expire_exceptions(row.until - timedelta(seconds=1)) == 0
    assert expire_exceptions(row.until) == 1
    row.refresh_from_db()
    request.refresh_from_db()
    assert row.state == ExceptionState.EXPIRED
    assert (cast.release.verdict, status(cast)) == ("hold", Status.NOT_SHOWN)
    assert request.state == RequestState.REOPENED
    assert "expired" in request.reopened_reason
    assert cast.release.system.governance == "reopened"
    assert {"exception.expired", "decision.reopened", "release.judged"} <= set(actions())
    assert expire_exceptions(row.until) == 0, "it ends once"


def test_a_withdrawn_exception_blocks_again(cast: Cast) -> None:
    cast.document()
    row = cast.exception()
    decide(cast, row)
    with pytest.raises(InputError, match="reason is missing"):
        withdraw_exception(actor(cast.lead), row.pk, reason=" ")
    withdraw_exception(actor(cast.lead), row.pk, reason="It was wrong.")
    assert (cast.release.verdict, status(cast)) == ("hold", Status.NOT_SHOWN)


@pytest.mark.parametrize("who", ["requester", "owner", "without the role", "token"])
def test_who_may_not_decide(cast: Cast, who: str) -> None:
    person = cast.people.person("risk-lead", "engineer")
    row = cast.exception(person if who == "requester" else None)
    if who == "owner":
        cast.release.system.__class__.objects.update(owner=person)
    if who == "without the role":
        person = cast.approver
    decider = actor(person)
    if who == "token":
        token = token_of(f"Bearer {cast.people.token(person)}")
        assert token
        decider = actor_of_token(token, Door.API)
    with pytest.raises(Refused) as caught:
        decide_exception(decider, row.pk, approve=True, reason="Yes.")
    assert caught.value.action == "exception.decide_refused"
    row.refresh_from_db()
    assert row.state == ExceptionState.REQUESTED


def test_a_role_that_the_rules_name_but_not_the_standard_does_not_decide(cast: Cast) -> None:
    AuthorityRule.objects.filter(action="exception").update(roles=["risk-lead", "writer"])
    row = cast.exception()
    with pytest.raises(Refused):
        decide(cast, row, cast.writer)


def test_a_rejected_exception_waives_nothing(cast: Cast) -> None:
    row = cast.exception()
    decide(cast, row, approve=False)
    assert status(cast) is Status.NOT_SHOWN
    with pytest.raises(Conflict):
        decide(cast, row)


def test_two_who_saw_the_same_revision_do_not_both_decide(cast: Cast) -> None:
    row = cast.exception()
    with pytest.raises(Changed):
        decide_exception(actor(cast.lead), row.pk, approve=True, reason="Yes.", revision=row.revision + 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"requirement": "no-such"}, "no requirement"),
        ({"category": "whim"}, "is no category"),
        ({"reason": " "}, "reason is missing"),
        ({"compensating_control": ""}, "compensating control is missing"),
        ({"until": timezone.now() - timedelta(days=1)}, "within a year"),
        ({"until": timezone.now() + timedelta(days=400)}, "within a year"),
        ({"scope": "world"}, "is no scope"),
    ],
)
def test_what_an_exception_must_say(cast: Cast, changes: dict[str, object], words: str) -> None:
    with pytest.raises(InputError, match=words):
        cast.exception(**changes)


def test_it_is_asked_for_once(cast: Cast) -> None:
    cast.exception()
    with pytest.raises(Conflict, match="already"):
        cast.exception()


def test_one_for_the_system_covers_the_next_release_and_one_for_the_release_does_not(
    cast: Cast, django_capture_on_commit_callbacks
) -> None:
    for row in (cast.exception(scope="system"), cast.exception(requirement="system-card")):
        decide(cast, row)
    with django_capture_on_commit_callbacks(execute=True):
        cast.push(minutes=30, release="1.1")
    assert status(cast, "go-live") is Status.WAIVED
    assert status(cast, "system-card") is Status.NOT_SHOWN


def test_the_resealed_bundle_verifies_with_the_key_of_the_server_alone(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cast.document()
    decide(cast, cast.exception())
    release = cast.release
    path = tmp_path / "downloaded.zip"
    with opened(release.resealed_id) as kept:
        path.write_bytes(kept.read_bytes())
    monkeypatch.setenv("ROADWORTHY_HOME", str(tmp_path / "auditor"))
    key = server_signer().key_id
    code = run(["verify", str(path), "--trust", key])
    said = " ".join(capsys.readouterr().out.split())
    assert code == 0, said
    assert "byte for byte the same: ship with conditions" in said
    assert "Verified" in said
    assert run(["verify", str(path)]) == 3, "nobody else's key is trusted"
    broken = bytearray(path.read_bytes())
    broken[len(broken) // 2] ^= 1
    path.write_bytes(bytes(broken))
    assert run(["verify", str(path), "--trust", key]) == 1
