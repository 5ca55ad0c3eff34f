"""Check what a standard says of metrics, which the floors below do not know."""

from __future__ import annotations

from roadworthy.core.errors import InputError, InputErrors
from roadworthy.evaluate.metrics.table import find_metric, nearest_metric
from roadworthy.standard.load import LoadedStandard


def check_metrics(loaded: LoadedStandard) -> None:
    """Raise InputErrors for every requirement whose metric does not exist."""
    errors = [
        InputError(
            f"requirement {requirement.id!r} is judged by {requirement.measure.metric!r}, which is no known metric",
            place=loaded.place(requirement.id),
            remedy=nearest_metric(requirement.measure.metric),
        )
        for requirement in loaded.standard.requirements
        if requirement.measure and find_metric(requirement.measure.metric) is None
    ]
    if errors:
        raise InputErrors(errors)
