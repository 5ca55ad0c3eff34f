"""A portfolio of made-up facts for tests, of several months, tiers and product lines."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils import timezone
from server_releases import judged, make_system, make_version, outcome

from roadworthy.decide.outcome import Status
from roadworthy.server.assessments.models import Assessment
from roadworthy.server.decisions.models import DecisionRequest
from roadworthy.server.findings.models import Finding, FindingRound
from roadworthy.server.portfolio.facts import show_risk
from roadworthy.server.portfolio.models import DecisionFact, ReleaseFact, RiskFact, VersionFact
from roadworthy.server.releases.models import Release
from roadworthy.server.systems.models import Question, System

TIERS = ("high", "medium", "low")
LINES = ("shop", "bank")


def make_portfolio(people: Any, seed: int = 1, months: int = 5, systems: int = 6, rows: int = 60) -> list[System]:
    """Make systems with facts at random moments of the last months; some exactly where a month begins."""
    chance = random.Random(seed)
    person = people.person("viewer")
    made = [
        make_system(f"s{number}", tier=TIERS[number % 3], line=LINES[number % 2], reach=10 ** (number % 5))
        for number in range(systems)
    ]
    Moments = lambda: _moment(chance, months)  # noqa: E731 (short here)
    for number in range(rows):
        system = chance.choice(made)
        _release(chance, system, person, Moments(), number)
        _finding(chance, system, Moments())
        _question(chance, system, person, Moments())
    ReleaseFact.objects.filter(release__current=True).delete()
    for system in made:
        for _ in range(3):
            _version(chance, system, Moments())
    for system in made[1:]:
        for number in range(2):
            _risk(chance, system, Moments(), number)
    show_risk(System.objects.all())
    return made


def _moment(chance: random.Random, months: int) -> datetime:
    now = timezone.now()
    moment = now - timedelta(seconds=chance.randrange(months * 30 * 86400))
    if chance.random() < 0.2:  # the very first moments of a month, in UTC, and those just before
        first = datetime(moment.year, moment.month, 1, tzinfo=UTC)
        return first + timedelta(microseconds=chance.choice([-1, 0, 1]))
    return moment


def _of(system: System) -> dict[str, Any]:
    return {"system": system, "product_line_id": system.product_line_id, "tier": system.tier}


def _release(chance: random.Random, system: System, person: Any, at: datetime, number: int) -> None:
    release = Release.objects.filter(system=system).first() or judged(system, outcome("pii-leak", Status.MET))
    release.pk, release.current, release.name, release.bundle_digest = None, False, f"r{number}", f"{number:064d}"
    release.save(force_insert=True)
    required = chance.choice([0, 3, 4])
    explained = chance.choice([0, 2])
    ReleaseFact.objects.create(
        **_of(system),
        release=release,
        received_at=at - timedelta(days=chance.randrange(9)),
        compared=chance.random() < 0.7,
        regressed=chance.random() < 0.2,
        shipped_at=at if chance.random() < 0.8 else None,
        owed=chance.random() < 0.6,
        assessed=chance.random() < 0.8,
        verdict=chance.choice(["ship", "ship with conditions", "hold"]),
        waived=chance.choice([0, 0, 0, 2]),
        required=required,
        measured=chance.randrange(required + 1),
        explained_required=explained,
        explained_met=chance.randrange(explained + 1),
        injection_required=chance.random() < 0.7,
        resilience=chance.choice([None, 0.8, 0.95, 1.0]),
    )
    asked = at - timedelta(days=chance.randrange(40))
    request = DecisionRequest.objects.create(
        release=release, requested_by=person, shown_digest="0" * 64, tier=system.tier, due=at, state="approved"
    )
    DecisionFact.objects.create(
        **_of(system),
        release=release,
        request=request,
        started_at=asked - timedelta(days=chance.randrange(30)),
        requested_at=asked,
        aligned_at=asked + (at - asked) * chance.random() if chance.random() < 0.7 else None,
        decided_at=at,
        approved=True,
    )


def _finding(chance: random.Random, system: System, at: datetime) -> None:
    due, twice = at + timedelta(days=14), at + timedelta(days=28)
    finding = Finding.objects.create(
        system=system, title="Wrong", severity="high", source="person", opened_at=at, due=due, tier=system.tier
    )
    ended = at + timedelta(days=chance.randrange(60)) if chance.random() < 0.8 else None
    FindingRound.objects.create(
        **_of(system),
        finding=finding,
        number=1,
        source=chance.choice(["gate", "red team", "person", "incident"]),
        dimension=chance.choice(["privacy", "security", ""]),
        severity=chance.choice(["critical", "high", "medium", "low"]),
        opened_at=at,
        due=due,
        due_twice=twice,
        ended_at=ended,
        ending=chance.choice(["passing re-run", "waived", "shown by evidence", "accepted risk"]) if ended else "",
    )


def _question(chance: random.Random, system: System, person: Any, at: datetime) -> None:
    question = Question.objects.create(
        system=system if chance.random() < 0.7 else None,
        asked_by=person,
        title="How is it to be read",
        body="So?",
        due=at,
        state=chance.choice(["open", "answered", "answered", "withdrawn"]),
        answered_at=at,
    )
    Question.objects.filter(pk=question.pk).update(asked_at=at - timedelta(days=chance.randrange(30)))


def _version(chance: random.Random, system: System, at: datetime) -> None:
    data = chance.choice([0, 2, 3])
    VersionFact.objects.create(
        **_of(system),
        version=make_version(system),
        saved_at=at,
        data=data,
        traced=chance.choice([data, max(data - 1, 0)]),
        retired_at=at + timedelta(days=40) if chance.random() < 0.1 else None,
    )


def _risk(chance: random.Random, system: System, at: datetime, number: int) -> None:
    old = timedelta(days=365) if chance.random() < 0.3 else timedelta()
    assessment = Assessment.objects.create(
        system=system, version=system.version, number=number + 1, state="superseded", content="{}"
    )
    low = chance.randrange(50)
    RiskFact.objects.create(
        **_of(system), assessment=assessment, accepted_at=at - old, low=low, high=low + chance.randrange(50)
    )
