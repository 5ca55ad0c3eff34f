"""Webhooks against a real listener that verifies with the library of the standard."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from standardwebhooks import Webhook, WebhookVerificationError

from roadworthy.core.errors import InputError
from roadworthy.server.access.events import Event, EventKind, declare
from roadworthy.server.access.subject import Subject
from roadworthy.server.configuration import configuration
from roadworthy.server.webhooks import services
from roadworthy.server.webhooks.addresses import check_address
from roadworthy.server.webhooks.models import Delivery, Endpoint
from roadworthy.server.webhooks.outbox import hear
from roadworthy.server.webhooks.sending import WAITS, attempt
from roadworthy.server.webhooks.sweeping import sweep

declare({"test.sent": EventKind("Sent something"), "test.kept": EventKind("Kept something", webhook=False)})


class Listener:
    """A listener on this machine: keeps what it got, answers what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        keeper = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                keeper.got.append((dict(self.headers), body))
                self.send_response(keeper.status)
                self.send_header("Content-Length", "0")
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"


@pytest.fixture
def listener(monkeypatch) -> Iterator[Listener]:
    monkeypatch.setenv("ROADWORTHY_ALLOW_PRIVATE_WEBHOOKS", "true")
    configuration.cache_clear()
    listening = Listener()
    thread = Thread(target=listening.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield listening
    listening.server.shutdown()
    thread.join()
    listening.server.server_close()
    configuration.cache_clear()


@pytest.fixture
def endpoint(people, listener):
    """An endpoint with its secret."""
    return services.make_endpoint(people.actor("administrator"), "Tracker", listener.url, ["test.sent"])


def send(people, name: str = "test.sent") -> None:
    subject = Subject("release", "1", "Helper 1.0", "helper", "/releases/1/")
    hear(Event(name, subject, people.actor("engineer"), {"reason": "because", "people": [1]}))


def test_what_is_sent_is_verified_by_the_library_of_the_standard(people, endpoint, listener):
    send(people)
    row = Delivery.objects.get()
    assert attempt(row.pk) == (None, "delivered: 204")
    [(headers, body)] = listener.got
    said = Webhook(endpoint[1]).verify(body, {name.lower(): value for name, value in headers.items()})
    assert said["type"] == "test.sent"
    assert said["data"]["detail"] == {"reason": "because"}
    with pytest.raises(WebhookVerificationError):
        Webhook(endpoint[1]).verify(body + b" ", {name.lower(): value for name, value in headers.items()})


def test_what_was_delivered_is_not_delivered_again(people, endpoint, listener):
    send(people)
    pk = Delivery.objects.get().pk
    attempt(pk)
    assert attempt(pk) == (None, "done already, or tried by another")
    assert len(listener.got) == 1


def test_only_what_is_asked_for_is_sent(people, endpoint):
    send(people, "test.kept")
    assert not Delivery.objects.exists()


def test_a_failure_is_tried_again_later_each_time_with_one_message_id_and_then_given_up(people, endpoint, listener):
    listener.status = 500
    send(people)
    pk = Delivery.objects.get().pk
    for wait in WAITS:
        before = timezone.now()
        again, outcome = attempt(pk)
        assert outcome == "waiting: 500"
        assert before + wait <= again <= timezone.now() + wait
        Delivery.objects.update(next_at=timezone.now())
    assert attempt(pk) == (None, "failed: 500")
    assert len({headers["webhook-id"] for headers, _ in listener.got}) == 1
    assert not Endpoint.objects.get().active


def test_a_listener_that_is_gone_is_left_alone_from_then_on(people, endpoint, listener):
    listener.status = 410
    send(people)
    attempt(Delivery.objects.get().pk)
    assert not Endpoint.objects.get().active
    send(people)
    assert Delivery.objects.count() == 1


def test_a_redirect_is_not_followed(people, endpoint, listener):
    listener.status = 302
    send(people)
    again, outcome = attempt(Delivery.objects.get().pk)
    assert again is not None
    assert outcome == "waiting: 302"


def test_a_listener_that_is_not_there_is_said(people, endpoint, listener):
    Endpoint.objects.update(url="http://127.0.0.1:9/")
    send(people)
    again, outcome = attempt(Delivery.objects.get().pk)
    assert again is not None
    assert "refused" in outcome.lower() or "connect" in outcome.lower()


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://10.0.0.8/",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost:8443/",
        "https://db.internal/",
        "ftp://example.com/",
        "https://",
        "https://[bad",
        "nothing",
    ],
)
def test_addresses_of_the_inside_and_such_that_are_none_are_refused(url):
    with pytest.raises(InputError):
        check_address(url)


def test_a_name_that_leads_inside_is_not_called(people, endpoint, listener, monkeypatch):
    import socket

    send(people)
    Endpoint.objects.update(url=f"https://outside.example:{listener.server.server_port}/")
    monkeypatch.delenv("ROADWORTHY_ALLOW_PRIVATE_WEBHOOKS")
    configuration.cache_clear()
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", listener.server.server_port))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    _, outcome = attempt(Delivery.objects.get().pk)
    assert "private network" in outcome
    assert listener.got == []


def test_what_a_dead_worker_left_is_queued_anew(people, endpoint):
    send(people)
    DBTaskResult.objects.all().delete()
    Delivery.objects.update(next_at=timezone.now() - timedelta(hours=1))
    assert sweep(timezone.now()) == "1 deliveries queued anew, 0 removed"
    assert DBTaskResult.objects.count() == 1


def test_the_secret_is_shown_once_and_kept_sealed(people, listener):
    client = Client(headers={"Authorization": f"Bearer {people.token(people.person('administrator'))}"})
    made = client.post("/api/v1/webhooks", {"title": "Tracker", "url": listener.url}, content_type="application/json")
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret not in Endpoint.objects.get().secret
    shown = client.get(f"/api/v1/webhooks/{made.json()['id']}")
    assert "secret" not in shown.json()
    changed = {**json.loads(shown.content), "active": False}
    late = client.put(
        f"/api/v1/webhooks/{made.json()['id']}", changed, content_type="application/json", headers={"If-Match": '"r9"'}
    )
    assert late.status_code == 412


def test_pages_add_show_try_and_remove(people, signed_in, listener):
    client = signed_in("administrator")
    assert "No webhook is set up" in client.get("/webhooks/").content.decode()
    assert "whsec_" in client.post("/webhooks/", {"title": "Tracker", "url": listener.url}).content.decode()
    row = Endpoint.objects.get()
    assert client.post(f"/webhooks/{row.pk}/try").status_code == 302
    attempt(Delivery.objects.get().pk)
    assert b"webhook.ping" in client.get(f"/webhooks/{row.pk}/").content
    assert client.post(f"/webhooks/{row.pk}/remove", {"revision": row.revision}).status_code == 302
    assert not Endpoint.objects.exists()
