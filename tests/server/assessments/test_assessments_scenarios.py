"""What people do with scenarios and mitigations: reasons, ranges, evidence that counts and promises that do not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from assessed_rows import accepted, make_evidence, make_system
from django.utils import timezone

from roadworthy.core.errors import InputError
from roadworthy.server.access.refusals import Changed, Conflict, Missing, Refused
from roadworthy.server.assessments import lifecycle, scenarios, treatments
from roadworthy.server.assessments.content import content_of
from roadworthy.server.assessments.scenarios import Added, rating_of
from roadworthy.server.assessments.treatments import Progress
from roadworthy.server.audit.models import Entry
from roadworthy.server.jobs.models import Notice

NARROW = {"severity": [4, 4], "likelihood": [2, 3], "exposure": [1, 2], "detectability": [3, 3]}


@pytest.fixture
def system(people):
    return make_system()


@pytest.fixture
def author(people):
    return people.actor("engineer")


@pytest.fixture
def draft(author, system):
    return lifecycle.start(author, system.slug)


@pytest.fixture
def first(draft):
    return content_of(draft).scenarios[0]


def test_a_change_needs_a_reason_and_is_kept_with_who_and_when(author, draft, first):
    with pytest.raises(InputError, match="reason"):
        scenarios.edit_scenario(author, draft.pk, 1, first.id, " ", rating=rating_of(NARROW))
    with pytest.raises(InputError, match="nothing"):
        scenarios.edit_scenario(author, draft.pk, 1, first.id, "Because.", rating=first.rating)
    row = scenarios.edit_scenario(author, draft.pk, 1, first.id, "Measured last week.", rating=rating_of(NARROW))
    item = content_of(row).scenario(first.id)
    assert (item.inherent.low, item.inherent.high) == (4 * 2 * 1 * 3, 4 * 3 * 2 * 3)
    assert (item.changes[-1].by, item.changes[-1].why) == (author.name, "Measured last week.")
    assert item.accepted
    assert '"likelihood":"2 to 3"' in Entry.objects.get(action="assessment.scenario_edited").detail


def test_a_change_names_the_revision_that_was_seen(author, draft, first):
    scenarios.accept_scenario(author, draft.pk, 1, first.id)
    with pytest.raises(Changed):
        scenarios.dismiss_scenario(author, draft.pk, 1, first.id, "Late.")
    with pytest.raises(Missing):
        scenarios.accept_scenario(author, draft.pk, 2, "no-such")


def test_dismissing_lowers_the_sum_and_is_reasoned(author, draft, first):
    row = scenarios.dismiss_scenario(author, draft.pk, 1, first.id, "No such tool.")
    assert row.residual_high == draft.residual_high - first.inherent.high
    with pytest.raises(InputError):
        scenarios.dismiss_scenario(author, draft.pk, 2, content_of(row).scenarios[1].id, "")


def test_the_rest_is_accepted_with_one_reason(author, draft, first):
    row = scenarios.dismiss_scenario(author, draft.pk, 1, first.id, "No such tool.")
    row = scenarios.accept_rest(author, draft.pk, row.revision, "Read by the team on Monday.")
    standings = {item.standing.value for item in content_of(row).scenarios}
    assert standings == {"accepted", "dismissed"}
    with pytest.raises(InputError, match="no proposal"):
        scenarios.accept_rest(author, draft.pk, row.revision, "Again.")


def test_a_person_adds_what_the_library_lacks(author, draft):
    added = Added(
        "It signs as the boss", "Readers trust forged mail.", "security", "It has a signature.", rating_of(NARROW)
    )
    row, id_ = scenarios.add_scenario(author, draft.pk, 1, added)
    _row, again = scenarios.add_scenario(author, draft.pk, row.revision, added)
    assert (id_, again) == ("it-signs-as-the-boss", "it-signs-as-the-boss-2")
    item = content_of(row).scenario(id_)
    assert (item.origin, item.accepted) == ("person", True)
    bad = Added("x", "y", "nonsense", "z", rating_of(NARROW))
    with pytest.raises(InputError, match="not complete"):
        scenarios.add_scenario(author, draft.pk, 3, bad)
    unknown = Added("x", "y", "security", "z", rating_of(NARROW), ("no-such",))
    with pytest.raises(InputError, match="no mitigation"):
        scenarios.add_scenario(author, draft.pk, 3, unknown)


@pytest.mark.parametrize(
    "rating", [{}, {**NARROW, "severity": [5, 1]}, {**NARROW, "exposure": [0, 3]}, {**NARROW, "likelihood": [1, 6]}]
)
def test_a_rating_that_is_none_is_refused(rating):
    with pytest.raises(InputError):
        rating_of(rating)


def test_a_promise_lowers_nothing_and_evidence_does(author, draft, first, system):
    mitigation = first.treatments[0].mitigation
    row = treatments.set_treatment(author, draft.pk, 1, first.id, mitigation, Progress("in-place", "Mira"))
    assert row.residual_high == draft.residual_high
    proof = make_evidence(system)
    shown = Progress("in-place", "Mira", None, (proof.digest,), "Tested.")
    row = treatments.set_treatment(author, draft.pk, row.revision, first.id, mitigation, shown)
    assert row.residual_high < draft.residual_high
    assert content_of(row).scenario(first.id).treatments[0].evidence[0].says == "Retest"
    with pytest.raises(InputError, match="nothing"):
        treatments.set_treatment(author, draft.pk, row.revision, first.id, mitigation, shown)


def test_only_evidence_of_this_system_that_has_not_expired_counts(author, people, draft, first, system):
    mitigation = first.treatments[0].mitigation
    other = make_evidence(make_system("other"))
    old = make_evidence(system, timezone.now() - timedelta(days=1))
    for digest in (other.digest, old.digest, "0" * 64, "nonsense"):
        with pytest.raises(InputError, match="evidence"):
            treatments.set_treatment(
                author, draft.pk, 1, first.id, mitigation, Progress("in-place", evidence=(digest,))
            )
    viewer = people.actor("viewer")
    with pytest.raises(Refused):
        treatments.set_treatment(viewer, draft.pk, 1, first.id, mitigation, Progress("planned"))


def test_a_mitigation_of_the_library_is_added_and_an_unknown_one_is_not(author, draft, first):
    have = {one.mitigation for one in first.treatments}
    other = next(
        one.mitigation for item in content_of(draft).scenarios for one in item.treatments if one.mitigation not in have
    )
    row = treatments.set_treatment(author, draft.pk, 1, first.id, other, Progress("planned"))
    assert other in {one.mitigation for one in content_of(row).scenario(first.id).treatments}
    with pytest.raises(Missing):
        treatments.set_treatment(author, draft.pk, 2, first.id, "no-such", Progress("planned"))
    with pytest.raises(InputError, match="state"):
        treatments.set_treatment(author, draft.pk, 2, first.id, other, Progress("done"))


def test_who_becomes_its_owner_is_told(author, people, draft, first):
    mira = people.person("engineer", name="Mira")
    progress = Progress("planned", mira.email, timezone.localdate() + timedelta(days=9))
    row = treatments.set_treatment(author, draft.pk, 1, first.id, first.treatments[0].mitigation, progress)
    assert content_of(row).scenario(first.id).treatments[0].owner == "Mira"
    assert Notice.objects.filter(user=mira, event="assessment.treatment_changed").exists()


def test_after_acceptance_work_goes_on_but_nothing_lowers_the_risk(author, people, system):
    row = accepted(author, people.actor("responsible-ai"), system)
    item = content_of(row).scenarios[0]
    mitigation = item.treatments[0].mitigation
    proof = make_evidence(system)
    claim = Progress("in-place", "Mira", None, (proof.digest,))
    with pytest.raises(Conflict, match="lower its risk"):
        treatments.set_treatment(author, row.pk, row.revision, item.id, mitigation, claim)
    after = treatments.set_treatment(
        author, row.pk, row.revision, item.id, mitigation, Progress("planned", "Mira", timezone.localdate())
    )
    assert (after.state, after.residual_high) == ("accepted", row.residual_high)
    with pytest.raises(Conflict):
        scenarios.dismiss_scenario(author, row.pk, after.revision, item.id, "Late.")
