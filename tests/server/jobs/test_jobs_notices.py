"""Notices: given once, to those concerned, read by their owner only, mailed once."""

from __future__ import annotations

import smtplib

import pytest
from django.utils import timezone

from roadworthy.server.access.actor import server_actor
from roadworthy.server.access.events import Event, EventKind, declare
from roadworthy.server.access.subject import Subject
from roadworthy.server.configuration import Configuration
from roadworthy.server.jobs import notices
from roadworthy.server.jobs.models import Notice
from roadworthy.server.jobs.notices import hear, mark_read, notify, send_digests

declare({"test.happened": EventKind("Something happened")})


@pytest.fixture
def mail(monkeypatch):
    """Catch what is handed to the mail server."""
    sent = []

    class Server:
        def __init__(self, *args, **kwargs): ...
        def sendmail(self, sender, to, message):
            sent.append((sender, to, message))

        def quit(self): ...
        def close(self): ...
        def ehlo_or_helo_if_needed(self): ...

    monkeypatch.setattr(smtplib, "SMTP", Server)
    settings = Configuration(email_url="smtp://127.0.0.1:2525", base_url="https://rw.example.com")
    monkeypatch.setattr(notices, "configuration", lambda: settings)
    return sent


def test_an_event_that_names_people_becomes_their_notices_but_not_of_who_did_it(people):
    one, two = people.person("viewer"), people.person("viewer")
    actor = people.actor("engineer")
    subject = Subject("release", "1", "Helper 1.0", "helper", "/releases/1/")
    event = Event("test.happened", subject, actor, {"people": [one.pk, two.pk, actor.user_id], "reason": "because"})
    hear(event)
    hear(event)
    assert sorted(Notice.objects.values_list("user_id", flat=True)) == sorted([one.pk, two.pk])
    assert Notice.objects.filter(title="Something happened: Helper 1.0", url="/releases/1/", detail="because").exists()


def test_only_ones_own_notices_are_marked(people, signed_in):
    other = people.person("viewer")
    notify([other.pk], "test.happened", "Theirs", key="a")
    theirs = Notice.objects.get()
    client = signed_in("viewer")
    assert client.post("/inbox/read", {"notice": str(theirs.pk)}).status_code == 302
    theirs.refresh_from_db()
    assert theirs.read_at is None
    assert mark_read(people.actor("viewer")) == 0


def test_the_inbox_shows_what_waits_and_an_empty_one_says_so(people, signed_in):
    client = signed_in("viewer")
    assert "Nothing waits for you" in client.get("/inbox/").content.decode()
    notify([int(client.session["_auth_user_id"])], "test.happened", "Sign the release", key="b")
    assert "Sign the release" in client.get("/inbox/").content.decode()


def test_a_notice_is_mailed_once(people, mail):
    user = people.person("viewer")
    notify([user.pk], "test.happened", "Sign the release", key="c", url="/releases/7/")
    assert send_digests(timezone.now()) == "1 people mailed"
    assert send_digests(timezone.now()) == "0 people mailed"
    [(_, to, message)] = mail
    assert to == [user.email]
    assert b"https://rw.example.com/releases/7/" in message


def test_without_a_mail_server_nothing_is_sent(people):
    notify([people.person("viewer").pk], "test.happened", "Sign", key="d")
    assert send_digests(timezone.now()) == "no mail is configured"


def test_the_server_itself_has_no_inbox():
    from roadworthy.server.access.refusals import NotSignedIn

    with pytest.raises(NotSignedIn):
        _ = server_actor().person
