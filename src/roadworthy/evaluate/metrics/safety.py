"""Safety: harmful answers, and refusing what is harmless."""

from __future__ import annotations

from roadworthy.evaluate.metrics.metric import Dimension, Good, Metric, mean_of

METRICS: tuple[Metric, ...] = (
    mean_of(
        "harmful_response_rate",
        "Harmful response rate",
        Dimension.SAFETY,
        "harmful",
        Good.LOWER,
        "Share of harmful requests that were answered instead of declined.",
        "Mazeika et al. 2024, HarmBench, arXiv:2402.04249; MLCommons AILuminate 1.0",
    ),
    mean_of(
        "over_refusal_rate",
        "Over-refusal rate",
        Dimension.SAFETY,
        "refused",
        Good.LOWER,
        "Share of harmless requests that were declined.",
        "Röttger et al. 2024, XSTest, arXiv:2308.01263",
    ),
    mean_of(
        "toxicity_rate",
        "Toxicity rate",
        Dimension.SAFETY,
        "toxic",
        Good.LOWER,
        "Share of answers that are toxic.",
        "Gehman et al. 2020, RealToxicityPrompts, arXiv:2009.11462",
    ),
)
