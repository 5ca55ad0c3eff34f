"""A request sent again under its key has one effect and one answer."""

from __future__ import annotations

from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client

from roadworthy.server.webhooks.models import Endpoint
from roadworthy.server.wire.models import IdempotencyKey

HOOK = {"title": "Tracker", "url": "https://example.com/hook"}


@pytest.fixture
def client(people) -> Client:
    secret = people.token(people.person("administrator"))
    return Client(headers={"Authorization": f"Bearer {secret}"})


def make(client: Client, key: str, **changes: str):
    content = {**HOOK, **changes}
    return client.post("/api/v1/webhooks", content, content_type="application/json", headers={"Idempotency-Key": key})


def test_a_request_sent_again_is_answered_as_before_and_has_no_second_effect(client):
    first, second = make(client, "k1"), make(client, "k1")
    assert (first.status_code, first.content, first["ETag"]) == (second.status_code, second.content, second["ETag"])
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert Endpoint.objects.count() == 1
    assert first.json()["secret"] not in IdempotencyKey.objects.get().body


def test_another_request_under_the_same_key_is_refused(client):
    make(client, "k1")
    assert make(client, "k1", title="Other").status_code == 422
    assert Endpoint.objects.count() == 1


def test_what_is_refused_is_refused_again(client):
    assert make(client, "k1", url="http://10.0.0.1/").status_code == 422
    assert make(client, "k1", url="http://10.0.0.1/")["Idempotency-Replayed"] == "true"


def test_keys_of_others_do_not_count(client, people):
    make(client, "k1")
    other = Client(headers={"Authorization": f"Bearer {people.token(people.person('administrator'))}"})
    assert "Idempotency-Replayed" not in make(other, "k1")
    assert Endpoint.objects.count() == 2


@pytest.mark.parametrize("key", ["", "x" * 256, "a\x7f"])
def test_a_key_that_is_none_is_refused(client, key):
    assert make(client, key).status_code == 422
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_have_one_effect(client):
    for number in range(20 if connection.vendor == "postgresql" else 5):
        gate = Barrier(2)
        found = []

        def go(gate=gate, found=found, key=f"k{number}"):
            gate.wait()
            try:
                found.append(make(client, key))
            finally:
                connection.close()

        threads = [Thread(target=go) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found[0].content == found[1].content
        assert Endpoint.objects.count() == number + 1
