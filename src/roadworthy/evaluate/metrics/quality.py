"""Task quality, so that trade-offs show."""

from __future__ import annotations

from collections.abc import Callable

from roadworthy.evaluate.metrics.metric import Dimension, Good, Metric, Rate, mean_of
from roadworthy.evaluate.metrics.passes import Draw, Passes

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


def pass_at(k: int) -> Metric:
    """Make pass@k: the chance that at least one of `k` attempts at a task succeeds."""
    return _repeated(
        f"pass@{k}",
        Passes(k, Draw.ANY),
        f"Pass at {k}",
        f"Chance that at least one of {k} attempts at a task succeeds, without bias: 1 - C(n-c, k) / C(n, k) for c "
        "right answers in n epochs.",
        "Chen et al. 2021, Evaluating Large Language Models Trained on Code, arXiv:2107.03374, equation 1",
    )


def pass_every(k: int) -> Metric:
    """Make pass^k: the chance that every one of `k` attempts at a task succeeds."""
    return _repeated(
        f"pass^{k}",
        Passes(k, Draw.ALL),
        f"Pass every one of {k}",
        f"Chance that all of {k} attempts at a task succeed, without bias: C(c, k) / C(n, k) for c right answers in n "
        "epochs.",
        "Yao et al. 2024, tau-bench, arXiv:2406.12045",
    )


def _repeated(name: str, passes: Passes, title: str, definition: str, source: str) -> Metric:
    rate = Rate(name, "correct", passes=passes)
    return Metric(name, title, Dimension.QUALITY, (rate,), Good.HIGHER, definition, source)


FAMILIES: dict[str, Callable[[int], Metric]] = {"pass@k": pass_at, "pass^k": pass_every}
"""Metrics for any number of attempts, up to the epochs of the suite."""
