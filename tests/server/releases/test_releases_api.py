"""Pushing and reading releases over HTTP."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from roadworthy.decide.replay import replay
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.server.access.permissions import Permission
from roadworthy.server.audit.models import Entry
from roadworthy.server.evidence.models import EvidenceRecord
from roadworthy.server.releases.models import Release
from roadworthy.server.systems.models import System


@pytest.fixture
def bearer(people) -> Callable[..., dict[str, str]]:
    """Return what makes the header of a token."""

    def make(role: str = "engineer", *permissions: Permission, system: int | None = None) -> dict[str, str]:
        secret = people.token(people.person(role), *permissions, system=system)
        return {"Authorization": f"Bearer {secret}"}

    return make


def post(bundle: Path, headers: dict[str, str], **more: str) -> Any:
    return Client().post(
        "/api/v1/bundles", bundle.read_bytes(), content_type="application/zip", headers={**headers, **more}
    )


def test_a_token_pushes_and_reads(ready, bearer, tmp_path):
    headers = bearer()
    answer = post(ready.bundle(), headers)
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert answer["Location"] == told["url"] == f"/releases/{told['id']}/"
    assert (told["system"], told["verdict"], told["standard"]) == ("order-helper", "hold", "small 1")
    assert told["counts"]["holding"] == 2
    again = post(ready.bundle(), headers)
    assert (again.status_code, again.json()["id"]) == (200, told["id"])
    shown = Client().get(f"/api/v1/releases/{told['id']}", headers=headers)
    assert (shown.json(), shown["ETag"]) == (told, '"r1"')
    listed = Client().get("/api/v1/releases?system=order-helper&verdict=hold&current=true", headers=headers)
    assert [one["id"] for one in listed.json()["items"]] == [told["id"]]
    assert Client().get("/api/v1/releases?verdict=ship", headers=headers).json()["items"] == []
    verdict = Client().get(f"/api/v1/releases/{told['id']}/verdict", headers=headers)
    assert json.loads(b"".join(verdict))["verdict"] == "hold"
    evidence = Client().get(f"/api/v1/releases/{told['id']}/evidence?requirement=answers-right", headers=headers)
    assert [one["digest"] for one in evidence.json()["items"]] == [EvidenceRecord.objects.get().digest]


def test_the_bundle_that_comes_back_is_the_one_that_was_pushed(ready, bearer, tmp_path):
    headers = bearer()
    pk = post(ready.bundle(), headers).json()["id"]
    answer = Client().get(f"/api/v1/releases/{pk}/bundle", headers=headers)
    back = tmp_path / "back.zip"
    back.write_bytes(b"".join(answer))
    assert back.read_bytes() == ready.bundle().read_bytes()
    assert replay(back, TrustedKeys.of(ready.signer)).intact
    assert answer["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer["Content-Security-Policy"]
    read = Entry.objects.get(action="evidence.read")
    assert (read.system, read.kind, read.subject) == ("order-helper", "release", str(pk))
    assert Client().get(f"/api/v1/releases/{pk}/bundle", headers=bearer("viewer")).status_code == 403


@pytest.mark.parametrize("header", ["Content-Digest", "X-Content-SHA256"])
def test_the_digest_may_be_announced(ready, bearer, header):
    data = ready.bundle().read_bytes()
    digest = hashlib.sha256(data)
    right = {
        "Content-Digest": f"sha-256=:{base64.b64encode(digest.digest()).decode()}:",
        "X-Content-SHA256": digest.hexdigest().upper(),
    }
    wrong = {"Content-Digest": f"sha-256=:{base64.b64encode(bytes(32)).decode()}:", "X-Content-SHA256": "0" * 64}
    refused = post(ready.bundle(), bearer(), **{header: wrong[header]})
    assert (refused.status_code, refused["Content-Type"]) == (422, "application/problem+json")
    assert "was announced" in refused.json()["detail"]
    assert post(ready.bundle(), bearer(), **{header: "sha-256=:x:"}).status_code == 422
    assert post(ready.bundle(), bearer(), **{header: right[header]}).status_code == 201


def test_a_refusal_is_told_and_recorded_and_leaves_nothing(ready, bearer):
    answer = post(ready.bundle(key=ready.example.stranger), bearer())
    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/bundle-refused")
    assert "administrator" in answer.json()["remedy"]
    entry = Entry.objects.get(action="release.push_refused")
    assert entry.outcome == "refused"
    assert "not trusted here" in json.loads(entry.detail)["reason"]
    assert not System.objects.exists()
    assert not Release.objects.exists()


def test_too_much_is_refused_before_it_is_read(ready, bearer, monkeypatch):
    monkeypatch.setenv("ROADWORTHY_MAX_UPLOAD_MB", "1")
    from roadworthy.server.configuration import configuration

    configuration.cache_clear()
    answer = Client().post(
        "/api/v1/bundles", b"x", content_type="application/zip", headers=bearer(), CONTENT_LENGTH=str(10 * 1024**3)
    )
    assert (answer.status_code, answer.json()["detail"]) == (413, "at most 1 MiB are received")


def test_a_body_without_a_length_is_not_read(ready, bearer):
    answer = Client().generic("POST", "/api/v1/bundles", b"", content_type="application/zip", headers=bearer())
    assert answer.status_code == 411


def test_a_token_for_one_system_pushes_no_other(ready, bearer):
    post(ready.bundle(), bearer())
    narrow = bearer("engineer", Permission.RELEASE_PUSH, system=System.objects.get().pk)
    assert post(ready.bundle(minutes=4, release="1.4"), narrow).status_code == 201
    assert post(ready.bundle(system="other-helper", minutes=1), narrow).status_code == 403


def test_what_one_may_not_see_is_not_there(ready, bearer, people):
    pk = post(ready.bundle(), bearer()).json()["id"]
    far = people.token(people.person("engineer", system_id=987654))
    headers = {"Authorization": f"Bearer {far}"}
    for path in ("", "/verdict", "/bundle", "/evidence"):
        assert Client().get(f"/api/v1/releases/{pk}{path}", headers=headers).status_code == 404
    assert Client().get("/api/v1/releases", headers=headers).json()["items"] == []
    assert Client().get(f"/api/v1/releases/{2**70}", headers=headers).status_code == 422


def test_nobody_pushes_without_a_token(ready):
    assert post(ready.bundle(), {}).status_code == 401
    assert post(ready.bundle(), {"Authorization": "Bearer rw_nothing"}).status_code == 401
