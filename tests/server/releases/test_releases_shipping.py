"""Shipping and withdrawal, keys of pipelines, and where a verdict comes from: services, API and pages."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from django.utils import timezone

from roadworthy.server.access.events import EVENTS
from roadworthy.server.access.refusals import Changed, Conflict, Refused
from roadworthy.server.audit.models import Entry
from roadworthy.server.decisions.models import DecisionRequest
from roadworthy.server.releases import clearing
from roadworthy.server.releases.keys import revoke_key, trust_key
from roadworthy.server.releases.models import TrustedKey
from roadworthy.server.releases.provenance import graph_of
from roadworthy.server.releases.shipping import ShipRefused, ship, withdraw


@pytest.fixture
def cleared(monkeypatch):
    """Let everything be cleared for prod, and nothing for elsewhere."""
    against = [clearing.Obstacle("nobody approved it for here", "Ask for approval.")]
    monkeypatch.setattr(clearing, "CHECKS", [lambda release, place: [] if place == "prod" else against])


@pytest.fixture
def release(people, ready, push):
    return push(people.actor("engineer"), ready.bundle())


def test_a_cleared_release_ships_and_later_ones_are_compared_with_it(people, ready, push, release, cleared):
    actor = people.actor("engineer")
    shipped = ship(actor, release.pk, environments=["prod", " prod "], note="with care", revision=1)
    assert (shipped.state, shipped.environments, shipped.revision) == ("shipped", ["prod"], 2)
    entry = Entry.objects.get(action="release.shipped")
    assert json.loads(entry.detail)["note"] == "with care"
    models = [{"id": "main", "provider": "x", "name": "small-2"}]
    later = push(actor, ready.bundle(minutes=5, right=20, wrong=40, models=models))
    assert later.changes
    withdraw(actor, release.pk, reason="It was wrong.")
    assert push(actor, ready.bundle(minutes=30, release="1.3")).changes == []


def test_what_is_not_cleared_is_not_shipped_and_that_is_recorded(people, release, cleared):
    actor = people.actor("engineer")
    with pytest.raises(ShipRefused, match="nobody approved it"):
        ship(actor, release.pk, environments=["prod", "staging"])
    release.refresh_from_db()
    assert (release.shipped_at, release.state) == (None, "received")
    headers = {"Authorization": f"Bearer {people.token(people.person('engineer'))}", "If-Match": '"r1"'}
    answer = Client().post(
        f"/api/v1/releases/{release.pk}/shipping",
        json.dumps({"environments": ["staging"]}),
        content_type="application/json",
        headers=headers,
    )
    assert answer.status_code == 409, answer.content
    entry = Entry.objects.get(action="release.ship_refused")
    assert (entry.outcome, entry.door) == ("refused", "api")
    assert "release.ship_refused" in EVENTS


def test_without_anybody_to_ask_nothing_ships(people, release, monkeypatch):
    monkeypatch.setattr(clearing, "CHECKS", [])
    with pytest.raises(ShipRefused, match="nothing on this server can clear"):
        ship(people.actor("engineer"), release.pk, environments=["prod"])


def test_the_decisions_are_asked_before_a_release_ships(people, release):
    assert clearing.CHECKS, "the app of decisions adds its check"
    with pytest.raises(ShipRefused, match="The verdict is hold"):
        ship(people.actor("engineer"), release.pk, environments=["prod"])


def test_a_revision_that_was_changed_meanwhile_ships_nothing(people, release, cleared):
    with pytest.raises(Changed):
        ship(people.actor("engineer"), release.pk, environments=["prod"], revision=7)


def test_who_may_not_ship_does_not(people, release, cleared):
    with pytest.raises(Refused):
        ship(people.actor("viewer"), release.pk, environments=["prod"])


def test_shipping_and_withdrawing_on_the_page(signed_in, release, cleared):
    client = signed_in("engineer")
    page = client.get(f"/releases/{release.pk}/").content.decode()
    assert "Record that it was shipped" in page
    answer = client.post(f"/releases/{release.pk}/ship", {"revision": 1, "environment": "prod"}, follow=True)
    assert "Recorded as shipped to prod." in answer.content.decode()
    refused = client.post(f"/releases/{release.pk}/ship", {"revision": 2, "other": "staging"})
    assert (refused.status_code, "not cleared for staging" in refused.content.decode()) == (409, True)
    answer = client.post(f"/releases/{release.pk}/withdraw", {"revision": 2, "reason": "Wrong."}, follow=True)
    assert "Recorded as withdrawn." in answer.content.decode()
    assert client.post(f"/releases/{release.pk}/ship", {"environment": "prod"}).status_code == 422


def test_keys_are_entered_and_revoked_by_who_says_who_may_sign(people, ready, works):
    from roadworthy.evidence.keys import load_signer

    lead, stranger = people.actor("responsible-ai-lead"), load_signer(works.example.stranger)
    made = trust_key(lead, key=stranger.public_pem().decode(), name=" Pipeline ")
    assert (made.key_id, made.name, made.system) == (stranger.key_id, "Pipeline", None)
    with pytest.raises(Conflict):
        trust_key(lead, key=stranger.key_id, name="Again")
    with pytest.raises(Refused):
        trust_key(people.actor("engineer"), key="a" * 64, name="Mine")
    assert revoke_key(lead, made.pk).revoked_at
    revoke_key(lead, made.pk)
    actions = list(Entry.objects.filter(kind="key").order_by("number").values_list("action", flat=True))
    assert actions == ["key.trusted", "key.revoked"]


def test_keys_on_the_page_and_over_the_api(signed_in, people, ready):
    lead = signed_in("responsible-ai-lead")
    wrong = lead.post("/keys/", {"name": "x", "key": "no key"})
    assert wrong.status_code == 422
    assert lead.post("/keys/", {"name": "Other pipeline", "key": "b" * 64}).status_code == 302
    shown = signed_in("engineer").get("/keys/").content.decode()
    assert "Other pipeline" in shown
    assert "Enter a key" not in shown
    key = TrustedKey.objects.get(name="Other pipeline")
    assert lead.post(f"/keys/{key.pk}/revoke").status_code == 302
    headers = {"Authorization": f"Bearer {people.token(people.person('responsible-ai-lead'))}"}
    listed = Client().get("/api/v1/keys", headers=headers).json()["items"]
    assert [(one["name"], bool(one["revoked_at"])) for one in listed] == [
        ("Other pipeline", True),
        ("Build pipeline", False),
    ]
    again = Client().post(
        "/api/v1/keys", json.dumps({"key": "c" * 64, "name": "Third"}), content_type="application/json", headers=headers
    )
    assert again.status_code == 201
    assert Client().delete(f"/api/v1/keys/{again.json()['id']}", headers=headers).json()["revoked_at"]


def test_the_graph_leads_from_the_dataset_to_the_verdict(signed_in, people, release):
    graph = graph_of(release)
    nodes = {node.id: node for node in graph.nodes}
    onward = {node: [edge.to for edge in graph.edges if edge.source == node] for node in nodes}
    dataset = next(ident for ident in nodes if ident.startswith("dataset:"))
    (record,) = onward[dataset]
    assert nodes[record].url == f"/evidence/{record}/"
    assert onward[record] == ["requirement:answers-right"]
    assert onward["requirement:answers-right"] == ["verdict"]
    assert nodes["requirement:answers-right"].status == "met"
    assert [name for name, _ in graph.keys] == ["Build pipeline"]
    asked = DecisionRequest.objects.create(
        release=release,
        requested_by=people.person("engineer"),
        shown_digest=release.shown_digest,
        tier=release.tier,
        due=timezone.now(),
    )
    assert ("verdict", f"request:{asked.pk}") in {(edge.source, edge.to) for edge in graph_of(release).edges}
    page = signed_in("viewer").get(f"/releases/{release.pk}/?tab=provenance").content.decode()
    assert asked.subject.url in page
    assert f"/evidence/{record}/" in page
    assert "style=" not in page
