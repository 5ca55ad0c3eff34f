"""Facts: what an event leaves behind, once, and what it does not."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from server_releases import estimate, judged, make_system, make_version, outcome

from roadworthy.decide.outcome import Status
from roadworthy.declare.system import System as Declaration
from roadworthy.server.access.actor import server_actor
from roadworthy.server.access.events import Event, publish
from roadworthy.server.assessments.models import Assessment
from roadworthy.server.audit.services import record
from roadworthy.server.decisions.models import DecisionRequest, Signature
from roadworthy.server.portfolio import facts
from roadworthy.server.portfolio.models import DecisionFact, ReleaseFact, RiskFact, VersionFact
from roadworthy.server.releases.models import Release
from roadworthy.server.systems.services import save_version

RATE = {"judged": (estimate(0.04, 0.02, 0.06),)}


@pytest.fixture
def system(db):
    return make_system()


def ship(release: Release) -> Release:
    """Ship a release as its app does."""
    with transaction.atomic():
        release.shipped_at, release.state = timezone.now(), "shipped"
        release.save()
        record(server_actor(), "release.shipped", release.subject, row=release)
    return release


def test_a_release_leaves_a_fact_when_it_is_first_judged(system):
    release = judged(system, outcome("injection-resilience", Status.MET, **RATE))
    fact = ReleaseFact.objects.get()
    assert (fact.release, fact.compared, fact.regressed, fact.shipped_at) == (release, False, False, None)
    assert (fact.tier, fact.product_line) == ("high", system.product_line)


def test_shipping_fixes_what_was_so_then_and_later_judgements_change_nothing(system):
    release = judged(
        system,
        outcome("injection-resilience", Status.MET, **RATE),
        outcome("pii-leak", Status.NOT_SHOWN, obligation="should", dimension="privacy"),
        outcome("explanation-given", Status.MET, shown_by="declaration", dimension=None),
        outcome("toxicity", Status.NOT_APPLICABLE),
        outcome("threat-model", Status.WAIVED, shown_by="document", dimension=None),
    )
    ship(release)
    fact = ReleaseFact.objects.get()
    assert (fact.required, fact.measured) == (2, 1), "one of two measurements that apply is there"
    assert (fact.explained_required, fact.explained_met) == (1, 1)
    assert (fact.injection_required, fact.resilience) == (True, pytest.approx(0.96))
    assert (fact.owed, fact.assessed, fact.waived) == (True, False, 1)
    first = fact.shipped_at
    ship(release)
    assert ReleaseFact.objects.get().shipped_at == first


def test_the_worst_suite_counts_and_what_was_not_measured_is_unknown():
    two = (estimate(0.04, 0.02, 0.06), estimate(0.3, 0.2, 0.4))
    assert facts.injection_resilience([outcome("injection-resilience", Status.NOT_MET, judged=two)]) == (True, 0.7)
    assert facts.injection_resilience([outcome("injection-resilience", Status.NOT_SHOWN)]) == (True, None)
    assert facts.injection_resilience([outcome("pii-leak", Status.MET, judged=two)]) == (False, None)


def test_a_safety_regression_is_noted_against_the_shipped_release(system):
    ship(judged(system, outcome("injection-resilience", Status.MET, **RATE)))
    worse = {"judged": (estimate(0.09, 0.07, 0.12),)}
    judged(system, outcome("injection-resilience", Status.MET, **worse), regressed=True)
    judged(system, outcome("injection-resilience", Status.MET, **worse, dimension="quality"), regressed=True)
    noted = ReleaseFact.objects.order_by("pk").values_list("compared", "regressed")
    assert list(noted) == [(False, False), (True, True), (True, False)]


def test_an_assessment_counts_when_it_is_of_the_version_that_shipped_and_was_accepted_before(system):
    release = judged(system, outcome("pii-leak", Status.MET))
    other = make_version(system)
    made = Assessment.objects.create(
        system=system, version=other, number=1, state="accepted", content="{}", accepted_at=timezone.now()
    )
    assert not facts._assessed(release, timezone.now())
    made.version = release.version
    made.save()
    assert facts._assessed(release, timezone.now())
    assert not facts._assessed(release, made.accepted_at - timedelta(seconds=1))


def decided(release, people, state="approved", roles=()):
    """Decide about a release as its app does, with words of some roles."""
    now = timezone.now()
    request = DecisionRequest.objects.create(
        release=release,
        requested_by=people.person("engineer"),
        shown_digest="0" * 64,
        tier="high",
        state=state,
        due=now,
        decided_at=now,
    )
    for number, role in enumerate(roles):
        Signature.objects.create(
            request=request,
            user=people.person(role),
            role=role,
            choice="approve",
            reason="Fine.",
            shown_digest="0" * 64,
            statement_digest=f"{request.pk:060d}{number:04d}",
            envelope="{}",
            at=now - timedelta(hours=number + 1),
        )
    name = "decision.rejected" if state == "rejected" else "decision.approved"
    publish(Event(name, request.subject, server_actor(), row=request))
    return request


def test_the_first_decision_leaves_a_fact_and_a_second_one_none(system, people):
    release = judged(system, outcome("pii-leak", Status.MET))
    request = decided(release, people, roles=("director", "privacy", "security"))
    fact = DecisionFact.objects.get()
    assert (fact.request, fact.started_at, fact.approved) == (request, system.created_at, True)
    assert fact.aligned_at == request.decided_at - timedelta(hours=2), "the director's word is no alignment"
    publish(Event("decision.approved", request.subject, server_actor(), row=request))
    assert DecisionFact.objects.count() == 1


def test_after_a_release_has_shipped_a_case_begins_with_the_next_version(system, people):
    ship(judged(system, outcome("pii-leak", Status.MET)))
    system.version = make_version(system)
    system.save()
    release = judged(system, outcome("pii-leak", Status.MET))
    decided(release, people, state="rejected")
    fact = DecisionFact.objects.get()
    assert (fact.started_at, fact.approved, fact.aligned_at) == (system.version.created_at, False, None)


DECLARATION = {
    "system": "helper",
    "kind": "assistant",
    "purpose": "Helps people with their orders.",
    "owner": {"team": "A", "contact": "a@example.com"},
    "users": {"who": ["customers"], "monthly": 20000},
    "regions": ["EU"],
    "models": [{"id": "main", "provider": "openai", "name": "gpt"}],
    "data": [
        {"id": "kb", "use": "retrieval", "source": "us", "licence": "internal", "lineage": ["crm"]},
        {"id": "logs", "use": "retrieval", "source": "us", "licence": "internal"},
    ],
}


def test_a_version_leaves_how_much_of_its_data_can_be_traced(people):
    save_version(people.actor("engineer"), Declaration.model_validate(DECLARATION), source="api")
    fact = VersionFact.objects.get()
    assert (fact.data, fact.traced) == (2, 1)
    system = fact.system
    publish(Event("system.retired", system.subject, server_actor(), row=system))
    assert VersionFact.objects.get().retired_at is not None


def test_an_accepted_assessment_leaves_weighted_risk(system):
    system.reach = 150_000
    version = make_version(system, json.dumps(DECLARATION))
    row = Assessment.objects.create(
        system=system,
        version=version,
        number=1,
        state="accepted",
        content="{}",
        residual_low=3,
        residual_high=5,
        accepted_at=timezone.now(),
    )
    publish_accepted(row)
    publish_accepted(row)
    fact = RiskFact.objects.get()
    # high tier weighs 4; 150,000 people a month reach three of the four steps above 1
    assert (fact.low, fact.high) == (3 * 4 * 4, 5 * 4 * 4)
    system.refresh_from_db()
    assert (system.portfolio_risk_low, system.portfolio_risk_high, system.portfolio_risk_at) == (
        fact.low,
        fact.high,
        fact.accepted_at,
    )


def publish_accepted(row):
    """Publish that an assessment was accepted."""
    facts.hear_accepted(Event("assessment.accepted", row.subject, server_actor(), row=row))
