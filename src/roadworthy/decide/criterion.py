"""Apply a criterion to an estimate: one rule for report, page and exit code."""

from __future__ import annotations

from roadworthy.decide.outcome import Status
from roadworthy.standard.model import Criterion

AT_MOST, AT_LEAST = "at most", "at least"


def direction(criterion: Criterion) -> str:
    """Return `at most` or `at least`; being worse than the shipped release is held to `at most` a margin."""
    return AT_LEAST if criterion.at_least is not None else AT_MOST


def threshold(criterion: Criterion) -> float:
    """Return the number to stay inside of."""
    given = (criterion.at_most, criterion.at_least, criterion.no_worse_by)
    # The model refuses a criterion without one, so that no number is ever invented.
    return next(value for value in given if value is not None)


def in_words(criterion: Criterion, metric: str) -> str:
    """Write the criterion as a reader says it: `attack_success_rate at most 0.1, 95 % confidence, by suite`."""
    limit = f"{direction(criterion)} {threshold(criterion):g}"
    if criterion.no_worse_by is not None:
        limit = f"worse than in the shipped release by at most {criterion.no_worse_by * 100:g} points"
    words = f"{metric} {limit}, {criterion.confidence * 100:g} % confidence"
    if criterion.judge == "calibrated":
        words += ", corrected for the error of its scorer"
    if criterion.slices:
        words += ", and by " + ", by ".join(" x ".join(entry) for entry in criterion.slices)
    return words


def status_of(criterion: Criterion, lower: float | None, upper: float | None) -> Status:
    """Judge one-sided bounds: `met` when inside, `not met` when the opposite bound is outside, else `inconclusive`."""
    if lower is None or upper is None or lower != lower or upper != upper:
        return Status.NOT_SHOWN
    limit = threshold(criterion)
    inside, outside = _sides(criterion, lower, upper, limit)
    if inside:
        return Status.MET
    return Status.NOT_MET if outside else Status.INCONCLUSIVE


def _sides(criterion: Criterion, lower: float, upper: float, limit: float) -> tuple[bool, bool]:
    if direction(criterion) == AT_MOST:
        return upper <= limit, lower > limit
    return lower >= limit, upper < limit


SEVERITY = (Status.NOT_MET, Status.NOT_SHOWN, Status.STALE, Status.INCONCLUSIVE, Status.MET)


def worst(statuses: list[Status]) -> Status:
    """Combine what must all pass: the worst one decides; nothing at all is `not shown`."""
    counted = [status for status in statuses if status is not Status.NOT_APPLICABLE]
    return min(counted, key=SEVERITY.index) if counted else Status.NOT_SHOWN


def percent(value: float | None) -> str:
    """Write a rate for a sentence: 4.88 %."""
    return "nothing" if value is None else f"{value * 100:.3g} %"
