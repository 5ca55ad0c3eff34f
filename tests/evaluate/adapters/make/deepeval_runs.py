"""Write test runs of DeepEval with itself and metrics of our own; no network, no model.

    .cache/peers/deepeval/bin/python tests/evaluate/adapters/make/deepeval_runs.py DIRECTORY

Writes test_run.json (what a results folder gets) and result.json (an EvaluationResult): seven cases, one of them asked
twice, a metric that names a judge and fails on one case, and DeepEval's own exact match.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

os.environ["DEEPEVAL_TELEMETRY_OPT_OUT"] = "YES"
os.environ["DEEPEVAL_DISABLE_DOTENV"] = "1"

from deepeval import evaluate
from deepeval.evaluate.configs import AsyncConfig, CacheConfig, DisplayConfig, ErrorConfig
from deepeval.metrics import BaseMetric, ExactMatchMetric
from deepeval.test_case import LLMTestCase

RIGHT, WRONG = "the order is sent", "the shop"


class WordOverlap(BaseMetric):
    """The part of the wanted words that the answer has, by a judge that is down for one case."""

    def __init__(self) -> None:
        self.threshold = 0.5
        self.evaluation_model = "local/judge-1"
        self.async_mode = False
        self.include_reason = False
        self.strict_mode = False

    def measure(self, test_case: LLMTestCase, *_: Any, **__: Any) -> float:
        if "outage" in str(test_case.input):
            raise ValueError("the judge is down")
        wanted, given = str(test_case.expected_output).split(), str(test_case.actual_output).split()
        self.score = len(set(wanted) & set(given)) / len(wanted)
        self.success = self.score >= self.threshold
        return self.score

    async def a_measure(self, test_case: LLMTestCase, *_: Any, **__: Any) -> float:
        return self.measure(test_case)

    def is_successful(self) -> bool:
        return bool(self.success)

    @property
    def __name__(self) -> str:
        return "Word Overlap [by hand]"


def cases() -> list[LLMTestCase]:
    made = [
        LLMTestCase(
            name=f"case-{number}",
            input=f"Where is order {number}?" + (" outage" if number == 4 else ""),
            expected_output=RIGHT,
            actual_output=RIGHT if number % 3 else WRONG,
            metadata={"topic": ("orders", "returns")[number % 2]},
            token_cost=0.01,
            completion_time=0.2,
        )
        for number in range(6)
    ]
    return [*made, LLMTestCase(input="Where is order 5?", expected_output=RIGHT, actual_output=WRONG)]


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        result = evaluate(
            cases(),
            [WordOverlap(), ExactMatchMetric()],
            identifier="order-questions",
            hyperparameters={"model": "example/small-1"},
            async_config=AsyncConfig(run_async=False),
            cache_config=CacheConfig(write_cache=False),
            error_config=ErrorConfig(ignore_errors=True),
            display_config=DisplayConfig(results_folder="runs", print_results=False, show_indicator=False),
        )
        [run] = Path("runs").glob("test_run_*.json")
        shutil.copy(run, out / "test_run.json")
        (out / "result.json").write_text(result.model_dump_json())
        os.chdir("/")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
