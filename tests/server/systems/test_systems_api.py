"""Systems, intakes, office hours and the standard over the API: revisions, errors, and what tokens may."""

from __future__ import annotations

from typing import Any

import pytest
from declared_systems import HELPER
from django.test import Client

from roadworthy.server.access.permissions import Permission
from roadworthy.server.systems.models import System


@pytest.fixture
def ask(people):
    """Return a caller of the API in a role."""

    def caller(*roles: str, session: bool = False):
        person = people.person(*roles)
        headers = {"Authorization": f"Bearer {people.token(person)}"}
        client = Client()
        if session:
            client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")

        def call(method: str, path: str, body: Any = None, tag: str = "") -> Any:
            sent = {**({} if session else headers), **({"If-Match": tag} if tag else {})}
            return client.generic(method, f"/api/v1{path}", _json(body), content_type="application/json", headers=sent)

        return call

    return caller


def _json(body: Any) -> str:
    import json

    return "" if body is None else json.dumps(body)


def test_a_system_is_registered_read_changed_and_compared(ask):
    call = ask("engineer")
    made = call("POST", "/systems", {"declaration": HELPER})
    assert (made.status_code, made["ETag"], made["Location"]) == (201, '"r1"', "/api/v1/systems/order-helper")
    assert call("POST", "/systems", {"declaration": HELPER}).status_code == 409
    tools = [{"id": "refund", "effect": "external"}]
    body = {"declaration": {**HELPER, "tools": tools}, "note": "Refunds"}
    assert call("PUT", "/systems/order-helper/declaration", body).status_code == 428
    changed = call("PUT", "/systems/order-helper/declaration", body, '"r1"')
    assert (changed.status_code, changed["ETag"], changed.json()["number"]) == (200, '"r2"', 2)
    assert call("PUT", "/systems/order-helper/declaration", body, '"r1"').status_code == 412
    compared = call("GET", "/systems/order-helper/changes?old=1&new=2").json()
    assert compared["assessment_owed"]
    assert {"kind": "tool", "what": "tools.refund: added"} in compared["changes"]
    assert [one["number"] for one in call("GET", "/systems/order-helper/versions").json()["items"]] == [2, 1]
    assert call("GET", "/systems/order-helper/versions/1").json()["declaration"]["tools"] == [
        {**HELPER["tools"][0], "reversible": False, "approval": "none", "permissions": [], "description": None}
    ]
    asked = call("GET", "/systems/order-helper/requirements").json()
    assert asked["tier"] == "high"
    assert any(one["id"] == "adaptive-injection-resilience" and one["remedy"] for one in asked["asked"])
    assert "refund" in call("GET", "/systems/order-helper/roadworthy.yaml").content.decode()


def test_a_bad_declaration_names_the_key_and_the_nearest_one(ask):
    answer = ask("engineer")("POST", "/systems", {"declaration": {**HELPER, "kindd": "x"}})
    assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json")
    assert "unknown key 'kindd'" in answer.json()["errors"][0]["detail"]


def test_the_id_in_the_address_is_the_one_that_counts(ask):
    call = ask("engineer")
    call("POST", "/systems", {"declaration": HELPER})
    body = {"declaration": {**HELPER, "system": "another", "purpose": "X."}}
    assert call("PUT", "/systems/order-helper/declaration", body, '"r1"').status_code == 200
    assert list(System.objects.values_list("slug", flat=True)) == ["order-helper"]


def test_a_token_sets_no_tier_and_approves_no_standard(ask):
    ask("engineer")("POST", "/systems", {"declaration": HELPER})
    body = {"tier": "high", "reason": "It will act soon.", "until": "2027-01-01T00:00:00Z"}
    assert ask("responsible-ai")("PUT", "/systems/order-helper/tier", body, '"r1"').status_code == 403
    person = ask("responsible-ai", session=True)
    assert person("PUT", "/systems/order-helper/tier", body, '"r1"').json()["role"] == "responsible-ai"
    assert person("GET", "/systems/order-helper").json()["tier_set"]
    assert person("DELETE", "/systems/order-helper/tier?reason=wrong", None, '"r2"').json()["tier"] == "medium"


def test_a_lower_tier_is_asked_for_and_decided_by_two_people(ask):
    ask("engineer")("POST", "/systems", {"declaration": HELPER})
    body = {"tier": "low", "reason": "It only drafts answers.", "until": "2027-01-01T00:00:00Z"}
    person, other = ask("responsible-ai", session=True), ask("responsible-ai", session=True)
    requests = "/systems/order-helper/tier/requests"
    assert person("PUT", "/systems/order-helper/tier", body, '"r1"').status_code == 403
    assert ask("responsible-ai")("POST", requests, body, '"r1"').status_code == 403
    assert person("POST", requests, {**body, "tier": "high"}, '"r1"').status_code == 422
    made = person("POST", requests, body, '"r1"')
    assert (made.status_code, made.json()["state"]) == (201, "asked")
    at = f"{requests}/{made.json()['id']}"
    assert person("POST", f"{at}/decision", {"approve": True, "reason": "Mine."}, made["ETag"]).status_code == 403
    told = other("POST", f"{at}/decision", {"approve": True, "reason": "So it is."}, made["ETag"]).json()
    assert (told["state"], told["decided_role"], told["rules_tier"]) == ("approved", "responsible-ai", "medium")
    assert person("GET", "/systems/order-helper").json()["tier"] == "low"
    assert person("GET", requests).json()["items"][0]["decision_reason"] == "So it is."
    assert other("POST", f"{at}/withdrawal", {"reason": "No."}, '"r2"').status_code == 409


