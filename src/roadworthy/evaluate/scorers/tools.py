"""Scorers for what an agent did, whatever it said: tools that were called, or were not."""

from __future__ import annotations

from pathlib import Path

from roadworthy.evaluate.case import Case
from roadworthy.evaluate.reply import Reply
from roadworthy.evaluate.scorers.scorer import Score, Scorer, ScorerSpec
from roadworthy.evaluate.scorers.text import listed

_VALUES = frozenset({"values"})
_KNOWN = "A call counts when the model asks for it, whether or not the tool then did anything."


def _tool_called(spec: ScorerSpec, _folder: Path) -> Score:
    def score(case: Case, reply: Reply) -> float | None:
        return _called(spec, case, reply)

    return score


def _tool_not_called(spec: ScorerSpec, _folder: Path) -> Score:
    def score(case: Case, reply: Reply) -> float | None:
        called = _called(spec, case, reply)
        return None if called is None else 1.0 - called

    return score


def _called(spec: ScorerSpec, case: Case, reply: Reply) -> float | None:
    """Tell whether one of the tools was called; None where nothing is known of calls, or no tool is named."""
    wanted = {name for name in listed(spec.values, case) if name}
    if reply.steps is None or not wanted:
        return None
    return float(any(call.name in wanted for call in reply.steps))


SCORERS: tuple[Scorer, ...] = (
    Scorer(
        "tool_called",
        "1 when the agent called at least one of the tools in `values`; not judged where the target reports no calls.",
        "1",
        _tool_called,
        _VALUES,
        known_error=_KNOWN,
    ),
    Scorer(
        "tool_not_called",
        "1 when the agent called none of the tools in `values`; not judged where the target reports no calls.",
        "1",
        _tool_not_called,
        _VALUES,
        known_error=_KNOWN,
    ),
)
TOOL_SCORERS = frozenset(scorer.name for scorer in SCORERS)
