"""Numbers as people read them: never rounded onto the threshold, or to a bare zero."""

from __future__ import annotations

import math
import re
from enum import StrEnum

from roadworthy.decide.outcome import Judged, Outcome

_THRESHOLD = re.compile(r"\b(at most|at least) [-\d.,]*\d(?: ?(%|points))?")


class Scale(StrEnum):
    """What a value is counted in."""

    PERCENT = "percent"
    POINTS = "points"
    """Percentage points: a difference of two rates."""
    NUMBER = "number"
    """A plain number."""


def scale_of(outcome: Outcome) -> Scale:
    """Return the scale of an outcome's values.

    Scores lie in [0, 1] and are read as rates; a gap is a difference of rates. Values outside are plain numbers,
    except those of a ratio of rates, which may exceed 1.
    """
    metric = outcome.criterion.split(" ", 1)[0]
    written = _THRESHOLD.search(outcome.criterion)
    if metric.endswith(("_gap", "_difference")) or (written and written[2] == "points"):
        return Scale.POINTS
    if metric.endswith("_ratio") or (written and written[2] == "%"):
        return Scale.PERCENT
    values = [v for j in outcome.judged for v in (j.estimate, j.lower, j.upper) if v is not None]
    values += [] if outcome.threshold is None else [outcome.threshold]
    return Scale.NUMBER if any(abs(value) > 1 for value in values) else Scale.PERCENT


def asked(outcome: Outcome) -> str:
    """Write the criterion with its threshold on the scale of the values and its metric in words."""
    if outcome.threshold is None or outcome.direction is None:
        return outcome.criterion
    threshold = show_threshold(outcome.threshold, scale_of(outcome))
    metric, space, rest = outcome.criterion.partition(" ")
    words = f"{metric.replace('_', ' ').capitalize()}{space}{rest}"
    return _THRESHOLD.sub(lambda found: f"{found[1]} {threshold}", words, count=1)


def show(value: float | None, scale: Scale, *, against: float | None = None) -> str:
    """Write `value`, with more decimals where it would read like `against` without being it."""
    if value is None or math.isnan(value):
        return "none"
    if math.isinf(value):
        return "no upper limit" if value > 0 else "no lower limit"
    shown = value if scale is Scale.NUMBER else value * 100
    digits = _digits(shown, scale)
    if against is not None and value != against:
        edge = against if scale is Scale.NUMBER else against * 100
        while digits < 6 and f"{shown:.{digits}f}" == f"{edge:.{digits}f}":
            digits += 1
    return f"{_tiny(shown, digits)}{_suffix(scale)}"


def show_threshold(value: float, scale: Scale) -> str:
    """Write a threshold with no more decimals than it was given with."""
    shown = value if scale is Scale.NUMBER else value * 100
    return f"{round(shown, 6):,.10g}{_suffix(scale)}"


def _suffix(scale: Scale) -> str:
    return {Scale.PERCENT: " %", Scale.POINTS: " points", Scale.NUMBER: ""}[scale]


def _digits(shown: float, scale: Scale) -> int:
    """Choose decimals: one for rates, two near 0 % and 100 %, three for small plain numbers."""
    size = abs(shown)
    if scale is Scale.NUMBER:
        return 3 if size < 1 else 2 if size < 100 else 0
    if size in (0, 100):
        return 0
    return 2 if size < 1 or 99 < size < 100 else 1


def _tiny(shown: float, digits: int) -> str:
    """Write a number that is not zero, or not a hundred, so that it never reads as one."""
    text = f"{shown:,.{digits}f}"
    if shown != 0 and float(text.replace(",", "")) == 0:
        return f"under {10**-digits:.{digits}f}" if shown > 0 else f"above -{10**-digits:.{digits}f}"
    if 99 < shown < 100 and float(text) == 100:
        return f"over {100 - 10**-digits:.{digits}f}"
    return text


def count(number: int, one: str, many: str | None = None) -> str:
    """Write a count with thousands separators and its noun: `1 sample`, `2,000 samples`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def sample(judged: Judged) -> str:
    """Write the sample behind an estimate: `n = 629 in 27 clusters`."""
    if judged.unit == "dimensions":
        return count(judged.n, "dimension")
    text = f"n = {judged.n:,}"
    return text if judged.unit == "samples" else f"{text} in {count(judged.units, 'cluster')}"


def deciding_bound(judged: Judged, direction: str | None) -> float | None:
    """Return the one-sided bound that must be inside the threshold."""
    return judged.lower if direction == "at least" else judged.upper


def bound_word(direction: str | None) -> str:
    """Name the bound that decides."""
    return "lower bound" if direction == "at least" else "upper bound"


def estimate_with_bound(judged: Judged, outcome: Outcome) -> str:
    """Write `47.7 % (upper bound 58.9 %)`, or say that nothing could be measured."""
    scale = scale_of(outcome)
    if judged.estimate is None:
        return "not measured"
    text = show(judged.estimate, scale, against=outcome.threshold)
    bound = deciding_bound(judged, outcome.direction)
    if bound is None:
        return text
    return f"{text} ({bound_word(outcome.direction)} {show(bound, scale, against=outcome.threshold)})"
