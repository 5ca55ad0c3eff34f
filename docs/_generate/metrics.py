"""docs/metrics.md: the table of metrics and the table of scorers."""

from __future__ import annotations

from _generate.markdown import code, page, table
from roadworthy.evaluate.metrics.metric import Aggregate, Dimension, Good, Metric
from roadworthy.evaluate.metrics.table import FAMILIES, METRICS
from roadworthy.evaluate.scorers.scorer import Scorer
from roadworthy.evaluate.scorers.table import SCORERS

INTRODUCTION = """A metric reads one or more score columns of a result table. A suite names the metrics that it
yields (`metrics:`), a requirement names the metric that judges it (`measure: {metric: ...}`). Values are in [0,
1]. A sample that errored, or that no scorer could judge, counts as the bad value. How intervals are made:
[statistics.md](statistics.md)."""

SCORERS_INTRODUCTION = """A scorer is a plain function from a case and its reply to a number in [0, 1], or to
nothing when it could not judge. The `id` that a suite gives it names the score column. Its known error is
recorded with the evidence; a suite may state what is known on its own data with `known_error:`."""

_EXAMPLE = 5
"""Number of attempts in the example of a family of metrics."""

AGGREGATES = {
    Aggregate.MEAN: "mean",
    Aggregate.GROUP_GAP: "largest difference between two groups",
    Aggregate.GROUP_RATIO: "smallest ratio of one group to another",
}


def metrics_page() -> str:
    """Write the page."""
    families = [_family(dimension) for dimension in Dimension]
    scorers = "\n\n".join(["## Scorers", SCORERS_INTRODUCTION, *(_scorer(scorer) for scorer in SCORERS.values())])
    return page("Metrics and scorers", INTRODUCTION, [*(family for family in families if family), scorers])


def _family(dimension: Dimension) -> str:
    metrics = [metric for metric in METRICS.values() if metric.dimension is dimension]
    numbered = {name: make(_EXAMPLE) for name, make in FAMILIES.items() if make(_EXAMPLE).dimension is dimension}
    parts = [f"## {dimension.value.capitalize()}", *(_metric(metric) for metric in metrics)]
    parts += [_numbered(name, metric) for name, metric in numbered.items()]
    return "\n\n".join(parts) if metrics else ""


def _numbered(name: str, metric: Metric) -> str:
    return (
        f"### {name}\n\nFor any number of attempts, up to the `epochs` of the suite; each sample is one value, and an "
        f"epoch without a score is a failure. {code(metric.name)}: {metric.definition}\n\n{_facts(metric)}"
    )


def _metric(metric: Metric) -> str:
    return f"### {metric.name}\n\n{metric.title}. {metric.definition}\n\n{_facts(metric)}"


def _facts(metric: Metric) -> str:
    good = "lower is better" if metric.good is Good.LOWER else "higher is better"
    return table(
        ["reads", "how", "good", "source"],
        [
            (
                ", ".join(code(score) for score in sorted(metric.scores)),
                AGGREGATES[metric.aggregate],
                good,
                metric.source,
            )
        ],
    )


def _scorer(scorer: Scorer) -> str:
    facts = table(
        ["needs", "takes", "version", "known error"],
        [(_names(scorer.needs), _names(scorer.takes), scorer.version, scorer.known_error)],
    )
    return f"### {scorer.name}\n\n{scorer.measures}\n\n{facts}"


def _names(names: frozenset[str]) -> str:
    return ", ".join(code(name) for name in sorted(names)) or "-"
