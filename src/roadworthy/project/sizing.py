"""Which criterion an evaluation of a project must be large enough for."""

from __future__ import annotations

from roadworthy.core.errors import InputError
from roadworthy.core.names import did_you_mean
from roadworthy.project.gate import tier_project
from roadworthy.project.project import Project
from roadworthy.standard.model import Criterion


def criterion_of(project: Project, requirement: str) -> Criterion:
    """Return the criterion of a measured requirement at the project's tier.

    Raises InputError when there is no such requirement, it is not measured in this tier, or it compares with a release.
    """
    measured = {item.id: item for item in project.loaded.standard.requirements if item.measure}
    if requirement not in measured:
        raise InputError(
            f"there is no measured requirement {requirement!r}", remedy=did_you_mean(requirement, measured)
        )
    tier = tier_project(project).tier
    criterion = measured[requirement].criterion.get(tier)
    if criterion is None:
        tiers = ", ".join(measured[requirement].criterion)
        raise InputError(
            f"the requirement {requirement!r} asks for nothing in tier {tier}",
            remedy=f"It does in: {tiers}. Give --at-most or --at-least instead.",
        )
    if criterion.no_worse_by is not None:
        raise InputError(
            f"the requirement {requirement!r} compares with the shipped release",
            remedy="Its size depends on how many cases differ: 'roadworthy compare' two runs first.",
        )
    return criterion
