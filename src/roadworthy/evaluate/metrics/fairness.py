"""Fairness: rates of a decision, and how far groups differ in them."""

from __future__ import annotations

from dataclasses import replace

from roadworthy.evaluate.metrics.metric import Aggregate, Dimension, Good, Metric, Rate

_VERMA = "Verma and Rubin 2018, Fairness Definitions Explained, doi:10.1145/3194770.3194776"
_HARDT = "Hardt, Price and Srebro 2016, Equality of Opportunity in Supervised Learning, arXiv:1610.02413"
_FOUR_FIFTHS = "29 CFR 1607.4(D), Uniform Guidelines on Employee Selection Procedures"

_SELECTION = Rate("selection_rate", "prediction")
_FALSE_POSITIVE = Rate("false_positive_rate", "prediction", label=0)
_FALSE_NEGATIVE = Rate("false_negative_rate", "prediction", complement=True, label=1)
_ACCURACY = Rate("accuracy", "correct")
_ERROR = Rate("error_rate", "correct", complement=True)


def _rate(rate: Rate, title: str, good: Good, definition: str) -> Metric:
    return Metric(rate.name, title, Dimension.FAIRNESS, (rate,), good, definition, _VERMA)


def _gap(name: str, title: str, rates: tuple[Rate, ...], definition: str, source: str) -> Metric:
    return Metric(name, title, Dimension.FAIRNESS, rates, Good.LOWER, definition, source, aggregate=Aggregate.GROUP_GAP)


_SELECTION_RATIO = Metric(
    "selection_rate_ratio",
    "Impact ratio",
    Dimension.FAIRNESS,
    (_SELECTION,),
    Good.HIGHER,
    "Smallest ratio of one group's selection rate to another's (four-fifths rule: at least 0.8). "
    "`prediction` is 1 for the outcome that is counted; name the favourable one.",
    _FOUR_FIFTHS,
    aggregate=Aggregate.GROUP_RATIO,
)

METRICS: tuple[Metric, ...] = (
    _rate(_SELECTION, "Selection rate", Good.HIGHER, "Share of cases predicted positive."),
    _rate(
        _FALSE_POSITIVE,
        "False-positive rate",
        Good.LOWER,
        "Share predicted positive among those whose label is 0.",
    ),
    _rate(
        _FALSE_NEGATIVE,
        "False-negative rate",
        Good.LOWER,
        "Share predicted negative among those whose label is 1.",
    ),
    _rate(_ERROR, "Error rate", Good.LOWER, "Share of predictions that differ from the label."),
    _gap(
        "selection_rate_gap",
        "Selection-rate gap",
        (_SELECTION,),
        "Largest difference in selection rate between two groups (statistical parity difference).",
        _VERMA,
    ),
    _SELECTION_RATIO,
    replace(_SELECTION_RATIO, name="impact_ratio"),
    _gap(
        "false_positive_rate_gap",
        "False-positive-rate gap",
        (_FALSE_POSITIVE,),
        "Largest difference in false-positive rate between two groups (predictive equality).",
        _VERMA,
    ),
    _gap(
        "false_negative_rate_gap",
        "False-negative-rate gap",
        (_FALSE_NEGATIVE,),
        "Largest difference in false-negative rate between two groups (equal opportunity).",
        _HARDT,
    ),
    _gap(
        "equalised_odds",
        "Equalised odds difference",
        (_FALSE_POSITIVE, _FALSE_NEGATIVE),
        "The larger of the gaps in false-positive and false-negative rate.",
        _HARDT,
    ),
    _gap(
        "error_rate_gap",
        "Error-rate gap",
        (_ERROR,),
        "Largest difference in error rate between two groups.",
        _VERMA,
    ),
    _gap(
        "accuracy_gap",
        "Accuracy gap",
        (_ACCURACY,),
        "Largest difference in accuracy between two groups (overall accuracy equality).",
        _VERMA,
    ),
)
