"""The API: everything that the pages do, with the same refusals; envelopes that are sent again; kill -9."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from decided_releases import Cast, actions, actor
from django.db import connection
from django.test import Client
from django.urls import URLPattern, get_resolver

from roadworthy.decide.signature import Choice
from roadworthy.evidence.keys import generate_pem, load_signer
from roadworthy.server.access.doors import doors
from roadworthy.server.accounts.models import Grant, Role, User
from roadworthy.server.audit.models import Entry
from roadworthy.server.audit.verification import verify_trail
from roadworthy.server.decisions.case import case_of
from roadworthy.server.decisions.models import AuthorityRule, DecisionRequest, RequestState, Signature
from roadworthy.server.decisions.seats import seat_for
from roadworthy.server.decisions.signing import Decided, said_by
from roadworthy.server.decisions.statement import sign_statement
from roadworthy.server.releases.models import Release


class Api:
    """Asks the API in the name of a person who signed in, or with a token of theirs."""

    def __init__(self, person: User, token: str = "") -> None:
        self.client = Client()
        self.headers: dict[str, str] = {"Authorization": f"Bearer {token}"} if token else {}
        if not token:
            self.client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = None if body is None else json.dumps(body)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.generic(
            method.upper(), f"/api/v1{path}", sent or "", "application/json", headers={**self.headers, **names}
        )


def test_from_the_request_to_clearance(cast: Cast) -> None:
    cast.settle()
    asks, decides = Api(cast.engineer), Api(cast.approver)
    shown = cast.release.shown_digest
    body = {"release": cast.release_pk, "environments": ["prod"], "shown_digest": shown}
    made = asks("post", "/decisions", body)
    assert made.status_code == 201, made.content
    told = made.json()
    assert (told["state"], told["missing"]) == (
        "open",
        [{"roles": ["responsible-ai"], "seats": 1, "people": ["Ada Approver"]}],
    )
    where = f"/decisions/{told['id']}"
    assert asks("post", "/decisions", body).status_code == 409
    signed = decides("post", f"{where}/signatures", {"choice": "approve", "reason": "Yes.", "shown_digest": shown})
    assert signed.status_code == 201, signed.content
    shown_again = asks("get", where)
    assert shown_again.json()["state"] == "approved"
    assert shown_again.json()["signatures"][0]["person"] == "Ada Approver"
    assert shown_again["ETag"] == f'"r{shown_again.json()["revision"]}"'
    assert asks("get", "/decisions").json()["items"][0]["id"] == told["id"]
    assert asks("get", "/decisions?state=open").json()["items"] == []
    memo = asks("get", f"{where}/memo")
    assert memo["Content-Type"].startswith("text/markdown")
    assert "Ada Approver" in memo.content.decode()
    query = f"/clearance?fingerprint={cast.release.fingerprint}&environment=prod"
    assert asks("get", query).json()["cleared"] is True


@pytest.mark.parametrize("how", ["session", "token"])
def test_nobody_approves_their_own_request_through_the_api(cast: Cast, how: str) -> None:
    cast.settle()
    Grant.objects.create(role=Role.objects.get(slug="responsible-ai"), user=cast.engineer)
    request = cast.ask()
    own = Api(cast.engineer, cast.people.token(cast.engineer) if how == "token" else "")
    body = {"choice": "approve", "reason": "Yes.", "shown_digest": cast.release.shown_digest}
    answer = own("post", f"/decisions/{request.pk}/signatures", body)
    assert answer.status_code == 403
    assert answer["Content-Type"] == "application/problem+json"
    assert "decision.sign_refused" in actions(refused=True)
    assert not Signature.objects.exists()


def test_exceptions_statements_and_judgements(cast: Cast) -> None:
    AuthorityRule.objects.filter(action="exception").delete()
    AuthorityRule.objects.create(action="exception", roles=["risk-lead"])
    asks, decides = Api(cast.engineer), Api(cast.lead)
    until = (datetime.now(UTC) + timedelta(days=9)).isoformat()
    body = {
        "release": cast.release_pk,
        "requirement": "system-card",
        "category": "new scenario",
        "reason": "No card yet.",
        "compensating_control": "A draft.",
        "until": until,
    }
    made = asks("post", "/exceptions", body)
    assert made.status_code == 201, made.content
    where = f"/exceptions/{made.json()['id']}"
    no_match = decides("post", f"{where}/decision", {"approve": True, "reason": "Yes."})
    assert no_match.status_code == 428
    stale = decides("post", f"{where}/decision", {"approve": True, "reason": "Yes."}, If_Match='"r7"')
    assert stale.status_code == 412
    own = Api(cast.engineer)("post", f"{where}/decision", {"approve": True, "reason": "Yes."}, If_Match=made["ETag"])
    assert own.status_code == 403
    done = decides("post", f"{where}/decision", {"approve": True, "reason": "Yes."}, If_Match=made["ETag"])
    assert (done.status_code, done.json()["state"]) == (200, "approved"), done.content
    signed = decides(
        "post",
        f"/releases/{cast.release_pk}/statements",
        {"requirement": "go-live", "text": "Go.", "shown_digest": cast.release.shown_digest},
    )
    assert signed.status_code == 201, signed.content
    assert cast.release.verdict == "ship with conditions"
    listed = asks("get", f"/releases/{cast.release_pk}/statements").json()
    assert {one["kind"] for one in listed} == {"exception", "attested"}
    judged = asks("post", f"/releases/{cast.release_pk}/judgements")
    assert (judged.status_code, judged.json()["verdict"]) == (201, "ship with conditions")
    ended = asks("post", f"{where}/withdrawal", {"reason": "Card is there."}, If_Match=done["ETag"])
    assert ended.json()["state"] == "withdrawn", ended.content
    assert len(asks("get", "/exception-categories").json()) > 3
    assert [one["state"] for one in asks("get", "/exceptions").json()["items"]] == ["withdrawn"]


def test_rounds_recommendation_withdrawal(cast: Cast) -> None:
    cast.settle()
    request = cast.ask()
    asks, decides = Api(cast.engineer), Api(cast.approver)
    where, shown = f"/decisions/{request.pk}", cast.release.shown_digest
    tag = asks("get", where)["ETag"]
    assert decides("put", f"{where}/recommendation", {"text": "Ship."}, If_Match=tag).status_code == 200
    assert decides("put", f"{where}/recommendation", {"text": "Ship."}, If_Match=tag).status_code == 412
    asked = {"choice": "request changes", "reason": "Mend it.", "shown_digest": shown}
    assert decides("post", f"{where}/signatures", asked).status_code == 201
    assert asks("post", f"{where}/rounds", {"shown_digest": shown, "note": "Done."}).json()["round"] == 2
    tag = asks("get", where)["ETag"]
    assert asks("post", f"{where}/withdrawal", {"reason": "Later."}, If_Match=tag).json()["state"] == "withdrawn"


def test_authority_and_vendors(cast: Cast) -> None:
    admin = Api(cast.people.person("administrator"))
    made = admin("post", "/authority-rules", {"action": "release", "roles": ["director"], "tiers": ["high"]})
    assert made.status_code == 201, made.content
    where = f"/authority-rules/{made.json()['id']}"
    body = {"action": "exception", "roles": ["director"], "quorum": 2}
    assert admin("put", where, body, If_Match=made["ETag"]).status_code == 422, "one person decides an exception"
    changed = admin("put", where, {**body, "quorum": 1}, If_Match=made["ETag"])
    assert changed.status_code == 200
    assert admin("delete", where, If_Match=made["ETag"]).status_code == 412
    assert admin("delete", where, If_Match=changed["ETag"]).status_code == 204
    assert admin("get", where).status_code == 404
    assert Api(cast.engineer)("get", "/authority-rules").status_code == 200
    assert Api(cast.engineer)("post", "/authority-rules", body).status_code == 403
    for bad in (
        {"roles": ["viewer"]},
        {"roles": ["director"], "tiers": ["prohibited"]},
        {"roles": ["director"], "unit": "x"},
    ):
        assert admin("post", "/authority-rules", {"action": "release", **bad}).status_code == 422
    report = Api(cast.approver)("post", "/vendor-changes", {"vendor": "self-hosted", "note": "New."})
    assert (report.status_code, report.json()["releases"]) == (201, 1)
    assert len(Api(cast.approver)("get", "/vendor-changes").json()["items"]) == 1


def test_a_decision_signed_with_ones_own_key_and_sent_again(cast: Cast, tmp_path: Path) -> None:
    """The standard of the works lists a key of Rita Risk; her account may sign with it, once, for this request only."""
    AuthorityRule.objects.filter(action="release").update(roles=["risk-lead"])
    rita = cast.people.person("risk-lead", name="Rita Risk")
    Grant.objects.filter(user=rita).update(created_at=datetime.now(UTC) - timedelta(hours=1))
    cast.settle()
    request = DecisionRequest.objects.select_related("release__system").get(pk=cast.ask().pk)
    decided = Decided(Choice.REQUEST_CHANGES, "Mend it.", request.shown_digest)
    seat = seat_for(case_of(request), rita)
    said = said_by(rita, seat, decided, datetime.now(UTC).replace(microsecond=0))
    envelope, _ = sign_statement(request, said, load_signer(cast.works.example.lead))
    sends = Api(rita)
    body = {"envelope": envelope.decode()}
    stranger = tmp_path / "stranger.pem"
    stranger.write_bytes(generate_pem())
    stranger.chmod(0o600)
    forged, _ = sign_statement(request, said, load_signer(stranger))
    assert sends("post", f"/decisions/{request.pk}/envelopes", {"envelope": forged.decode()}).status_code == 403
    assert Api(cast.lead)("post", f"/decisions/{request.pk}/envelopes", body).status_code == 403, "not theirs"
    taken = sends("post", f"/decisions/{request.pk}/envelopes", body)
    assert taken.status_code == 201, taken.content
    again = sends("post", f"/decisions/{request.pk}/envelopes", body)
    assert (again.status_code, again.json()["type"].rsplit("/", 1)[1]) == (409, "replayed")
    from roadworthy.server.decisions.requests import ask_again, withdraw_request

    ask_again(actor(cast.engineer), request.pk, shown=cast.release.shown_digest)
    assert sends("post", f"/decisions/{request.pk}/envelopes", body).status_code == 409, "another round"
    withdraw_request(actor(cast.engineer), request.pk, reason="x")
    other = cast.ask()
    assert sends("post", f"/decisions/{other.pk}/envelopes", body).status_code == 409, "another request"
    assert actions(refused=True).count("decision.replay_refused") == 3
    assert sends("post", f"/decisions/{other.pk}/envelopes", {"envelope": "{}"}).status_code == 422


def test_a_signature_made_here_is_no_use_anywhere_else(cast: Cast) -> None:
    request = cast.approved()
    envelope = Signature.objects.get().envelope
    first = request.pk
    cast.push(minutes=30, release="1.1")
    cast.settle()
    other = cast.ask()
    assert other.pk != first
    answer = Api(cast.approver)("post", f"/decisions/{other.pk}/envelopes", {"envelope": envelope})
    assert answer.status_code == 409
    assert "decision.replay_refused" in actions(refused=True)
    other.refresh_from_db()
    assert other.state == RequestState.OPEN


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "/decisions/9223372036854775807", None),
        ("get", "/decisions/99999999999999999999", None),
        ("get", "/decisions?cursor=x", None),
        ("post", "/decisions", {"release": 1, "environments": ["\u0000"], "shown_digest": "a" * 64}),
        ("post", "/decisions", {"release": 2**63, "environments": ["prod"], "shown_digest": "a" * 64}),
        (
            "post",
            "/exceptions",
            {
                "release": 1,
                "requirement": "x",
                "category": "x",
                "reason": "\u0000",
                "compensating_control": "x",
                "until": "9999-12-31T23:59:59Z",
            },
        ),
        (
            "post",
            "/exceptions",
            {
                "release": 1,
                "requirement": "go-live",
                "category": "too hard",
                "reason": "x",
                "compensating_control": "x",
                "until": "0001-01-01T00:00:00+14:00",
            },
        ),
        ("get", "/clearance?fingerprint=x&environment=prod", None),
        ("get", f"/clearance?fingerprint={'a' * 64}&environment=%00", None),
        ("post", "/releases/1/statements", {"requirement": "tier:nothing", "text": "x", "shown_digest": "a" * 64}),
    ],
)
def test_odd_input_is_refused_and_never_an_error(cast: Cast, method: str, path: str, body: Any) -> None:
    answer = Api(cast.people.person("responsible-ai-lead"))(method, path, body)
    assert 400 <= answer.status_code < 500, answer.content


def test_every_address_of_this_app_has_a_door() -> None:
    table = doors()
    found = {pattern.name for pattern in _patterns(get_resolver().url_patterns, "decisions")}
    assert len(found) > 15
    for name in found:
        assert any(f"{method} decisions:{name}" in table for method in ("GET", "POST")), name


def _patterns(patterns: Any, namespace: str) -> list[URLPattern]:
    found: list[URLPattern] = []
    for one in patterns:
        if getattr(one, "app_name", "") == namespace:
            found += one.url_patterns
    return found


CHILD = """
import os, sys
import django
django.setup()
from roadworthy.server.accounts.models import User
from roadworthy.server.access.actor import Door
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.decisions import concluding, signing
from roadworthy.decide.signature import Choice

