"""The table of scorers: every name that a suite may use."""

from __future__ import annotations

import re
from pathlib import Path

from roadworthy.core.errors import InputError
from roadworthy.core.names import did_you_mean
from roadworthy.evaluate.scorers import leak, python, refusal, text, tools
from roadworthy.evaluate.scorers.scorer import Score, Scorer, ScorerSpec

SCORERS: dict[str, Scorer] = {
    scorer.name: scorer for family in (text, refusal, leak, tools, python) for scorer in family.SCORERS
}


def scorer_named(name: str) -> Scorer:
    """Return the scorer called `name`. Raises InputError that names the nearest one."""
    scorer = SCORERS.get(name)
    if scorer is None:
        raise InputError(f"there is no scorer {name!r}", remedy=did_you_mean(name, SCORERS))
    return scorer


def check_spec(spec: ScorerSpec) -> list[str]:
    """List what is wrong with the parameters of one scorer, one sentence each."""
    scorer = scorer_named(spec.use)
    given = spec.given()
    wrong = [f"the scorer {scorer.name!r} needs '{name}'" for name in sorted(scorer.needs - given)]
    wrong += [f"the scorer {scorer.name!r} takes no '{name}'" for name in sorted(given - scorer.needs - scorer.takes)]
    if spec.pattern is not None:
        try:
            re.compile(spec.pattern)
        except re.error as error:
            wrong.append(f"the pattern cannot be read: {error}")
    return wrong


def build_score(spec: ScorerSpec, folder: Path) -> Score:
    """Make the function of a scorer; `folder` is where paths in it start."""
    return scorer_named(spec.use).build(spec, folder)
