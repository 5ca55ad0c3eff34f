"""The table of metrics: every name that a suite or a standard may use."""

from __future__ import annotations

import re

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
FAMILIES = quality.FAMILIES
"""Metrics with a number in their name: `pass@k` stands for pass@1, pass@2 and so on."""

_NUMBERED = re.compile(r"(?P<family>.*[@^])(?P<k>[1-9][0-9]{0,3})")


def find_metric(name: str) -> Metric | None:
    """Return the metric called `name`; None when there is none."""
    if name in METRICS:
        return METRICS[name]
    found = _NUMBERED.fullmatch(name)
    family = FAMILIES.get(found["family"] + "k") if found else None
    return family(int(found["k"])) if found and family else None


def metric_named(name: str) -> Metric:
    """Return the metric called `name`. Raises InputError that names the nearest one."""
    metric = find_metric(name)
    if metric is None:
        raise InputError(f"there is no metric {name!r}", remedy=nearest_metric(name))
    return metric


def nearest_metric(name: str) -> str:
    """Say which known name is nearest to one that is not known."""
    return did_you_mean(name, [*METRICS, *FAMILIES])
