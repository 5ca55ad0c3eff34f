"""Judged releases for tests: rows with verdicts that are made up, published as the releases app does."""

from __future__ import annotations

import hashlib
from datetime import datetime
from itertools import count
from typing import Any

from django.db import transaction
from django.utils import timezone

from roadworthy.core.clock import format_time
from roadworthy.decide.outcome import Judged, Outcome, Status, Verdict, VerdictKind
from roadworthy.server.access.actor import server_actor
from roadworthy.server.accounts.models import ProductLine
from roadworthy.server.audit.services import record
from roadworthy.server.evidence.models import EvidenceRecord
from roadworthy.server.releases.judgement import judge_release, keep_verdict
from roadworthy.server.releases.models import Release
from roadworthy.server.standards.in_force import in_force_version
from roadworthy.server.systems.models import System, SystemVersion

_NUMBERS = count(1)


def make_system(slug: str = "helper", *, tier: str = "high", line: str = "shop", **fields: Any) -> System:
    """Make a system of a product line, with one version."""
    row, _ = ProductLine.objects.get_or_create(slug=line, defaults={"title": line.title()})
    facts = {"title": slug.title(), "kind": "assistant", "purpose": "Helps.", "team": "A", **fields}
    system = System.objects.create(slug=slug, tier=tier, product_line=row, **facts)
    system.version = make_version(system)
    system.save()
    return system


def make_version(system: System, declaration: str = "{}") -> SystemVersion:
    """Make the next version of a system."""
    number = system.versions.count() + 1
    return SystemVersion.objects.create(
        system=system, number=number, declaration=declaration, digest=_digest(), source="file", tier=system.tier
    )


def estimate(value: float, low: float, high: float, n: int = 400) -> Judged:
    """Make an estimate of the whole."""
    return Judged(
        label="all",
        suite="suite",
        status=Status.MET,
        estimate=value,
        lower=low,
        upper=high,
        interval=(low, high),
        standard_error=None,
        n=n,
        units=n,
        unit="samples",
        errored=0,
        method="Wilson",
        reason="",
    )


def outcome(requirement: str, status: Status, **fields: Any) -> Outcome:
    """Make the outcome of a requirement; it holds the release when it is a `must` that falls short."""
    obligation = fields.pop("obligation", "must")
    short = status in {Status.NOT_MET, Status.NOT_SHOWN, Status.STALE, Status.INCONCLUSIVE}
    said: dict[str, Any] = {
        "title": requirement.replace("-", " ").title(),
        "control": "C",
        "dimension": "security",
        "shown_by": "measurement",
        "criterion": "at most 10 %",
        "threshold": 0.1,
        "direction": "at most",
        "confidence": 0.95,
        "reason": "It is so.",
        "next_step": "Run it again.",
        "evidence": (),
        **fields,
    }
    return Outcome(
        requirement=requirement, obligation=obligation, status=status, holds=short and obligation == "must", **said
    )


def make_verdict(system: System, name: str, *outcomes: Outcome, at: datetime | None = None) -> Verdict:
    """Make a verdict from outcomes, as the gate would."""
    holding = any(one.holds for one in outcomes)
    waived = any(one.status is Status.WAIVED for one in outcomes)
    kind = VerdictKind.HOLD if holding else VerdictKind.SHIP_WITH_CONDITIONS if waived else VerdictKind.SHIP
    return Verdict(
        format=1,
        system=system.slug,
        title=system.title,
        release=name,
        fingerprint=_digest(),
        tier=system.tier,
        tier_because=(),
        regulatory=(),
        standard="default 1",
        standard_digest=_digest(),
        as_of=format_time(at or timezone.now()),
        verdict=kind,
        reasons=(),
        conditions=(),
        outcomes=outcomes,
        not_tested=(),
        changes=(),
        harness="test",
    )


@transaction.atomic
def judged(system: System, *outcomes: Outcome, name: str = "", **fields: Any) -> Release:
    """Make a release of a system with a verdict, as its newest, and publish that it was judged."""
    name = name or f"{next(_NUMBERS)}.0"
    verdict = make_verdict(system, name, *outcomes)
    blob = keep_verdict(verdict)
    blob.save()
    Release.objects.filter(system=system, current=True).update(current=False)
    release = Release(
        system=system,
        version=system.version,
        name=name,
        fingerprint=verdict.fingerprint,
        standard=in_force_version(),
        bundle=blob,
        bundle_digest=_digest(),
        gated_at=timezone.now(),
        **fields,
    )
    judge_release(release, verdict, blob, None)
    release.save()
    record(server_actor(), "release.received", release.subject, row=release)
    record(server_actor(), "release.judged", release.subject, row=release)
    return release


@transaction.atomic
def judge_anew(release: Release, *outcomes: Outcome) -> Release:
    """Give a release another verdict, and publish that it was judged."""
    verdict = make_verdict(release.system, release.name, *outcomes)
    blob = keep_verdict(verdict)
    blob.save()
    judge_release(release, verdict, blob, None)
    release.save()
    record(server_actor(), "release.judged", release.subject, row=release)
    return release


def evidence_of(system: System, made_at: datetime, **fields: Any) -> EvidenceRecord:
    """Make a record of evidence."""
    digest = _digest()
    said = {"kind": "measured", "title": "Run", "fingerprint": _digest(), "envelope": "{}", **fields}
    return EvidenceRecord.objects.create(digest=digest, system=system, made_at=made_at, **said)


def _digest() -> str:
    return hashlib.sha256(str(next(_NUMBERS)).encode()).hexdigest()
