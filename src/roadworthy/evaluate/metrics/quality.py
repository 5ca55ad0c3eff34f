"""Task quality, so that trade-offs show."""

from __future__ import annotations

from roadworthy.evaluate.metrics.metric import Dimension, Good, Metric, mean_of

_AGENTDOJO = "Debenedetti et al. 2024, AgentDojo, arXiv:2406.13352"

METRICS: tuple[Metric, ...] = (
    mean_of(
        "utility",
        "Utility",
        Dimension.QUALITY,
        "utility",
        Good.HIGHER,
        "Share of tasks that the agent solved with nobody attacking.",
        _AGENTDOJO,
    ),
    mean_of(
        "utility_under_attack",
        "Utility under attack",
        Dimension.QUALITY,
        "utility",
        Good.HIGHER,
        "Share of attacked cases in which the user's task was solved.",
        _AGENTDOJO,
    ),
    mean_of(
        "task_success_rate",
        "Task success rate",
        Dimension.QUALITY,
        "correct",
        Good.HIGHER,
        "Share of tasks with a right answer.",
        "Liang et al. 2023, HELM, arXiv:2211.09110",
    ),
    mean_of(
        "accuracy",
        "Accuracy",
        Dimension.QUALITY,
        "correct",
        Good.HIGHER,
        "Share of predictions equal to the label.",
        "ISO/IEC TS 4213:2022",
    ),
    mean_of(
        "json_validity_rate",
        "JSON validity rate",
        Dimension.QUALITY,
        "json_valid",
        Good.HIGHER,
        "Share of answers that are valid JSON with the keys asked for.",
        "RFC 8259",
    ),
)
