"""What a release keeps of a verdict: counts, dimensions, the moment until which it holds, and its digest."""

from __future__ import annotations

import hashlib
from collections import Counter
from datetime import datetime
from typing import Any

import msgspec
from django.utils import timezone

from roadworthy.core.clock import parse_time
from roadworthy.core.digests import canonical_json
from roadworthy.decide.judge import read_verdict, verdict_bytes
from roadworthy.decide.outcome import Status, Verdict
from roadworthy.server.evidence.files import keep_bytes, store
from roadworthy.server.evidence.models import Blob
from roadworthy.server.releases.models import Release
from roadworthy.standard.model import ShownBy

VERDICT_TYPE = "application/vnd.roadworthy.verdict+json"
_UNMEASURED = (Status.NOT_SHOWN, Status.STALE)


def keep_verdict(verdict: Verdict) -> Blob:
    """Keep the file of a verdict and return its row, which is not saved yet."""
    content = verdict_bytes(verdict)
    digest = hashlib.sha256(content).hexdigest()
    keep_bytes(content, digest)
    name = f"verdict-{verdict.system}-{verdict.release}.json"[:300]
    return Blob(sha256=digest, size=len(content), media_type=VERDICT_TYPE, name=name, sensitive=False)


def verdict_of(release: Release) -> Verdict:
    """Read the verdict in force on a release."""
    return read_verdict(b"".join(store().read(release.verdict_blob_id)))


def judge_release(release: Release, verdict: Verdict, blob: Blob, until: datetime | None) -> None:
    """Bring a verdict into a release; the caller saves it."""
    counts = Counter(outcome.status for outcome in verdict.outcomes)
    release.verdict, release.verdict_blob = str(verdict.verdict), blob
    release.shown_digest = shown_digest(verdict, release.bundle_digest)
    release.tier = verdict.tier
    release.judged_at, release.valid_until = parse_time(verdict.as_of), until
    release.met, release.not_met = counts[Status.MET], counts[Status.NOT_MET]
    release.inconclusive, release.not_shown = counts[Status.INCONCLUSIVE], counts[Status.NOT_SHOWN]
    release.stale_count, release.waived = counts[Status.STALE], counts[Status.WAIVED]
    release.holding = sum(outcome.holds for outcome in verdict.outcomes)
    release.measured = measured_dimensions(verdict)
    past = until is not None and until <= timezone.now()
    release.stale = "Evidence, a statement or an exception has ended since it was judged." if past else ""


def shown_digest(verdict: Verdict, bundle_digest: str) -> str:
    """Return the SHA-256 of what a signature covers: the verdict with every outcome and its evidence, and the bundle.

    When it was judged is left out, so that judging the same evidence again asks nobody to sign again.
    """
    shown = msgspec.to_builtins(verdict)
    del shown["as_of"]
    return hashlib.sha256(canonical_json({"bundle": bundle_digest, "verdict": shown})).hexdigest()


def measured_dimensions(verdict: Verdict) -> dict[str, Any]:
    """Return for each dimension how many requirements are measured, and how many ask for it."""
    found: dict[str, list[int]] = {}
    for outcome in verdict.outcomes:
        if outcome.shown_by == ShownBy.MEASUREMENT and outcome.status is not Status.NOT_APPLICABLE:
            counts = found.setdefault(outcome.dimension or "other", [0, 0])
            counts[0] += outcome.status not in _UNMEASURED and bool(outcome.judged)
            counts[1] += 1
    return dict(sorted(found.items()))
