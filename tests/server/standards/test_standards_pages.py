"""Pages of the standard, as specialists and approvers use them."""

from __future__ import annotations

import io
import re
import zipfile

import pytest

from roadworthy.server.audit.models import Entry
from roadworthy.server.standards.in_force import in_force
from roadworthy.server.standards.models import StandardVersion

pytestmark = pytest.mark.django_db
RULE = """requirements:
  - id: house-rule
    title: House rule
    control: GOV-01
    because: We say so.
    shown_by: document
    tiers: [high, medium, low]
    document: {kind: house rule}
"""


def text(answer) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_every_page_is_drawn_for_a_viewer(signed_in):
    viewer = signed_in("viewer")
    pk = StandardVersion.objects.get().pk
    for address, says in {
        "/standards/": "is in force",
        f"/standards/{pk}/": "Responsible-AI specialist",
        f"/standards/{pk}/?tab=requirements&q=injection&tier=high": "requirements",
        f"/standards/{pk}/?tab=rules": "EU AI Act",
        f"/standards/{pk}/?tab=changes": "no other version",
        f"/standards/{pk}/?tab=tests": "tests pass",
        f"/standards/{pk}/?tab=impact": "nothing to compare",
        "/standards/requirements/agent-utility/": "Completes its tasks",
        f"/standards/requirements/agent-utility/?version={pk}": "holds the release",
        "/controls/": "controls",
        "/controls/?words=inject&domain=security&framework=owasp-asi 2026": "controls",
        "/controls/AGT-10/": "AGT-10",
        "/controls/AGT-10/?tab=systems": "No system is here",
        "/coverage/": "MITRE ATLAS",
        "/coverage/framework/?framework=eu-ai-act&version=2024/1689&only=gaps": "Gap",
    }.items():
        answer = viewer.get(address)
        assert answer.status_code == 200, address
        assert says in text(answer), address


@pytest.mark.parametrize(
    "address",
    [
        "/standards/0/",
        "/standards/99999999999999999999/",
        "/standards/requirements/none/",
        "/controls/NON-01/",
        "/coverage/framework/",
        "/coverage/framework/?framework=x&version=1",
    ],
)
def test_what_is_not_there_is_not_found(signed_in, address):
    assert signed_in("viewer").get(address).status_code == 404


def test_a_change_goes_from_draft_to_force_through_the_pages(signed_in):
    author, lead, director = (signed_in(role) for role in ("responsible-ai", "responsible-ai-lead", "director"))
    answer = author.post("/standards/start/", follow=True)
    assert "standard.yaml" in text(answer)
    row = StandardVersion.objects.latest("pk")
    files = {"name-0": "standard.yaml", "text-0": row.layer["standard.yaml"], "name-1": "changes.yaml"}
    address = f"/standards/{row.pk}/"
    broken = author.post(f"{address}edit/", {**files, "text-1": RULE.replace("control", "controll"), "revision": 1})
    assert broken.status_code == 422
    assert "changes.yaml:4: unknown key &#x27;controll&#x27;" in text(broken)
    assert "controll: GOV-01" in text(broken)
    author.post(f"{address}edit/", {**files, "text-1": RULE, "revision": 1})
    assert "house-rule" in text(author.get(f"{address}?tab=changes"))
    assert "tests pass" in text(author.get(f"{address}?tab=tests"))
    assert "0 of 0" in text(author.post(f"{address}preview/", follow=True))
    threshold = {"requirement": "agent-utility", "tier": "high", "value": "0.7", "confidence": "0.99", "revision": 2}
    assert author.get(f"{address}threshold/?requirement=agent-utility").status_code == 200
    assert author.post(f"{address}threshold/", {**threshold, "value": "x"}).status_code == 422
    author.post(f"{address}threshold/", threshold)
    author.post(f"{address}propose/", {"revision": 3, "note": "We say so.", "grace_days": "14", "in_force_from": ""})
    page = text(lead.get(address))
    assert "Waiting for Director or executive" in page
    digest = re.search(r'name="digest" value="([0-9a-f]{64})"', page)[1]
    given = {"digest": digest, "choice": "approve", "reason": "Agreed.", "role": ""}
    assert 'name="digest"' not in text(author.get(address))
    assert lead.post(f"{address}decide/", {**given, "digest": "0" * 64}).status_code == 403
    lead.post(f"{address}decide/", given)
    director.post(f"{address}decide/", given)
    row.refresh_from_db()
    assert "Publish" in text(author.get(address))
    author.post(f"{address}publish/", {"revision": row.revision})
    assert in_force().digest == StandardVersion.objects.get(pk=row.pk).digest
    assert author.get(f"{address}edit/").status_code == 409
    refused = Entry.objects.filter(outcome="refused")
    assert [entry.action for entry in refused] == ["standard.approve_refused"]


def test_the_layer_is_downloaded_as_a_directory(signed_in):
    author = signed_in("responsible-ai")
    author.post("/standards/start/")
    row = StandardVersion.objects.latest("pk")
    archive = zipfile.ZipFile(io.BytesIO(author.get(f"/standards/{row.pk}/layer.zip").content))
    assert sorted(archive.namelist()) == ["organisation-1/changes.yaml", "organisation-1/standard.yaml"]
    assert author.get(f"/standards/{StandardVersion.objects.earliest('pk').pk}/layer.zip").status_code == 404


def test_a_viewer_drafts_approves_and_publishes_nothing(signed_in):
    signed_in("responsible-ai").post("/standards/start/")
    row = StandardVersion.objects.latest("pk")
    viewer = signed_in("viewer")
    assert viewer.post("/standards/start/").status_code == 403
    assert viewer.get(f"/standards/{row.pk}/edit/").status_code == 403
    for action in ("edit", "threshold", "propose", "take-back", "withdraw", "decide", "publish"):
        assert viewer.post(f"/standards/{row.pk}/{action}/", {"revision": 1}).status_code == 403, action


def test_what_is_wrong_is_told_and_nothing_is_done(signed_in):
    author = signed_in("responsible-ai")
    author.post("/standards/start/")
    row = StandardVersion.objects.latest("pk")
    for action in ("propose", "take-back", "withdraw"):
        answer = author.post(f"/standards/{row.pk}/{action}/", {"revision": 1}, follow=True)
        assert "s-not-met" in text(answer), action
    assert StandardVersion.objects.get(pk=row.pk).state == "draft"
    assert author.post(f"/standards/{row.pk}/publish/", {"revision": 1}, follow=True).status_code == 200


def test_the_search_finds_requirements_and_controls(signed_in):
    found = signed_in("viewer").get("/search?format=json&q=injection").json()
    assert {"requirement", "control"} <= {group["kind"] for group in found["groups"]}
