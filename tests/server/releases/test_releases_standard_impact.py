"""What a draft of the standard would make of releases: judged anew from their bundles, kept, shown, over the API."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from roadworthy.core.digests import canonical_json
from roadworthy.server.evidence.files import store
from roadworthy.server.releases import judged_under, standard_impact
from roadworthy.server.releases.judged_under import KEPT, forget_effects
from roadworthy.server.releases.models import JudgedUnder, Release
from roadworthy.server.releases.shipping import withdraw
from roadworthy.server.standards import impact
from roadworthy.server.standards.impact import IMPACT_SOURCES, ask_preview, compute_preview, visible_rows
from roadworthy.server.standards.models import ImpactState, StandardState, StandardVersion
from roadworthy.server.systems.models import System
from roadworthy.standard.load import seal_standard, standard_value
from roadworthy.standard.model import Standard


@pytest.fixture(autouse=True)
def _releases_only(monkeypatch):
    monkeypatch.setattr(impact, "IMPACT_SOURCES", {"releases": IMPACT_SOURCES["releases"]})


@pytest.fixture
def held(people, ready, push) -> Release:
    """A release that lacks document and sign-off, so that it is held."""
    return push(people.actor("engineer"), ready.bundle())


@pytest.fixture
def shipping(people, ready, push) -> Release:
    """A release of which everything is signed, so that it may ship."""
    return push(people.actor("engineer"), ready.bundle(minutes=5, sign=True))


@pytest.fixture
def draft(ready):
    """Return what makes a draft on the standard in force."""

    def make(change: Any) -> StandardVersion:
        value = copy.deepcopy(standard_value(ready.standard.standard))
        change(value)
        loaded = seal_standard(Standard.model_validate({**value, "version": "2-draft"}))
        return StandardVersion.objects.create(
            standard=loaded.standard.id,
            version=loaded.standard.version,
            title=loaded.standard.title,
            digest=loaded.digest,
            content=canonical_json(standard_value(loaded.standard)).decode(),
            state=StandardState.DRAFT,
            base=StandardVersion.objects.get(in_force=True),
        )

    return make


def stricter(value: dict[str, Any]) -> None:
    """Ask more right answers than the release has shown."""
    answers = next(one for one in value["requirements"] if one["id"] == "answers-right")
    answers["criterion"]["low"]["at_least"] = 0.99


def softer(value: dict[str, Any]) -> None:
    value["requirements"] = [one for one in value["requirements"] if one["id"] in {"answers-right", "owned"}]


def reworded(value: dict[str, Any]) -> None:
    value["title"] = "Another title"


def preview_of(people, row, who="responsible-ai"):
    return ask_preview(people.actor(who), row.pk)


def test_a_stricter_draft_holds_what_may_ship_and_says_by_which_requirement(people, shipping, draft):
    assert shipping.verdict == "ship"
    result = preview_of(people, draft(stricter)).result["releases"]
    assert (result["looked_at"], result["changed"]) == (1, 1)
    assert result["kinds"] == {"verdict": 1, "ship to hold": 1}
    (row,) = result["rows"]
    assert (row["now"], row["then"]) == ("ship", "hold")
    assert row["what"] == ["answers-right: met -> inconclusive, holds it"]
    shipping.refresh_from_db()
    assert shipping.verdict == "ship", "a preview changes nothing"


def test_a_softer_draft_lets_ship_what_is_held(people, held, draft):
    (row,) = preview_of(people, draft(softer)).result["releases"]["rows"]
    assert (row["now"], row["then"]) == ("hold", "ship")
    assert row["what"][:2] == [
        "system-card: not shown -> no longer asked, no longer holds it",
        "go-live: not shown -> no longer asked, no longer holds it",
    ]


def test_a_draft_that_changes_nothing_says_so(people, shipping, draft, signed_in):
    row = draft(reworded)
    result = preview_of(people, row).result["releases"]
    assert (result["looked_at"], result["changed"], result["rows"]) == (1, 0, [])
    page = signed_in("responsible-ai").get(f"/standards/{row.pk}/?tab=impact").content.decode()
    assert "The draft changes nothing for any of them." in page


def test_the_newest_what_shipped_and_what_was_decided_is_looked_at(people, ready, push, shipping, draft):
    Release.objects.filter(pk=shipping.pk).update(state="shipped", shipped_at=timezone.now())
    push(people.actor("engineer"), ready.bundle(minutes=6, release="1.1"))
    newest = push(people.actor("engineer"), ready.bundle(minutes=7, release="1.2"))
    row = draft(reworded)
    assert preview_of(people, row).result["releases"]["looked_at"] == 2, "1.1 was superseded before it was decided"
    withdraw(people.actor("engineer"), newest.pk, reason="Wrong.")
    assert preview_of(people, row).result["releases"]["looked_at"] == 1
    System.objects.update(lifecycle="retired")
    assert preview_of(people, row).result["releases"]["looked_at"] == 0


def test_what_cannot_be_judged_is_counted_and_shown(people, shipping, draft, signed_in):
    next(store().home.rglob(shipping.bundle_id)).unlink()
    row = draft(stricter)
    result = preview_of(people, row).result["releases"]
    assert result["kinds"] == {"could not be judged": 1}
    assert result["rows"][0]["what"][0].startswith("It could not be judged: ")
    page = signed_in("responsible-ai").get(f"/standards/{row.pk}/?tab=impact").content.decode()
    assert "It could not be judged" in page
    assert "Unknown" in page
    assert not JudgedUnder.objects.exists(), "a failure is not kept: it may be mended"


def test_another_verdict_stands_first_then_what_failed_then_other_outcomes(people, ready, push, draft, shipping):
    def change(value: dict[str, Any]) -> None:
        stricter(value)
        owned = next(one for one in value["requirements"] if one["id"] == "owned")
        value["requirements"].append({**owned, "id": "owned-too"})

    Release.objects.filter(pk=shipping.pk).update(state="shipped", shipped_at=timezone.now())
    engineer = people.actor("engineer")
    gone = push(engineer, ready.bundle(minutes=20, release="2.0"))
    Release.objects.filter(pk=gone.pk).update(state="approved")
    push(engineer, ready.bundle(minutes=21, release="2.1"))
    next(store().home.rglob(gone.bundle_id)).unlink()
    rows = preview_of(people, draft(change)).result["releases"]["rows"]
    assert [(row["title"].split()[-1], row["now"], row["then"]) for row in rows] == [
        ("1.0", "ship", "hold"),
        ("2.0", "hold", ""),
        ("2.1", "hold", "hold"),
    ]


def test_what_was_judged_once_is_kept_by_bundle_and_draft(people, shipping, draft, monkeypatch):
    row = draft(stricter)
    first = preview_of(people, row).result
    monkeypatch.setattr(judged_under, "judge_under", None)
    assert preview_of(people, row).result == first
    assert JudgedUnder.objects.get().bundle == shipping.bundle_id
    monkeypatch.undo()
    preview_of(people, draft(softer))
    assert JudgedUnder.objects.count() == 2, "another draft is judged by itself"
    assert forget_effects(timezone.now()) == "0 judgements under drafts removed"
    assert forget_effects(timezone.now() + 2 * KEPT) == "2 judgements under drafts removed"


def test_a_job_pauses_and_goes_on_where_it_stopped(people, ready, push, draft, shipping, monkeypatch):
    Release.objects.filter(pk=shipping.pk).update(state="shipped", shipped_at=timezone.now())
    push(people.actor("engineer"), ready.bundle(minutes=20, release="2.0"))
    judged: list[int] = []
    real = standard_impact.effect_on

    def judge(release: Release, standard: Any) -> Any:
        judged.append(release.pk)
        return real(release, standard)

    monkeypatch.setattr(standard_impact, "effect_on", judge)
    monkeypatch.setattr(impact, "AT_ONCE", 0)
    monkeypatch.setattr(impact, "SLICE", 0.0)
    preview = preview_of(people, draft(stricter))
    assert (preview.state, preview.total) == ("waiting", 2)
    seen = []
    for _ in range(4):
        impact._compute(preview, pauses=True)
        preview.refresh_from_db()
        seen.append((preview.state, preview.done))
        if preview.state == ImpactState.DONE:
            break
    assert seen == [("running", 1), ("running", 2), ("done", 2)]
    assert len(judged) == 2, "each was judged once"


def test_many_are_judged_by_a_task_that_asks_to_be_run_again(people, draft, shipping, monkeypatch):
    from django_tasks_db.models import DBTaskResult

    monkeypatch.setattr(impact, "AT_ONCE", 0)
    monkeypatch.setattr(impact, "SLICE", 0.0)
    preview = preview_of(people, draft(stricter))
    before = DBTaskResult.objects.count()
    compute_preview.func(preview.pk)
    assert DBTaskResult.objects.count() == before + 1
    compute_preview.func(preview.pk)
    preview.refresh_from_db()
    assert preview.state == ImpactState.DONE
    compute_preview.func(preview.pk)
    assert DBTaskResult.objects.count() == before + 1, "what is done is not done again"


def test_the_page_says_how_far_it_is(people, draft, shipping, monkeypatch, signed_in):
    monkeypatch.setattr(impact, "AT_ONCE", 0)
    row = draft(stricter)
    client = signed_in("responsible-ai")
    assert (
        "Nothing was computed for this content yet" in client.get(f"/standards/{row.pk}/?tab=impact").content.decode()
    )
    preview_of(people, row)
    page = client.get(f"/standards/{row.pk}/?tab=impact").content.decode()
    assert "It is being computed" in page
    assert "0 of 1 looked at" in page


def test_page_and_api_show_the_rows_of_systems_that_one_may_see(people, draft, shipping, signed_in):
    row = draft(stricter)
    preview = preview_of(people, row)
    client = signed_in("responsible-ai")
    page = client.get(f"/standards/{row.pk}/?tab=impact").content.decode()
    assert "ship to hold: 1" in page
    assert "answers-right: met -&gt; inconclusive, holds it" in page
    assert shipping.subject.url in page
    stranger = people.actor("viewer", system_id=shipping.system_id + 99)
    assert visible_rows(stranger, preview, "releases") == []
    headers = {"Authorization": f"Bearer {people.token(people.person('responsible-ai'))}"}
    told = Client().get(f"/api/v1/standards/{row.pk}/impact", headers=headers).json()["sources"]["releases"]
    assert told["kinds"]["verdict"] == 1
    assert told["rows"] == [
        {
            "title": f"{shipping.system.title} {shipping.name}",
            "url": shipping.subject.url,
            "now": "ship",
            "then": "hold",
            "what": ["answers-right: met -> inconclusive, holds it"],
        }
    ]


def test_without_a_release_there_is_nothing_to_compare(people, draft, signed_in):
    row = draft(stricter)
    preview_of(people, row)
    page = signed_in("responsible-ai").get(f"/standards/{row.pk}/?tab=impact").content.decode()
    assert "No release has arrived yet" in page


@pytest.mark.parametrize("number", [1, 4])
def test_what_is_kept_is_read_in_batches(people, ready, push, draft, number, django_assert_max_num_queries):
    for place in range(number):
        release = push(people.actor("engineer"), ready.bundle(minutes=30 + place, release=f"3.{place}"))
        Release.objects.filter(pk=release.pk).update(state="approved")
    row = draft(stricter)
    first = preview_of(people, row).result
    author = people.actor("responsible-ai")
    with django_assert_max_num_queries(28):
        assert ask_preview(author, row.pk).result == first
    assert first["releases"]["looked_at"] == number