told = concluding.settle
def settle(request):
    told(request)
    print("halfway", flush=True)
    sys.stdin.read()
concluding.settle = settle
person, request, shown = sys.argv[1:]
actor = actor_of(User.objects.get(pk=int(person)), Door.PAGE)
signing.sign_decision(actor, int(request), signing.Decided(Choice.APPROVE, "Yes.", shown))
"""


@pytest.mark.stress
def test_killed_in_the_middle_of_a_decision_nothing_is_half_there(transactional_cast: Cast, server_data: Path) -> None:
    cast = transactional_cast
    cast.settle()
    request = cast.ask()
    before = Entry.objects.count()
    settings = connection.settings_dict
    url = (
        f"postgres://{settings['USER']}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
        if connection.vendor == "postgresql"
        else f"sqlite:///{settings['NAME']}"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(cast.approver.pk), str(request.pk), cast.release.shown_digest],
        env={**os.environ, "DATABASE_URL": url, "ROADWORTHY_DATA": str(server_data)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "halfway\n"
    os.kill(child.pid, signal.SIGKILL)
    child.wait(10)
    child.stdout.close()
    assert child.stdin is not None
    child.stdin.close()
    request.refresh_from_db()
    assert (request.state, request.signatures.count()) == (RequestState.OPEN, 0)
    # The key of the approver was made and recorded before, in a transaction of its own; nothing else was.
    assert list(Entry.objects.filter(number__gt=before).values_list("action", flat=True)) in ([], ["user.key_made"])
    assert Release.objects.get(pk=cast.release_pk).state == "in review"
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:  # until the database noticed that the other is gone
        try:
            cast.sign(request)
            break
        except Exception:
            time.sleep(0.1)
    request.refresh_from_db()
    assert request.state == RequestState.APPROVED
    assert verify_trail().whole
