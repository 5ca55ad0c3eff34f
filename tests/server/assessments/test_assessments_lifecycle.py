"""The life of an assessment: begun, overtaken, submitted, accepted by somebody else, superseded; evidence that ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from assessed_rows import accepted, declare, in_review, make_evidence, make_system
from django.test import Client
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Door, server_actor
from roadworthy.server.access.refusals import Changed, Conflict, Missing, Refused
from roadworthy.server.accounts.reach import actor_of
from roadworthy.server.assessments import lifecycle, scenarios, treatments
from roadworthy.server.assessments.content import content_of
from roadworthy.server.assessments.hearing import expire_evidence
from roadworthy.server.assessments.models import Assessment
from roadworthy.server.assessments.treatments import Progress
from roadworthy.server.audit.models import Entry
from roadworthy.server.jobs.models import Notice
from roadworthy.server.systems.models import System
from roadworthy.server.systems.services import save_version


@pytest.fixture
def owner(people):
    return people.person("accountable-owner", "responsible-ai", name="Olga Owner")


@pytest.fixture
def system(owner):
    return make_system(owner=owner)


@pytest.fixture
def author(people):
    return people.actor("engineer")


@pytest.fixture
def reviewer(people):
    return people.actor("responsible-ai")


def test_it_begins_with_what_the_library_proposes(author, system):
    row = lifecycle.start(author, "mail-agent")
    content = content_of(row)
    assert (row.number, row.state, row.version) == (1, "draft", system.version)
    assert len(content.scenarios) > 10
    assert row.residual_high == row.inherent_high == sum(item.inherent.high for item in content.scenarios)
    assert row.band_low + row.band_moderate + row.band_high + row.band_critical == len(content.scenarios)
    assert System.objects.get().governance == "in assessment"
    assert System.objects.get().risk_high is None, "nothing counts that nobody accepted"


def test_a_system_has_one_open_draft(author, people, system):
    lifecycle.start(author, "mail-agent")
    with pytest.raises(Conflict, match="being worked on"):
        lifecycle.start(people.actor("engineer"), "mail-agent")
    with pytest.raises(Refused):
        lifecycle.start(people.actor("viewer"), "mail-agent")
    with pytest.raises(Missing):
        lifecycle.start(people.actor("engineer", system_id=system.pk + 1), "mail-agent")


def test_somebody_else_accepts_it_with_a_reason(author, reviewer, system):
    row = in_review(author, system)
    with pytest.raises(InputError, match="reason"):
        lifecycle.accept(reviewer, row.pk, row.revision, "  ")
    with pytest.raises(Changed):
        lifecycle.accept(reviewer, row.pk, row.revision - 1, "Fine.")
    done = lifecycle.accept(reviewer, row.pk, row.revision, "Read and agreed.")
    assert (done.state, done.accepted_by_id, done.accepted_reason) == ("accepted", reviewer.user_id, "Read and agreed.")
    assert System.objects.get().risk_high == done.residual_high > 0
    with pytest.raises(Conflict):
        lifecycle.accept(reviewer, row.pk, done.revision, "Again.")


def test_nobody_accepts_their_own_through_any_door(people, owner, system):
    writer = people.person("responsible-ai")
    actor = actor_of(writer, Door.PAGE)
    row = in_review(actor, system)
    for name in (writer, owner):
        with pytest.raises(Refused):
            lifecycle.accept(actor_of(name, Door.API), row.pk, row.revision, "Fine.")
    with pytest.raises(Refused):
        lifecycle.accept(server_actor(), row.pk, row.revision, "Fine.")
    client = Client()
    client.force_login(writer, backend="django.contrib.auth.backends.ModelBackend")
    assert (
        client.post(f"/assessments/{row.pk}/accept/", {"revision": row.revision, "reason": "Fine."}).status_code == 403
    )
    token = people.token(people.person("responsible-ai"))
    by_token = Client().post(
        f"/api/v1/assessments/{row.pk}/acceptance",
        {"reason": "Fine."},
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}", "If-Match": f'"r{row.revision}"'},
    )
    assert by_token.status_code == 403
    assert Entry.objects.filter(action="assessment.accept_refused", outcome="refused").count() == 2
    assert Assessment.objects.get().state == "in review"


def test_who_wrote_it_alone_does_not_accept_it_even_if_another_submits(people, author, system):
    writer = people.actor("responsible-ai")
    row = lifecycle.start(writer, "mail-agent")
    row = lifecycle.submit(author, row.pk, row.revision)
    with pytest.raises(Refused, match="alone"):
        lifecycle.accept(writer, row.pk, row.revision, "Fine.")


def test_in_review_it_does_not_change_until_it_is_returned(author, reviewer, system):
    row = in_review(author, system)
    first = content_of(row).scenarios[0].id
    with pytest.raises(Conflict):
        scenarios.accept_scenario(author, row.pk, row.revision, first)
    back = lifecycle.return_to_draft(reviewer, row.pk, row.revision, "Rate the exposure.")
    assert back.state == "draft"
    assert Notice.objects.filter(user_id=author.user_id, event="assessment.returned").exists()
    assert scenarios.accept_scenario(author, row.pk, back.revision, first).revision == back.revision + 1


def test_a_version_that_matters_overtakes_it(author, reviewer, owner, system):
    done = accepted(author, reviewer, system)
    draft = in_review(author, system)
    save_version(author, declare(product_line="shop", title="Mail agent", purpose="Other words."), source="page")
    changed = declare(product_line="shop", models=[{"id": "main", "provider": "openai", "name": "big-2"}])
    save_version(author, changed, source="page")
    done.refresh_from_db()
    draft.refresh_from_db()
    assert done.refresh_owed
    assert draft.refresh_owed
    assert Notice.objects.filter(user=owner, event="assessment.refresh_owed").count() == 2
    with pytest.raises(Conflict, match="newer version"):
        lifecycle.accept(reviewer, draft.pk, draft.revision, "Fine.")
    fresh = lifecycle.refresh(author, draft.pk, draft.revision)
    assert (fresh.state, fresh.refresh_owed, fresh.version) == ("draft", False, System.objects.get().version)


def test_a_refresh_keeps_what_people_did(author, system):
    row = lifecycle.start(author, "mail-agent")
    first = content_of(row).scenarios[0].id
    row = scenarios.dismiss_scenario(author, row.pk, row.revision, first, "It cannot happen here.")
    row = lifecycle.refresh(author, row.pk, row.revision)
    assert content_of(row).scenario(first).standing == "dismissed"


def test_the_accepted_one_before_is_superseded_and_its_work_taken_over(author, reviewer, system):
    row = lifecycle.start(author, "mail-agent")
    first = content_of(row).scenarios[0].id
    row = scenarios.dismiss_scenario(author, row.pk, row.revision, first, "It cannot happen here.")
    row = lifecycle.submit(author, row.pk, row.revision)
    lifecycle.accept(reviewer, row.pk, row.revision, "Fine.")
    second = accepted(author, reviewer, system)
    assert content_of(second).scenario(first).standing == "dismissed"
    assert list(Assessment.objects.values_list("number", "state")) == [(2, "accepted"), (1, "superseded")]


def with_proof(author, system, row, until):
    """Put a mitigation of the gravest scenario in place, with evidence until a moment."""
    item = content_of(row).scenarios[0]
    proof = make_evidence(system, until)
    progress = Progress("in-place", "Mira", None, (proof.digest,), "Tested.")
    return treatments.set_everywhere(author, row.pk, row.revision, item.treatments[0].mitigation, progress)


def test_evidence_that_ends_raises_the_risk_of_the_system_once(author, reviewer, owner, system):
    row = lifecycle.start(author, "mail-agent")
    row = with_proof(author, system, row, timezone.now() + timedelta(days=10))
    assert row.residual_high < row.inherent_high
    row = lifecycle.submit(author, row.pk, row.revision)
    row = lifecycle.accept(reviewer, row.pk, row.revision, "Fine.")
    low = System.objects.get().risk_high
    assert expire_evidence(timezone.now() + timedelta(days=9)) == "0 residual risks rose"
    assert expire_evidence(timezone.now() + timedelta(days=11)) == "1 residual risks rose"
    assert expire_evidence(timezone.now() + timedelta(days=11)) == "0 residual risks rose"
    row.refresh_from_db()
    assert row.residual_high == row.inherent_high
    assert System.objects.get().risk_high == row.residual_high > low
    assert Notice.objects.filter(user=owner, event="assessment.evidence_expired").exists()
