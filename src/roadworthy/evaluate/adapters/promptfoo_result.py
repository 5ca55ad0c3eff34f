"""The fields that are read of promptfoo's results (EvaluateSummaryV3, EvaluateResult, GradingResult of the package)."""

from __future__ import annotations

from typing import Any

import msgspec

ERRORED = 2
"""ResultFailureReason.ERROR: the provider, not an assertion, failed."""


class Component(msgspec.Struct, frozen=True):
    """What one assertion said."""

    passed: bool = msgspec.field(name="pass")
    score: float
    assertion: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None

    @property
    def type(self) -> str:
        """Return what was asserted; empty where the result does not say."""
        return str((self.assertion or {}).get("type") or "")

    @property
    def name(self) -> str:
        """Return the metric that the team named, else the type of the assertion."""
        return str((self.assertion or {}).get("metric") or self.type or "assertion")

    @property
    def unjudged(self) -> bool:
        """Tell whether the judge itself failed, which promptfoo counts as a failure."""
        return (self.metadata or {}).get("graderError") is True


class Grading(msgspec.Struct, frozen=True, rename="camel"):
    """What all assertions on one result said."""

    score: float = 0.0
    component_results: list[Component | None] | None = None


class PromptfooResult(msgspec.Struct, frozen=True, rename="camel"):
    """One test with one prompt and one provider."""

    test_idx: int
    prompt_idx: int
    success: bool
    provider: dict[str, Any]
    prompt: dict[str, Any]
    test_case: dict[str, Any]
    score: float = 0.0
    failure_reason: int = 0
    error: str | None = None
    response: dict[str, Any] | None = None
    grading_result: Grading | None = None
    vars: dict[str, Any] = {}
    latency_ms: float = 0.0
    cost: float | None = None
    token_usage: dict[str, Any] | None = None

    @property
    def model(self) -> str | None:
        """Return the id of the provider that answered."""
        return str(self.provider.get("id") or "") or None

    @property
    def components(self) -> list[Component]:
        """Return what each assertion said."""
        found = self.grading_result.component_results if self.grading_result else None
        return [component for component in found or [] if component is not None]


class Stats(msgspec.Struct, frozen=True, rename="camel"):
    """Promptfoo's own counts."""

    successes: int = 0
    failures: int = 0
    errors: int = 0
    duration_ms: float | None = None

    @property
    def total(self) -> int:
        """Return how many results were counted."""
        return self.successes + self.failures + self.errors


class Prompt(msgspec.Struct, frozen=True):
    """A prompt with a provider, and its figures."""

    metrics: dict[str, Any] | None = None


class Results(msgspec.Struct, frozen=True):
    """The summary."""

    version: int
    results: list[PromptfooResult]
    stats: Stats
    prompts: list[Prompt] = []
    timestamp: str | None = None


class PromptfooFile(msgspec.Struct, frozen=True, rename="camel"):
    """The whole file."""

    results: Results
    eval_id: str | None = None
    config: dict[str, Any] = {}
    metadata: dict[str, Any] = {}
    runtime_options: dict[str, Any] = {}
