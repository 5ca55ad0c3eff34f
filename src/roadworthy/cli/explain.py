"""`roadworthy explain`: why a requirement has its outcome."""

from __future__ import annotations

from roadworthy.cli.options import HERE, Where
from roadworthy.cli.screen import show


def explain(requirement: str, *, where: Where = HERE) -> int:
    """Say why a requirement has its outcome: criterion, estimate, bound, n, clusters, evidence, what would settle it.

    Parameters
    ----------
    requirement
        Id of the requirement, as 'roadworthy requirements' shows it.
    """
    from roadworthy.core.errors import InputError
    from roadworthy.core.names import did_you_mean
    from roadworthy.documents import terminal
    from roadworthy.project.gate import judge_project

    outcomes = {outcome.requirement: outcome for outcome in judge_project(where.open()).outcomes}
    if requirement not in outcomes:
        raise InputError(f"there is no requirement {requirement!r}", remedy=did_you_mean(requirement, outcomes))
    show(terminal.explain(outcomes[requirement]))
    return 0
