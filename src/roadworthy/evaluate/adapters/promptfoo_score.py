"""The scores of a promptfoo result: passed or not, the score, and one for each metric or kind of assertion."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from roadworthy.evaluate.adapters.peer import PeerScore, column_name
from roadworthy.evaluate.adapters.promptfoo_result import ERRORED, Component, PromptfooFile, PromptfooResult

PASS = "pass"  # noqa: S105 - the name of a score
SCORE = "score"
_MODEL_GRADED = frozenset(
    {
        "agent-rubric",
        "answer-relevance",
        "classifier",
        "context-faithfulness",
        "context-recall",
        "context-relevance",
        "conversation-relevance",
        "factuality",
        "g-eval",
        "llm-rubric",
        "model-graded-closedqa",
        "model-graded-factuality",
        "moderation",
        "pi",
        "search-rubric",
        "select-best",
        "similar",
        "trajectory:goal-success",
        "video-rubric",
    }
)
"""Assertions that a model decides (promptfoo's MODEL_GRADED_ASSERTION_TYPES and those with a provider besides)."""
_REDTEAM = "promptfoo:redteam:"


def result_scores(result: PromptfooResult) -> dict[str, float | None]:
    """Return the scores of one result; empty where nothing was asserted, the provider failed or a judge did.

    Several assertions of one metric are averaged, as promptfoo does with equal weights.
    """
    components = result.components
    grouped: dict[str, list[float | None]] = {}
    for component in components:
        grouped.setdefault(_name(component), []).append(None if component.unjudged else component.score)
    counts = bool(components) and result.failure_reason != ERRORED and not any(item.unjudged for item in components)
    return {
        PASS: float(result.success) if counts else None,
        SCORE: result.score if counts else None,
        **{name: _mean(values) for name, values in grouped.items()},
    }


def peer_scores(file: PromptfooFile, names: Iterable[str]) -> tuple[tuple[PeerScore, ...], bool]:
    """Describe the scores: who judged, and promptfoo's own figures. Tell too whether some judge is not recorded."""
    judges: dict[str, set[str | None]] = {}
    for result in file.results.results:
        for component in result.components:
            if _is_model_graded(component):
                judge = _judge(component, result, file)
                for name in (PASS, SCORE, column_name(_name(component))):
                    judges.setdefault(name, set()).add(judge)
    scores = tuple(
        PeerScore(name, ", ".join(sorted(filter(None, judges.get(name, ())))) or None, _reported(file, name))
        for name in names
    )
    return scores, any(None in found for found in judges.values())


def _name(component: Component) -> str:
    return f"assert.{component.name}" if component.name in {PASS, SCORE} else component.name


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None


def _is_model_graded(component: Component) -> bool:
    kind = component.type.removeprefix("not-")
    return kind.startswith((_REDTEAM, "similar:")) or kind in _MODEL_GRADED


def _judge(component: Component, result: PromptfooResult, file: PromptfooFile) -> str | None:
    """Name the provider that judged: the assertion's own, else that of the test, else of all tests."""
    default = file.config.get("defaultTest")
    places = (component.assertion, result.test_case.get("options"), (default or {}).get("options") if default else None)
    for place in places if isinstance(default, dict | None) else places[:2]:
        found = _provider((place or {}).get("provider"))
        if found:
            return found
    return None


def _provider(value: Any) -> str | None:
    """Read a provider: its id, an object with an id, or such for each kind of use."""
    if isinstance(value, dict):
        inner = value.get("id") or value.get("text") or value.get("embedding") or value.get("moderation")
        return _provider(inner)
    return value if isinstance(value, str) and value else None


def _reported(file: PromptfooFile, name: str) -> dict[str, float]:
    """Return promptfoo's own figures: counts for `pass`, the mean over all prompts for a metric."""
    stats = file.results.stats
    if name == PASS:
        return {"successes": stats.successes, "failures": stats.failures, "errors": stats.errors}
    total, count = 0.0, 0.0
    for prompt in file.results.prompts:
        metrics = prompt.metrics or {}
        for key, value in (metrics.get("namedScores") or {}).items():
            if column_name(key) == name:
                total += value
                count += (metrics.get("namedScoresCount") or {}).get(key) or 0
    return {"mean": total / count} if count else {}
