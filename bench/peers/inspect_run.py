"""Evaluate a JSONL of cases with Inspect against an OpenAI-compatible server; prints versions and counts.

Run by bench/engine.py with the Python of the peer's own environment: cases, address, connections, log folder.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys

os.environ["OPENAI_API_KEY"] = "none"

from inspect_ai import Task, eval
from inspect_ai.dataset import json_dataset
from inspect_ai.model import get_model
from inspect_ai.scorer import exact
from inspect_ai.solver import generate


def main(cases: str, address: str, connections: int, logs: str) -> None:
    """Evaluate and print one line of JSON."""
    task = Task(dataset=json_dataset(cases), solver=generate(), scorer=exact())
    model = get_model("openai/instant", base_url=address, responses_api=False)
    log = eval(
        task,
        model=model,
        max_connections=connections,
        max_samples=2 * connections,
        display="none",
        log_dir=logs,
        log_realtime=False,
        score_display=False,
        fail_on_error=False,
    )[0]
    assert log.samples is not None
    right = sum(sample.scores["exact"].value in ("C", 1) for sample in log.samples)
    print(json.dumps({"right": right, "versions": {"inspect-ai": importlib.metadata.version("inspect-ai")}}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])
