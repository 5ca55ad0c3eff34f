"""Check what a standard says of metrics, which the floors below do not know."""

from __future__ import annotations

from roadworthy.core.errors import InputError, InputErrors
from roadworthy.core.names import did_you_mean
from roadworthy.evaluate.metrics.table import METRICS
from roadworthy.standard.load import LoadedStandard


def check_metrics(loaded: LoadedStandard) -> None:
    """Raise InputErrors for every requirement whose metric is not in the table."""
    errors = [
        InputError(
            f"requirement {requirement.id!r} is judged by {requirement.measure.metric!r}, which is no known metric",
            place=loaded.place(requirement.id),
            remedy=did_you_mean(requirement.measure.metric, METRICS),
        )
        for requirement in loaded.standard.requirements
        if requirement.measure and requirement.measure.metric not in METRICS
    ]
    if errors:
        raise InputErrors(errors)
