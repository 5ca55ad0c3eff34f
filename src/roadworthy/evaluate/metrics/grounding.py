"""Grounding: claims that the sources support."""

from __future__ import annotations

from roadworthy.evaluate.metrics.metric import Dimension, Good, Metric, mean_of

METRICS: tuple[Metric, ...] = (
    mean_of(
        "grounded_rate",
        "Grounded rate",
        Dimension.GROUNDING,
        "grounded",
        Good.HIGHER,
        "Mean share of claims in an answer that the retrieved sources support.",
        "Es et al. 2024, RAGAS (faithfulness), arXiv:2309.15217",
    ),
    mean_of(
        "citation_accuracy",
        "Citation accuracy",
        Dimension.GROUNDING,
        "citations_right",
        Good.HIGHER,
        "Mean share of citations that support the sentence they stand at.",
        "Gao et al. 2023, ALCE (citation precision), arXiv:2305.14627",
    ),
    mean_of(
        "abstention_rate",
        "Abstention rate",
        Dimension.GROUNDING,
        "abstained",
        Good.HIGHER,
        "Share of questions that the sources do not answer in which the system said so.",
        "Chen et al. 2024, RGB (negative rejection), arXiv:2309.01431",
    ),
)
