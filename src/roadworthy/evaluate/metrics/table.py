"""The table of metrics: every name that a suite or a standard may use."""

from __future__ import annotations

from roadworthy.core.errors import InputError
from roadworthy.core.names import did_you_mean
from roadworthy.evaluate.metrics import (
    explainability,
    fairness,
    grounding,
    privacy,
    quality,
    robustness,
    safety,
    security,
)
from roadworthy.evaluate.metrics.metric import Metric

METRICS: dict[str, Metric] = {
    metric.name: metric
    for family in (safety, security, privacy, fairness, robustness, grounding, explainability, quality)
    for metric in family.METRICS
}


def metric_named(name: str) -> Metric:
    """Return the metric called `name`. Raises InputError that names the nearest one."""
    metric = METRICS.get(name)
    if metric is None:
        raise InputError(f"there is no metric {name!r}", remedy=did_you_mean(name, METRICS))
    return metric
