"""The API of assessments and briefs does what the pages do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from assessed_rows import make_evidence, make_system
from django.test import Client

from roadworthy.assess.scale import Factor
from roadworthy.server.assessments.models import Assessment

BRIEF = (Path(__file__).parents[2] / "assess" / "briefs" / "vague.txt").read_text("utf-8")


class Api:
    """A client with a token."""

    def __init__(self, people: Any, *roles: str, **scope: Any) -> None:
        secret = people.token(people.person(*roles, **scope))
        self.client = Client(headers={"Authorization": f"Bearer {secret}"})

    def __call__(self, method: str, path: str, body: Any = None, tag: str = "") -> Any:
        headers = {"If-Match": tag} if tag else {}
        do = getattr(self.client, method)
        return do(f"/api/v1{path}", body, content_type="application/json", headers=headers)


@pytest.fixture
def system(people):
    return make_system()


@pytest.fixture
def api(people):
    return Api(people, "engineer")


def test_an_assessment_from_beginning_to_review(api, people, system):
    made = api("post", "/assessments", {"system": "mail-agent"})
    assert (made.status_code, made.json()["number"], made["ETag"]) == (201, 1, '"r1"')
    assert api("post", "/assessments", {"system": "mail-agent"}).status_code == 409
    assert api("post", "/assessments", {"system": "nope"}).status_code == 404
    base = f"/assessments/{made.json()['id']}"
    listed = api("get", f"{base}/scenarios").json()["items"]
    first, second = listed[0], listed[1]
    assert first["inherent"]["high"] == first["residual"]["high"]
    where = f"{base}/scenarios/{first['id']}"
    assert api("post", f"{where}/acceptance").status_code == 428
    assert api("post", f"{where}/acceptance", tag='"r1"').json()["standing"] == "accepted"
    assert api("post", f"{where}/acceptance", tag='"r1"').status_code == 412
    rating = {factor.value: [2, 2] for factor in Factor}
    changed = api("patch", where, {"reason": "Measured.", "rating": rating}, '"r2"')
    assert (changed.json()["inherent"]["high"], changed.json()["changes"][-1]["why"]) == (16, "Measured.")
    wrong = {**rating, "severity": [4, 2]}
    assert api("patch", where, {"reason": "x", "rating": wrong}, '"r3"').status_code == 422
    assert api("patch", where, {"reason": "x"}, '"r3"').status_code == 422
    other = f"{base}/scenarios/{second['id']}"
    assert api("post", f"{other}/dismissal", {"reason": "Not here."}, '"r3"').json()["counts"] is False
    proof = make_evidence(system)
    mitigation = first["mitigations"][0]["mitigation"]
    put = {"state": "in-place", "owner": "Mira", "evidence": [proof.digest], "reason": "Tested."}
    shown = api("put", f"{where}/mitigations/{mitigation}", put, '"r4"').json()["mitigations"][0]
    assert shown["counts"] is True
    assert api("put", f"{base}/mitigations/{mitigation}", {"state": "planned"}, '"r5"').status_code == 200
    assert api("put", f"{base}/mitigations/no-such", {"state": "planned"}, '"r6"').status_code == 404
    added = {"title": "Forged", "harm": "Trust.", "category": "security", "because": "It signs.", "rating": rating}
    assert api("post", f"{base}/scenarios", added, '"r6"').json()["id"] == "forged"
    rest = api("post", f"{base}/acceptance-of-rest", {"reason": "Read."}, '"r7"')
    assert rest.json()["revision"] == 8
    register = api("get", f"{base}/register").json()
    assert register["untouched"] == 0
    assert sum(map(sum, register["residual"])) == len(register["risks"])
    assert api("get", f"{base}/threat-model").json()["threats"]
    assert api("get", f"{base}/comparison").json()["before"] is None
    assert api("get", f"{base}/comparison?number=9").status_code == 404
    assert api("post", f"{base}/submission", tag='"r8"').json()["state"] == "in review"
    assert api("post", f"{base}/return", {"reason": "More."}, '"r9"').json()["state"] == "draft"
    assert api("post", f"{base}/refresh", tag='"r10"').json()["revision"] == 11
    assert api("get", "/assessments?state=draft&system=mail-agent").json()["items"][0]["revision"] == 11
    stranger = Api(people, "engineer", system_id=system.pk + 1)
    assert stranger("get", base).status_code == 404
    assert stranger("get", "/assessments").json()["items"] == []


def test_a_token_accepts_nothing(api, people, system):
    made = api("post", "/assessments", {"system": "mail-agent"})
    base = f"/assessments/{made.json()['id']}"
    api("post", f"{base}/submission", tag='"r1"')
    reviewer = Api(people, "responsible-ai")
    assert reviewer("post", f"{base}/acceptance", {"reason": "Fine."}, '"r2"').status_code == 403
    assert Assessment.objects.get().state == "in review"


def test_a_brief_is_drafted_shown_taken_on_and_discarded(api, people):
    made = api("post", "/briefs", {"text": BRIEF})
    assert made.status_code == 201
    said = made.json()
    assert len(said["risks"]) == 10
    assert {one["confidence"] for one in said["facts"]} <= {"stated", "inferred", "assumed"}
    assert any(one["raises_to"] for one in said["questions"])
    base = f"/briefs/{said['id']}"
    assert api("get", f"{base}/declaration").json()["file"].startswith("# Drafted")
    assert api("post", f"{base}/suggestions", tag='"r1"').status_code == 409
    assert api("post", f"{base}/suggestions/0", {"take": True}, '"r1"').status_code == 404
    intake = api("post", f"{base}/intake", tag='"r1"')
    assert (intake.status_code, len(intake.json()["to_confirm"])) == (201, len(said["questions"]))
    assert Api(people, "responsible-ai")("get", base).status_code == 404
    assert api("get", "/briefs").json()["items"][0]["intake"] == intake.json()["intake"]
    assert api("delete", base, tag='"r1"').status_code == 412
    assert api("delete", base, tag='"r2"').status_code == 204
    assert api("post", "/briefs", {"text": "no"}).status_code == 422
