"""Robustness: the same answer when the question changes in ways that must not matter."""

from __future__ import annotations

from roadworthy.evaluate.metrics.metric import Dimension, Good, Metric, mean_of

METRICS: tuple[Metric, ...] = (
    mean_of(
        "robustness",
        "Accuracy under perturbation",
        Dimension.ROBUSTNESS,
        "correct",
        Good.HIGHER,
        "Share of right answers to perturbed questions (typos, case, unicode, white space); "
        "unperturbed forms, `perturbation=none`, do not count.",
        "Liang et al. 2023, HELM, arXiv:2211.09110, section 4.3",
        leaves_out=("perturbation", "none"),
    ),
    mean_of(
        "consistency_rate",
        "Consistency rate",
        Dimension.ROBUSTNESS,
        "consistent",
        Good.HIGHER,
        "Share of changed questions that got the same answer as the unchanged one.",
        "Ribeiro et al. 2020, CheckList (invariance tests), arXiv:2005.04118",
        leaves_out=("perturbation", "none"),
    ),
)
