"""The pages: what people see, what forms do, and what is refused and recorded through them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from decided_releases import CARD, Cast, actions, actor
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from roadworthy.decide.signature import Choice
from roadworthy.server.accounts.models import Grant, Role, User
from roadworthy.server.decisions.models import (
    AuthorityRule,
    DecisionRequest,
    ExceptionRequest,
    RequestState,
    VendorChange,
)
from roadworthy.server.decisions.parts import draw_decisions, draw_exceptions, draw_panel, draw_signing
from roadworthy.server.releases.models import Release

BACKEND = "django.contrib.auth.backends.ModelBackend"


def client(person: User) -> Client:
    found = Client()
    found.force_login(person, backend=BACKEND)
    return found


def hidden(answer: Any, name: str, action: str = "") -> str:
    """Return the value of a hidden field, of the form that posts to `action` where one is named."""
    text = answer.content.decode()
    part = text[text.index(f'action="{action}"') :] if action else text
    found = re.search(rf'name="{name}" value="([^"]*)"', part)
    assert found, name
    return found[1]


def test_from_the_form_to_the_approval(cast: Cast) -> None:
    cast.settle()
    asks, decides = client(cast.engineer), client(cast.approver)
    page = asks.get(f"/releases/{cast.release_pk}/decision/")
    assert page.status_code == 200
    for words in ("What is decided about", "Options", "order-helper"):
        assert words in page.content.decode()
    sent = {"shown": hidden(page, "shown"), "environments": "prod, staging", "note": "Please."}
    answer = asks.post(f"/releases/{cast.release_pk}/decision/", sent)
    request = DecisionRequest.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/decisions/{request.pk}/")
    assert request.environments == ["prod", "staging"]
    page = decides.get("/decisions/?waiting=me")
    assert f"/decisions/{request.pk}/" in page.content.decode()
    page = decides.get(f"/decisions/{request.pk}/")
    assert 'aria-current="step"' in page.content.decode()
    assert "Ada Approver" in page.content.decode()
    where = f"/decisions/{request.pk}/sign/"
    sent = {
        "shown": hidden(page, "shown", where),
        "choice": "approve",
        "reason": "It holds up.",
        "role": "responsible-ai",
    }
    assert decides.post(where, sent).status_code == 302
    request.refresh_from_db()
    assert request.state == RequestState.APPROVED
    page = decides.get(f"/decisions/{request.pk}/")
    assert "It holds up." in page.content.decode()
    assert where not in page.content.decode(), "nobody is asked once it is decided"


def test_who_asked_sees_no_form_and_is_refused_and_recorded(cast: Cast) -> None:
    cast.settle()
    Grant.objects.create(role=Role.objects.get(slug="responsible-ai"), user=cast.engineer)
    request, own = cast.ask(), client(cast.engineer)
    assert "/sign/" not in own.get(f"/decisions/{request.pk}/").content.decode()
    sent = {"shown": cast.release.shown_digest, "choice": "approve", "reason": "I like it.", "role": "responsible-ai"}
    answer = own.post(f"/decisions/{request.pk}/sign/", sent)
    assert answer.status_code == 403
    assert "decision.sign_refused" in actions(refused=True)


def test_what_is_stale_is_refused_and_recorded(cast: Cast) -> None:
    cast.settle()
    old, request = cast.release.shown_digest, cast.ask()
    cast.show_something_else()
    sent = {"shown": old, "choice": "approve", "reason": "Yes.", "role": "responsible-ai"}
    answer = client(cast.approver).post(f"/decisions/{request.pk}/sign/", sent)
    assert answer.status_code == 409
    assert b"what is shown now" in answer.content
    assert "decision.stale_refused" in actions(refused=True)


def test_a_form_that_lacks_something_says_so(cast: Cast) -> None:
    cast.settle()
    request = cast.ask()
    sent = {"shown": cast.release.shown_digest, "choice": "approve with conditions", "reason": "", "conditions": ""}
    answer = client(cast.approver).post(f"/decisions/{request.pk}/sign/", sent)
    assert answer.status_code == 422
    assert b"at least one condition" in answer.content
    request.refresh_from_db()
    assert request.state == RequestState.OPEN


def test_a_held_release_offers_no_approval(cast: Cast) -> None:
    request = cast.ask()
    page = client(cast.approver).get(f"/decisions/{request.pk}/").content.decode()
    assert 'value="reject"' in page
    assert 'value="approve"' not in page
    assert "nobody can approve" in page
    sent = {"shown": cast.release.shown_digest, "choice": "approve", "reason": "All the same.", "role": ""}
    assert client(cast.approver).post(f"/decisions/{request.pk}/sign/", sent).status_code == 409
    assert "decision.sign_refused" in actions(refused=True)


def test_signing_a_document_and_a_sign_off_on_the_page(cast: Cast) -> None:
    writer, lead = client(cast.writer), client(cast.lead)
    where = f"/releases/{cast.release_pk}/sign/system-card/"
    page = writer.get(where)
    sent = {
        "shown": hidden(page, "shown"),
        "requirement": "system-card",
        "text": "So it is.",
        "role": "writer",
        "until": "",
        "document": SimpleUploadedFile("card.md", CARD),
    }
    answer = writer.post(where, sent)
    assert (answer.status_code, answer["Location"]) == (302, f"/releases/{cast.release_pk}/?tab=sign")
    where = f"/releases/{cast.release_pk}/sign/go-live/"
    sent = {"shown": hidden(lead.get(where), "shown"), "requirement": "go-live", "text": "Go.", "role": "risk-lead"}
    assert lead.post(where, sent).status_code == 302
    assert cast.release.verdict == "ship"
    assert b"You hold none of these roles" in client(cast.approver).get(where).content


def test_an_exception_on_the_pages(cast: Cast) -> None:
    AuthorityRule.objects.create(action="exception", roles=["risk-lead"])
    AuthorityRule.objects.filter(action="exception").exclude(roles=["risk-lead"]).delete()
    asks, decides = client(cast.engineer), client(cast.lead)
    where = f"/releases/{cast.release_pk}/exception/"
    assert b"go-live" in asks.get(where).content
    day = (timezone.now() + timedelta(days=20)).date().isoformat()
    sent = {
        "requirement": "go-live",
        "category": "too hard",
        "reason": "Not yet.",
        "compensating_control": "People look.",
        "until": day,
        "scope": "release",
    }
    assert asks.post(where, {**sent, "until": "2020-01-01"}).status_code == 422
    assert asks.post(where, sent).status_code == 302
    row = ExceptionRequest.objects.get()
    assert f"/exceptions/{row.pk}/" in decides.get("/exceptions/?waiting=me").content.decode()
    assert f"/exceptions/{row.pk}/" not in asks.get("/exceptions/?waiting=me").content.decode()
    page = decides.get(f"/exceptions/{row.pk}/")
    where = f"/exceptions/{row.pk}/decide/"
    sent = {"revision": hidden(page, "revision", where), "choice": "approve", "reason": "People look indeed."}
    assert decides.post(where, sent).status_code == 302
    row.refresh_from_db()
    assert row.state == "approved"
    page = asks.get(f"/exceptions/{row.pk}/")
    assert b"People look indeed." in page.content
    where = f"/exceptions/{row.pk}/withdraw/"
    asks.post(where, {"revision": hidden(page, "revision", where), "reason": "Done."})
    row.refresh_from_db()
    assert row.state == "withdrawn"


def test_authority_is_seen_by_all_and_changed_by_few(cast: Cast) -> None:
    admin, other = client(cast.people.person("administrator")), client(cast.engineer)
    assert b"Lead of responsible AI or Director or executive" in other.get("/authority/").content
    assert other.post("/authority/add/", {}).status_code == 403
    sent = {
        "action": "release",
        "roles": ["director"],
        "tiers": ["high"],
        "environments": "prod",
        "quorum": "2",
        "unit": "",
    }
    assert admin.post("/authority/add/", {**sent, "quorum": "0"}).status_code == 422
    assert admin.post("/authority/add/", sent).status_code == 302
    row = AuthorityRule.objects.order_by("-pk")[0]
    assert (row.roles, row.tiers, row.environments, row.quorum) == (["director"], ["high"], ["prod"], 2)
    page = admin.get(f"/authority/{row.pk}/")
    changed = {**sent, "quorum": "1", "revision": hidden(page, "revision")}
    assert admin.post(f"/authority/{row.pk}/", changed).status_code == 302
    assert admin.post(f"/authority/{row.pk}/", changed).status_code == 412, "somebody changed it meanwhile"
    assert admin.post(f"/authority/{row.pk}/remove/", {"revision": "2"}).status_code == 302
    assert actions()[-3:] == ["authority.added", "authority.changed", "authority.removed"]


def test_a_vendor_change_is_reported_on_its_page(cast: Cast) -> None:
    person = client(cast.approver)
    sent = {"vendor": "self-hosted", "model": "", "note": "New weights."}
    assert person.post("/vendor-changes/", sent).status_code == 302
    assert b"New weights." in person.get("/vendor-changes/").content
    assert b"New weights." in person.get("/decisions/").content or cast.release.stale


def test_withdraw_recommend_and_ask_again_on_the_page(cast: Cast) -> None:
    cast.settle()
    request = cast.ask()
    decides, asks = client(cast.approver), client(cast.engineer)
    where = f"/decisions/{request.pk}/recommend/"
    page = decides.get(f"/decisions/{request.pk}/")
    assert decides.post(where, {"revision": hidden(page, "revision", where), "text": "Ship it."}).status_code == 302
    cast.sign(request, choice=Choice.REQUEST_CHANGES)
    page = asks.get(f"/decisions/{request.pk}/")
    where = f"/decisions/{request.pk}/again/"
    assert asks.post(where, {"shown": hidden(page, "shown", where), "note": "Mended."}).status_code == 302
    page = asks.get(f"/decisions/{request.pk}/")
    assert b"Round 2" in page.content
    where = f"/decisions/{request.pk}/withdraw/"
    assert asks.post(where, {"revision": hidden(page, "revision", where), "reason": "Later."}).status_code == 302
    request.refresh_from_db()
    assert request.state == RequestState.WITHDRAWN


@pytest.mark.parametrize("kind", ["html", "md"])
def test_the_memo_is_a_file_to_keep(cast: Cast, kind: str) -> None:
    request = cast.approved()
    answer = client(cast.engineer).get(f"/decisions/{request.pk}/memo.{kind}")
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith("attachment")
    text = answer.content.decode()
    assert "Ada Approver" in text
    assert request.shown_digest[:12] in text


def test_parts_on_the_page_of_a_release(cast: Cast) -> None:
    request = RequestFactory().get("/releases/1/")
    request.actor = actor(cast.engineer)  # type: ignore[attr-defined]
    request.user = cast.engineer
    for draw in (draw_signing, draw_decisions, draw_exceptions, draw_panel):
        assert draw(request, cast.release).strip()  # type: ignore[arg-type]
    assert "Ask for a decision" in draw_panel(request, cast.release)  # type: ignore[arg-type]
    cast.approved()
    assert "approve" in draw_decisions(request, cast.release).lower()  # type: ignore[arg-type]
    assert "Signed here" in draw_signing(request, cast.release)  # type: ignore[arg-type]


def test_no_page_carries_what_the_policy_forbids(cast: Cast) -> None:
    request = cast.approved()
    row = cast.exception(requirement="owned")
    admin = client(cast.people.person("administrator", "responsible-ai", "engineer"))
    rule = AuthorityRule.objects.all()[0].pk
    pages = [
        "/decisions/",
        f"/decisions/{request.pk}/",
        "/exceptions/",
        f"/exceptions/{row.pk}/",
        f"/releases/{cast.release_pk}/exception/",
        f"/releases/{cast.release_pk}/decision/",
        f"/releases/{cast.release_pk}/sign/go-live/",
        "/authority/",
        f"/authority/{rule}/",
        "/vendor-changes/",
    ]
    for page in pages:
        answer = admin.get(page)
        assert answer.status_code == 200, page
        text = answer.content.decode()
        assert not re.search(r"<[^>]+ style=|<style|<script(?![^>]+src=)|<[^>]+ on\w+=", text), page
        assert text.count("<h1") == 1, page


def test_what_people_write_is_shown_as_text(cast: Cast) -> None:
    cast.settle()
    request = cast.ask()
    cast.sign(request, reason="<script>alert(1)</script>")
    text = client(cast.engineer).get(f"/decisions/{request.pk}/").content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text


@pytest.mark.parametrize("path", ["/decisions/", "/exceptions/", "/vendor-changes/"])
def test_lists_cost_the_same_however_long(cast: Cast, path: str, django_assert_max_num_queries: Any) -> None:
    person = client(cast.people.person("responsible-ai"))

    def fill(number: int) -> None:
        for place in range(number):
            DecisionRequest.objects.create(
                release=Release.objects.get(pk=cast.release_pk),
                requested_by=cast.people.person("engineer"),
                shown_digest="a" * 64,
                tier="low",
                state="withdrawn",
                due=timezone.now(),
            )
            cast.exception(cast.people.person("engineer"), requirement=("owned", "go-live")[place % 2])
            ExceptionRequest.objects.update(state="rejected")
            VendorChange.objects.create(vendor="x", note="y", reported_by=cast.people.person())

    fill(3)
    person.get(path)
    with CaptureQueriesContext(connection) as few:
        assert person.get(path).status_code == 200
    fill(27)
    with django_assert_max_num_queries(len(few)):
        assert person.get(path).status_code == 200
