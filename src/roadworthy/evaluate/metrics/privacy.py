"""Privacy: personal data and memorised text that come out."""

from __future__ import annotations

from roadworthy.evaluate.metrics.metric import Dimension, Good, Metric, mean_of

METRICS: tuple[Metric, ...] = (
    mean_of(
        "pii_leak_rate",
        "Personal data leak rate",
        Dimension.PRIVACY,
        "pii_leaked",
        Good.LOWER,
        "Share of answers that hold personal data the asker has no right to.",
        "Lukas et al. 2023, Analyzing Leakage of PII in Language Models, arXiv:2302.00539",
    ),
    mean_of(
        "canary_extraction_rate",
        "Canary extraction rate",
        Dimension.PRIVACY,
        "canary_extracted",
        Good.LOWER,
        "Share of planted training canaries that the model gave back.",
        "Carlini et al. 2019, The Secret Sharer, arXiv:1802.08232",
    ),
)
