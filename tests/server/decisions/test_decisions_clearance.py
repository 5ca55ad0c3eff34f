"""May this ship? Yes only when everything is shown; every other case refuses, and says why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from decided_releases import Cast, actor
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from server_people import People

from roadworthy.decide.signature import Choice
from roadworthy.server.access.permissions import Permission
from roadworthy.server.decisions import api_clearance, clearing, verdicts
from roadworthy.server.decisions.models import DecisionRequest, RequestState
from roadworthy.server.decisions.reopening import vendor_changed
from roadworthy.server.decisions.requests import withdraw_request
from roadworthy.server.releases.models import Release
from roadworthy.server.standards.models import StandardVersion


def ask(cast: Cast, **query: Any) -> dict[str, Any]:
    """Ask as a pipeline does, with a token that may do nothing else."""
    secret = cast.people.token(cast.engineer, Permission.CLEARANCE_READ)
    query = {"fingerprint": cast.release.fingerprint, "environment": "prod", **query}
    answer = Client().get("/api/v1/clearance", query, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200, answer.content
    told: dict[str, Any] = answer.json()
    assert told["cleared"] is (not told["reasons"])
    return told


def refused(cast: Cast, check: str, **query: Any) -> str:
    """Ask, and return the one reason of a kind that the answer must hold."""
    told = ask(cast, **query)
    assert told["cleared"] is False
    found = [one["reason"] for one in told["reasons"] if one["check"] == check]
    assert len(found) == 1, told["reasons"]
    return found[0]


def test_what_is_approved_is_cleared(cast: Cast) -> None:
    cast.approved("prod", "staging")
    told = ask(cast)
    assert told["cleared"] is True
    assert (told["verdict"], told["decision"], told["system"]) == ("ship", "approved", "order-helper")
    assert told["valid_until"]
    assert ask(cast, environment="staging", system="order-helper")["cleared"] is True


def test_conditions_go_with_it(cast: Cast) -> None:
    cast.settle()
    cast.sign(cast.ask(), choice=Choice.APPROVE_WITH_CONDITIONS, conditions=("Watch it.",))
    assert ask(cast)["conditions"] == ["Watch it."]


def test_another_environment_is_not_covered(cast: Cast) -> None:
    cast.approved("staging")
    assert "approved for staging, not for prod" in refused(cast, "environment")


def test_an_unknown_fingerprint(cast: Cast) -> None:
    cast.approved()
    assert "No release" in refused(cast, "known", fingerprint="0" * 64)
    assert "No release" in refused(cast, "known", system="another")


def test_nobody_was_asked(cast: Cast) -> None:
    cast.settle()
    assert "Nobody has been asked" in refused(cast, "decision")


def _open(cast: Cast) -> str:
    cast.settle()
    cast.ask()
    return "missing: 1 of responsible-ai"


def _rejected(cast: Cast) -> str:
    cast.settle()
    cast.sign(cast.ask(), choice=Choice.REJECT)
    return "rejected"


def _changes(cast: Cast) -> str:
    cast.settle()
    cast.sign(cast.ask(), choice=Choice.REQUEST_CHANGES)
    return "changes requested"


def _withdrawn(cast: Cast) -> str:
    cast.settle()
    withdraw_request(actor(cast.engineer), cast.ask().pk, reason="x")
    return "Nobody has been asked"


def _reopened(cast: Cast) -> str:
    cast.approved()
    cast.show_something_else()
    return "open"


@pytest.mark.parametrize("case", [_open, _rejected, _changes, _withdrawn, _reopened])
def test_no_decision_that_approves(cast: Cast, case: Callable[[Cast], str]) -> None:
    assert case(cast) in refused(cast, "decision")


def test_evidence_has_ended_though_no_job_ran(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.approved()
    until = cast.release.valid_until
    assert until is not None
    monkeypatch.setattr(clearing, "present", lambda: until - timedelta(seconds=1))
    assert ask(cast)["cleared"] is True
    monkeypatch.setattr(clearing, "present", lambda: until)
    assert "held until" in refused(cast, "validity")


def test_a_vendor_changed_something(cast: Cast) -> None:
    cast.approved()
    vendor_changed(actor(cast.approver), "self-hosted", "New weights.")
    assert "New weights." in refused(cast, "stale")


@pytest.mark.parametrize("how", ["refused", "ended"])
def test_the_standard_is_accepted_no_longer_though_no_job_ran(cast: Cast, how: str) -> None:
    cast.approved()
    old = StandardVersion.objects.get(pk=cast.release.standard_id)
    changes = {"accepted": False} if how == "refused" else {"accepted_until": timezone.now()}
    StandardVersion.objects.filter(pk=old.pk).update(in_force=False, **changes)
    old.pk, old.version, old.digest, old.in_force = None, "2", "f" * 64, True
    old.save(force_insert=True)
    assert "not in force" in refused(cast, "standard")


def test_the_standard_in_its_days_of_grace_still_counts(cast: Cast) -> None:
    cast.approved()
    StandardVersion.objects.filter(pk=cast.release.standard_id).update(
        in_force=False, accepted_until=timezone.now() + timedelta(days=1)
    )
    assert ask(cast)["cleared"] is True


def test_a_held_release_is_refused_even_if_a_row_says_approved(cast: Cast) -> None:
    request = cast.ask()
    DecisionRequest.objects.filter(pk=request.pk).update(state=RequestState.APPROVED, decided_at=timezone.now())
    assert "hold" in refused(cast, "verdict")


def test_an_approval_of_something_else_is_refused_even_if_a_row_says_approved(cast: Cast) -> None:
    request = cast.approved()
    DecisionRequest.objects.filter(pk=request.pk).update(shown_digest="e" * 64)
    assert "what is shown now" in refused(cast, "digest")


def test_a_newer_release_of_the_same_fingerprint_decides(cast: Cast) -> None:
    cast.approved()
    assert ask(cast)["cleared"] is True
    first = cast.release.fingerprint
    cast.push(minutes=30, release="1.1")
    assert cast.release.fingerprint == first
    told = ask(cast)
    assert (told["cleared"], told["name"]) == (False, "1.1")


def test_two_systems_with_one_fingerprint(cast: Cast) -> None:
    cast.approved()
    cast.push(minutes=30, system="other-helper")
    assert "Several systems" in refused(cast, "known")
    assert ask(cast, system="order-helper")["cleared"] is True


def test_a_token_for_one_system_knows_of_no_other(cast: Cast) -> None:
    cast.approved()
    first = cast.release
    other = cast.push(minutes=30, system="other-helper", prompts=[{"id": "system", "text": "Answer at length."}])
    secret = cast.people.token(cast.engineer, Permission.CLEARANCE_READ, system=other.system_id)
    query = {"fingerprint": first.fingerprint, "environment": "prod"}
    told = Client().get("/api/v1/clearance", query, headers={"Authorization": f"Bearer {secret}"}).json()
    assert (told["cleared"], told["release"], told["reasons"][0]["check"]) == (False, None, "known")


def test_the_narrow_token_opens_nothing_else(cast: Cast) -> None:
    secret = cast.people.token(cast.engineer, Permission.CLEARANCE_READ)
    headers = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/decisions", headers=headers).status_code == 403
    assert Client().get("/api/v1/clearance", {"fingerprint": "0" * 64, "environment": "prod"}).status_code == 401


def test_a_verdict_that_was_altered_where_it_is_kept_is_no_clearance(cast: Cast, server_data: Any) -> None:
    cast.approved()
    digest = cast.release.verdict_blob_id
    path = next((server_data / "evidence").rglob(digest))
    path.chmod(0o600)
    path.write_bytes(path.read_bytes().replace(b"hold", b"ship") + b" ")
    verdicts._read.cache_clear()
    assert "altered" in refused(cast, "verdict")
    path.unlink()
    assert "cannot be read" in refused(cast, "verdict")


def test_trouble_inside_is_no_clearance(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cast.approved()

    def fail(*_: Any, **__: Any) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(api_clearance, "may_ship", fail)
    secret = cast.people.token(cast.engineer, Permission.CLEARANCE_READ)
    query = {"fingerprint": cast.release.fingerprint, "environment": "prod"}
    answer = Client().get("/api/v1/clearance", query, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert "no clearance" in answer.json()["detail"]


def test_it_asks_the_database_a_bounded_number_of_times(
    cast: Cast, people: People, django_assert_max_num_queries: Any
) -> None:
    cast.approved()
    secret = people.token(cast.engineer, Permission.CLEARANCE_READ)
    query = {"fingerprint": cast.release.fingerprint, "environment": "prod"}
    headers = {"Authorization": f"Bearer {secret}"}
    Client().get("/api/v1/clearance", query, headers=headers)
    with django_assert_max_num_queries(8):
        assert Client().get("/api/v1/clearance", query, headers=headers).json()["cleared"]
    assert Release.objects.count() == 1
