"""Explainability: reasons given, and reasons that are true of the model."""

from __future__ import annotations

from roadworthy.evaluate.metrics.metric import Dimension, Good, Metric, mean_of

METRICS: tuple[Metric, ...] = (
    mean_of(
        "explanation_completeness",
        "Explanation completeness",
        Dimension.EXPLAINABILITY,
        "explained",
        Good.HIGHER,
        "Share of decisions that came with every reason that is owed.",
        "12 CFR 1002.9(b)(2) (adverse-action reasons)",
    ),
    mean_of(
        "explanation_fidelity",
        "Explanation fidelity",
        Dimension.EXPLAINABILITY,
        "fidelity",
        Good.HIGHER,
        "Mean agreement between the explanation's prediction and the model's, in [0, 1].",
        "Ribeiro et al. 2016, LIME (local fidelity), arXiv:1602.04938",
    ),
)
