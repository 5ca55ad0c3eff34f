"""The fields that are read of a DeepEval test run (deepeval.test_run.TestRun and deepeval.evaluate.types)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from roadworthy.evaluate.adapters.json_file import read_json_object
from roadworthy.evaluate.adapters.peer import not_a_log

_TOOL = "DeepEval"


class Metric(msgspec.Struct, frozen=True, rename="camel"):
    """What one metric said of one case."""

    name: str
    score: float | None = None
    success: bool | None = None
    error: str | None = None
    evaluation_model: str | None = None
    evaluation_cost: float | None = None

    @property
    def judged(self) -> bool:
        """Tell whether the metric came to a result; one that did not, DeepEval counts as failed."""
        return self.error is None and self.score is not None and self.success is not None


class TestCase(msgspec.Struct, frozen=True, rename="camel"):
    """A test case, of one turn or of several."""

    name: str
    success: bool | None = None
    input: Any = None
    actual_output: Any = None
    expected_output: str | None = None
    metrics_data: list[Metric] | None = None
    turns: list[dict[str, Any]] | None = None
    scenario: str | None = None
    completion_time: float | None = None
    token_cost: float | None = None
    input_token_count: int | None = None
    output_token_count: int | None = None
    metadata: dict[str, Any] | None = None

    @property
    def question(self) -> Any:
        """Return the input, or the scenario and what the user said."""
        said = [turn.get("content") for turn in self.turns or [] if turn.get("role") == "user"]
        return [self.scenario, *said] if self.turns else self.input

    @property
    def answer(self) -> Any:
        """Return the output, or all that the assistant said."""
        said = [turn.get("content") for turn in self.turns or [] if turn.get("role") == "assistant"]
        return said if self.turns else self.actual_output


class MetricScores(msgspec.Struct, frozen=True):
    """DeepEval's own figures of a metric."""

    metric: str
    scores: list[float]
    passes: int
    fails: int
    errors: int


class TestRun(msgspec.Struct, frozen=True, rename="camel"):
    """A test run."""

    test_cases: list[TestCase] = []
    conversational_test_cases: list[TestCase] = []
    metrics_scores: list[MetricScores] = []
    hyperparameters: dict[str, Any] | None = None
    identifier: str | None = None
    dataset_alias: str | None = None
    test_file: str | None = None
    test_passed: int | None = None
    test_failed: int | None = None

    @property
    def cases(self) -> list[TestCase]:
        """Return all test cases."""
        return [*self.test_cases, *self.conversational_test_cases]

    @property
    def model(self) -> str | None:
        """Return the hyperparameter `model`, which DeepEval asks for and does not require."""
        value = (self.hyperparameters or {}).get("model")
        return value if isinstance(value, str) and value else None


def read_run(path: Path) -> TestRun:
    """Read a test run, or an EvaluationResult, whose names are in snake case, as one."""
    value = read_json_object(path)
    if isinstance(results := value.get("test_results"), list):
        value = {"testCases": [_camel_case(item) for item in results]}
    if not isinstance(value.get("testCases"), list):
        raise not_a_log(path, _TOOL, "it has neither 'testCases' nor 'test_results'")
    try:
        return msgspec.convert(value, TestRun)
    except msgspec.ValidationError as error:
        raise not_a_log(path, _TOOL, str(error)) from error


def _camel_case(result: Any) -> Any:
    """Write the names of an EvaluationResult as a test run does."""
    if not isinstance(result, dict):
        return result
    metrics = result.get("metrics_data")
    data = [_camel(metric) for metric in metrics] if isinstance(metrics, list) else metrics
    return {**_camel(result), "metricsData": data}


def _camel(value: Any) -> Any:
    def rename(key: str) -> str:
        first, *rest = key.split("_")
        return first + "".join(map(str.capitalize, rest))

    return {rename(key): item for key, item in value.items()} if isinstance(value, dict) else value
