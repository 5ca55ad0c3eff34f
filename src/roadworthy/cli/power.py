"""`roadworthy power`: how many cases, in how many clusters, until something can be shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from roadworthy.cli.options import HERE, Where, check_confidence
from roadworthy.cli.screen import show

if TYPE_CHECKING:
    from roadworthy.standard.model import Criterion

Optional = Parameter(show_default=False)


def power(
    requirement: Annotated[str | None, Optional] = None,
    *,
    where: Where = HERE,
    at_most: Annotated[float | None, Optional] = None,
    at_least: Annotated[float | None, Optional] = None,
    confidence: Annotated[float | None, Optional] = None,
    rate: Annotated[float | None, Optional] = None,
    power: float = 0.8,
    cluster_size: int = 1,
    correlation: float = 0.0,
) -> int:
    """Say how many cases it takes to show a rate, before anything is asked: by the bound that will judge.

    Parameters
    ----------
    requirement
        Id of a measured requirement, whose criterion at this system's tier is taken; or give a threshold.
    at_most
        Threshold that the rate must stay below.
    at_least
        Threshold that the rate must stay above.
    confidence
        One-sided confidence of the bound; default: the criterion's, else 0.95.
    rate
        What you expect the true rate to be; default: several, from half way to the threshold.
    power
        Wanted chance to show it.
    cluster_size
        Cases of one cluster (a scenario, a conversation, an epoch set); 1 when cases are independent.
    correlation
        How alike the cases of a cluster are expected to be: intra-cluster correlation, 0 to 1.
    """
    from roadworthy.documents.power import power_view
    from roadworthy.stats.power import Clusters

    _check(cluster_size, correlation, requirement is not None, at_most, at_least)
    if confidence is not None:
        check_confidence(confidence)
    criterion = _criterion(requirement, where, at_most, at_least, confidence)
    show(power_view(criterion, rate, power, Clusters(cluster_size, correlation)))
    return 0


def _check(cluster_size: int, correlation: float, named: bool, *thresholds: float | None) -> None:
    from roadworthy.core.errors import InputError

    given = [value for value in thresholds if value is not None]
    if len(given) + named > 1:
        raise InputError("what is to be shown is said twice", remedy="Give a requirement, --at-most or --at-least.")
    if any(not 0.0 < value < 1.0 for value in given):
        raise InputError("a threshold lies between 0 and 1", remedy="Write 0.9 for 90 %.")
    if cluster_size < 1 or not 0.0 <= correlation <= 1.0:
        raise InputError(
            "--cluster-size is 1 or more, --correlation between 0 and 1",
            remedy="For example: --cluster-size 5 --correlation 0.3",
        )
    if correlation and cluster_size == 1:
        raise InputError(
            "--correlation says how alike the cases of a cluster are, and clusters here have one case",
            remedy="Give --cluster-size too.",
        )


def _criterion(
    requirement: str | None,
    where: Where,
    at_most: float | None,
    at_least: float | None,
    confidence: float | None,
) -> Criterion:
    from roadworthy.core.errors import InputError
    from roadworthy.project.sizing import criterion_of
    from roadworthy.standard.model import Criterion

    if requirement is not None:
        found = criterion_of(where.open(), requirement)
        return found if confidence is None else found.model_copy(update={"confidence": confidence})
    if (at_most is None) == (at_least is None):
        raise InputError(
            "what is to be shown is not said",
            remedy="Name a requirement, or give --at-most or --at-least, such as: roadworthy power --at-most 0.1",
        )
    return Criterion(at_most=at_most, at_least=at_least, confidence=0.95 if confidence is None else confidence)
