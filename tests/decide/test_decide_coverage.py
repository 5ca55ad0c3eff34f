"""How much of the required evaluation has been done, and until when evidence may be relied upon."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from roadworthy.decide.coverage import judge_coverage
from roadworthy.decide.criterion import status_of, worst
from roadworthy.decide.freshness import doubt_about_fingerprint, doubt_about_time
from roadworthy.decide.outcome import Outcome, Status
from roadworthy.standard.model import Criterion, Expiry, Part, Requirement, Tier

COVERAGE = Requirement.model_validate(
    {
        "id": "coverage",
        "title": "Enough is evaluated",
        "control": "QA-01",
        "because": "What is not looked at is not known.",
        "shown_by": "coverage",
        "criterion": {"low": {"at_least": 0.7}, "high": {"at_least": 1.0}},
    }
)
BLANK = Outcome(
    requirement="x",
    title="X",
    control="QA-01",
    dimension=None,
    shown_by="measurement",
    obligation="must",
    status=Status.MET,
    criterion="",
    threshold=None,
    direction=None,
    confidence=None,
    reason="",
    next_step="",
    evidence=(),
)


def measured(dimension: str, status: Status, **changes: Any) -> Outcome:
    return msgspec.structs.replace(BLANK, dimension=dimension, status=status, **changes)


def coverage(tier: Tier, *outcomes: Outcome) -> tuple[Status, float | None]:
    judged = judge_coverage(COVERAGE, tier, list(outcomes))
    return judged.status, judged.judged[0].estimate


DIMENSIONS = ("safety", "fairness", "privacy", "security")


def test_every_dimension_measured_is_met_whatever_the_result() -> None:
    said = (Status.MET, Status.NOT_MET, Status.INCONCLUSIVE, Status.MET)
    outcomes = [measured(d, s) for d, s in zip(DIMENSIONS, said, strict=True)]
    assert coverage(Tier.HIGH, *outcomes) == (Status.MET, 1.0)


@pytest.mark.parametrize("missing", [Status.NOT_SHOWN, Status.STALE])
def test_a_missing_dimension_lowers_the_share(missing: Status) -> None:
    outcomes = [measured(d, Status.MET) for d in DIMENSIONS[:3]] + [measured("security", missing)]
    assert coverage(Tier.HIGH, *outcomes) == (Status.NOT_SHOWN, 0.75)
    assert coverage(Tier.LOW, *outcomes) == (Status.MET, 0.75)


def test_half_a_dimension_is_none() -> None:
    outcomes = [measured("safety", Status.MET), measured("safety", Status.NOT_SHOWN)]
    assert coverage(Tier.LOW, *outcomes) == (Status.NOT_SHOWN, 0.0)


def test_nothing_required_covers_nothing() -> None:
    others = [
        measured("safety", Status.NOT_APPLICABLE),
        measured("safety", Status.MET, shown_by="document"),
    ]
    for outcomes in ([], others):
        assert coverage(Tier.LOW, *outcomes) == (Status.NOT_SHOWN, None)


@pytest.mark.parametrize(
    ("lower", "upper", "status"),
    [
        (0.00, 0.09, Status.MET),
        (0.00, 0.10, Status.MET),  # the threshold itself is inside
        (0.05, 0.11, Status.INCONCLUSIVE),
        (0.10, 0.20, Status.INCONCLUSIVE),
        (0.11, 0.20, Status.NOT_MET),
        (None, 0.05, Status.NOT_SHOWN),
        (0.05, None, Status.NOT_SHOWN),
        (float("nan"), 0.05, Status.NOT_SHOWN),
        (0.0, float("nan"), Status.NOT_SHOWN),
    ],
)
def test_bounds_against_a_threshold(lower: float | None, upper: float | None, status: Status) -> None:
    assert status_of(Criterion(at_most=0.10), lower, upper) is status
    if lower is None or upper is None:
        return
    assert status_of(Criterion(at_least=0.90), 1 - upper, 1 - lower) is status


def test_the_worst_of_all_decides_and_nothing_is_not_shown() -> None:
    assert worst([Status.MET, Status.INCONCLUSIVE, Status.NOT_SHOWN, Status.STALE, Status.NOT_MET]) is Status.NOT_MET
    assert worst([Status.MET, Status.INCONCLUSIVE, Status.STALE]) is Status.STALE
    assert worst([Status.MET, Status.NOT_APPLICABLE]) is Status.MET
    assert worst([Status.NOT_APPLICABLE]) is Status.NOT_SHOWN
    assert worst([]) is Status.NOT_SHOWN


NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("made", "days", "status"),
    [
        ("2026-11-23T12:00:00Z", 1, None),
        ("2026-11-22T12:00:01Z", 1, None),
        ("2026-11-22T12:00:00Z", 1, Status.STALE),
        ("2020-01-01T00:00:00Z", None, None),
        ("2026-11-23T12:05:00Z", None, None),
        ("2026-11-23T12:05:01Z", None, Status.NOT_SHOWN),
    ],
)
def test_age_and_clock(made: str, days: int | None, status: Status | None) -> None:
    doubt = doubt_about_time(made, NOW, Expiry(days=days))
    assert (doubt.status if doubt else None) is status


def test_only_the_parts_that_evidence_depends_on_make_it_stale() -> None:
    old = {str(part): "a" for part in Part}
    new = {**old, "guard": "b"}
    assert doubt_about_fingerprint(old, new, [Part.MODELS, Part.PROMPTS]) is None
    for depends in ([Part.GUARD], []):  # none named means all of them
        doubt = doubt_about_fingerprint(old, new, depends)
        assert doubt is not None
        assert (doubt.status, "guard changed since" in doubt.reason) == (Status.STALE, True)


def test_a_part_that_is_missing_counts_as_changed() -> None:
    new = {str(part): "a" for part in Part}
    doubt = doubt_about_fingerprint({}, new, [Part.MODELS])
    assert doubt is not None
    assert doubt.status is Status.STALE
