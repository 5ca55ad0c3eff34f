"""A scorer that the team wrote as a Python function."""

from __future__ import annotations

import math
from pathlib import Path

from roadworthy.evaluate.callables import load_function
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.reply import Reply
from roadworthy.evaluate.scorers.scorer import Score, Scorer, ScorerSpec


def _python(spec: ScorerSpec, folder: Path) -> Score:
    """Make a score of `function(fields, answer)`, which returns a number in [0, 1], a bool, or None."""
    function = load_function(spec.function or "", folder)

    def score(case: Case, reply: Reply) -> float | None:
        value = function(case.fields, reply.text)
        if value is None:
            return None
        number = float(value)
        if not math.isfinite(number) or not 0.0 <= number <= 1.0:
            raise ValueError(f"{spec.function} returned {value!r}, which is not in [0, 1]")
        return number

    return score


SCORERS: tuple[Scorer, ...] = (
    Scorer(
        "python",
        "What `function(fields, answer)` returns: a number in [0, 1], or None when it could not judge.",
        "1",
        _python,
        frozenset({"function"}),
        known_error="Not stated; write `known_error` beside the function.",
    ),
)
