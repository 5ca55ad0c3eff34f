"""The pages of releases, of a bundle that was really pushed."""

from __future__ import annotations

import pytest
from django.test import Client


@pytest.fixture
def release(ready, push, people, tmp_path):
    """A release of the worked example."""
    return push(people.actor("responsible-ai"), ready.bundle())


def test_the_page_begins_with_the_verdict_and_shows_every_requirement(signed_in, release):
    page = signed_in("viewer").get(f"/releases/{release.pk}/")
    text = page.content.decode()
    assert page.status_code == 200
    for outcome in release_outcomes(release):
        assert f'id="req-{outcome.requirement}"' in text
        assert outcome.title in text
    assert "style=" not in text
    assert "<script>" not in text


def release_outcomes(release):
    from roadworthy.server.releases.judgement import verdict_of

    return verdict_of(release).outcomes


@pytest.mark.parametrize("tab", ["documents", "evidence", "change", "activity"])
def test_every_tab_is_drawn(signed_in, release, tab):
    page = signed_in("responsible-ai").get(f"/releases/{release.pk}/?tab={tab}")
    assert page.status_code == 200


def test_the_critique_of_its_documents_says_what_is_missing_and_what_is_thin(signed_in, release, ready, push, people):
    headers = {"Authorization": f"Bearer {people.token(people.person('viewer'))}"}
    found = Client().get(f"/api/v1/releases/{release.pk}/critique", headers=headers).json()
    assert [(one["rule"], one["requirement"]) for one in found] == [("document-missing", "system-card")]
    page = signed_in("viewer").get(f"/releases/{release.pk}/?tab=documents").content.decode()
    assert f'href="/releases/{release.pk}/?tab=sign"' in page
    signed = push(people.actor("responsible-ai"), ready.bundle(minutes=5, sign=True))
    found = Client().get(f"/api/v1/releases/{signed.pk}/critique", headers=headers).json()
    assert {one["requirement"] for one in found} == {"system-card"}
    assert "document-missing" not in {one["rule"] for one in found}
    assert found


def test_evidence_leads_to_the_release_and_back(signed_in, release):
    client = signed_in("viewer")
    link = release.rests_on.select_related("record").first()
    there = client.get(f"/evidence/{link.record.digest}/").content.decode()
    assert f"/releases/{release.pk}/" in there
    assert link.record.digest in client.get(f"/releases/{release.pk}/?tab=evidence").content.decode()


def test_the_list_shows_it_and_hides_it_from_those_who_may_not_see_it(signed_in, release):
    assert f"/releases/{release.pk}/" in signed_in("viewer").get("/releases/").content.decode()
    elsewhere = signed_in("viewer", system_id=release.system_id + 1)
    assert f"/releases/{release.pk}/" not in elsewhere.get("/releases/").content.decode()
    assert elsewhere.get(f"/releases/{release.pk}/").status_code == 404


def test_pages_take_no_more_queries_when_there_are_more_rows(signed_in, release, django_assert_max_num_queries):
    client = signed_in("viewer")
    for address in ("/releases/", f"/releases/{release.pk}/", f"/releases/{release.pk}/?tab=evidence"):
        with django_assert_max_num_queries(24):
            client.get(address)


def test_the_search_finds_it_by_words_and_by_a_digest(signed_in, release):
    client = signed_in("engineer")
    name = f"{release.system.title.split()[0]} {release.name}"
    for words in (name, release.bundle_digest[:12], f"sha256:{release.fingerprint[:16]}"):
        found = client.get("/search", {"q": words}).content.decode()
        assert release.subject.url in found, words
    assert release.subject.url not in client.get("/search", {"q": "0123456789ab"}).content.decode()