def test_properties_are_set_and_a_system_retires(ask):
    call = ask("engineer")
    call("POST", "/systems", {"declaration": HELPER})
    assert call("PATCH", "/systems/order-helper", {"lifecycle": "live"}, '"r1"').json()["lifecycle"] == "live"
    assert call("PATCH", "/systems/order-helper", {"lifecycle": "retired"}, '"r2"').status_code == 422
    assert call("PATCH", "/systems/order-helper", {"owner": 999999}, '"r2"').status_code == 422
    assert call("POST", "/systems/order-helper/retire", {"reason": "Done."}, '"r2"').json()["lifecycle"] == "retired"
    assert call("GET", "/systems?lifecycle=retired&tier=medium").json()["items"][0]["id"] == "order-helper"


def test_an_intake_over_the_api(ask):
    call = ask("engineer")
    made = call("POST", "/intakes", {"answers": {"title": "T", "system": "t"}})
    pk = made.json()["id"]
    assert {"step": "models", "label": "Models", "todo": "Add at least one model."} in made.json()["todo"]
    refused = call("POST", f"/intakes/{pk}/submit", {}, made["ETag"])
    assert refused.status_code == 422
    assert refused.json()["errors"]
    put = call("PUT", f"/intakes/{pk}", {"answers": HELPER}, made["ETag"])
    assert put.json()["todo"] == []
    assert call("POST", f"/intakes/{pk}/submit", {}, put["ETag"]).json()["tier"] == "medium"
    assert ask("engineer")("GET", f"/intakes/{pk}").status_code == 404


def test_questions_over_the_api(ask):
    call, specialist = ask("engineer"), ask("responsible-ai")
    made = call("POST", "/questions", {"title": "Q?", "body": "B", "topic": "law"})
    pk = made.json()["id"]
    assert call("POST", f"/questions/{pk}/answer", {"answer": "A"}, '"r1"').status_code == 403
    done = specialist("POST", f"/questions/{pk}/answer", {"answer": "A", "interpretation": "All."}, '"r1"')
    assert done.json()["business_days"] == 0
    assert call("GET", "/interpretations").json()["items"][0]["interpretation"] == "All."
    assert call("GET", "/questions?state=answered&topic=law").json()["items"][0]["id"] == pk


def test_the_standard_over_the_api(ask):
    author = ask("responsible-ai", session=True)
    made = author("POST", "/standards", {"note": "n"})
    pk = made.json()["id"]
    bad = author("PUT", f"/standards/{pk}", {"layer": {**made.json()["layer"], "changes.yaml": "x: 1\n"}}, made["ETag"])
    assert (bad.status_code, bad.json()["errors"][0]["place"]) == (422, "changes.yaml:1")
    wanted = {"requirement": "agent-utility", "tier": "high", "value": 0.7, "confidence": 0.99}
    changed = author("POST", f"/standards/{pk}/threshold", wanted, made["ETag"])
    items = author("GET", f"/standards/{pk}/changes").json()["items"]
    assert items[0]["id"] == "agent-utility"
    assert "criterion.high.at_least: 0.6 -> 0.7" in items[0]["what"]
    assert all(one["passed"] for one in author("GET", f"/standards/{pk}/tests").json()["items"])
    assert author("GET", f"/standards/{pk}/impact").status_code == 404
    assert author("POST", f"/standards/{pk}/impact", {}).json()["state"] == "done"
    proposed = author("POST", f"/standards/{pk}/propose", {"note": "Why."}, changed["ETag"])
    given = {"digest": proposed.json()["shown_digest"], "choice": "approve", "reason": "Agreed."}
    assert author("POST", f"/standards/{pk}/approvals", given).status_code == 403
    assert ask("director")("POST", f"/standards/{pk}/approvals", given).status_code == 403
    for role in ("responsible-ai-lead", "director"):
        assert ask(role, session=True)("POST", f"/standards/{pk}/approvals", given).status_code == 201
    assert author("POST", f"/standards/{pk}/publish", {}, proposed["ETag"]).json()["in_force"]
    assert author("GET", "/standards/in-force").json()["id"] == pk
    assert author("GET", f"/standards/{pk}/layer.zip").content[:2] == b"PK"
    assert len(author("GET", "/controls").json()["items"]) > 100
    assert author("GET", "/coverage").json()["items"][0]["gaps"]


def test_a_token_for_one_thing_does_no_other(people):
    person = people.person("engineer")
    secret = people.token(person, Permission.SYSTEM_READ)
    headers = {"Authorization": f"Bearer {secret}"}
    assert Client().get("/api/v1/systems", headers=headers).status_code == 200
    body = {"declaration": HELPER}
    answer = Client().post("/api/v1/systems", body, content_type="application/json", headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize("depth", [10, 50_000])
def test_deep_bodies_are_refused_and_not_fatal(ask, depth, people):
    text = '{"declaration": ' + '{"a": ' * depth + "1" + "}" * depth + "}"
    headers = {"Authorization": f"Bearer {people.token(people.person('engineer'))}"}
    answer = Client().generic("POST", "/api/v1/systems", text, content_type="application/json", headers=headers)
    assert answer.status_code in {400, 422}
