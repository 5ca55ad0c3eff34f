"""Write results and samples of the lm-evaluation-harness with itself and its dummy model; no network.

    .cache/peers/lm-eval/bin/python tests/evaluate/adapters/make/lm_eval_logs.py DIRECTORY

Writes results_TIME.json and samples_TASK_TIME.jsonl of two tasks: one of multiple choice, one of generated text with
two filters. The dummy model gives random log-likelihoods and always the same text.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import lm_eval
from lm_eval.loggers import EvaluationTracker

CASES = 12
COMMON: dict[str, Any] = {
    "dataset_path": "json",
    "dataset_kwargs": {"data_files": {"test": "data.jsonl"}},
    "test_split": "test",
    "doc_to_text": "{{question}}",
    "metadata": {"version": 2.0},
}
CHOICE = {
    **COMMON,
    "task": "colours",
    "output_type": "multiple_choice",
    "doc_to_choice": "{{choices}}",
    "doc_to_target": "{{answer}}",
    "metric_list": [
        {"metric": "acc", "aggregation": "mean", "higher_is_better": True},
        {"metric": "acc_norm", "aggregation": "mean", "higher_is_better": True},
    ],
}
TEXT = {
    **COMMON,
    "task": "words",
    "output_type": "generate_until",
    "doc_to_target": "{{word}}",
    "generation_kwargs": {"until": ["\n"], "do_sample": False},
    "filter_list": [
        {"name": "strict", "filter": [{"function": "take_first"}]},
        {"name": "loose", "filter": [{"function": "regex", "regex_pattern": "(lo)l"}, {"function": "take_first"}]},
    ],
    "metric_list": [{"metric": "exact_match", "aggregation": "mean", "higher_is_better": True}],
}


def rows() -> list[dict[str, Any]]:
    return [
        {
            "question": f"Which colour has number {number}?",
            "choices": ["red", "green", "blue"],
            "answer": number % 3,
            "word": "lol" if number % 4 else "lo",
            "topic": "even" if number % 2 == 0 else "odd",
        }
        for number in range(CASES)
    ]


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        # Results hold the working directory; this one names nobody's machine.
        os.chdir(folder)
        Path("data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows()))
        random.seed(7)
        tracker = EvaluationTracker(output_path="out")
        found = lm_eval.simple_evaluate(
            model="dummy",
            model_args="pretrained=example/dummy",
            tasks=[CHOICE, TEXT],
            log_samples=True,
            bootstrap_iters=1000,
            evaluation_tracker=tracker,
        )
        assert found is not None
        samples = found.pop("samples")
        tracker.save_results_aggregated(results=found, samples=samples)
        for task in found["configs"]:
            tracker.save_results_samples(task_name=task, samples=samples[task])
        for file in Path("out").rglob("*.json*"):
            shutil.copy(file, out / file.name)
        os.chdir("/")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
