"""Make a large log with Inspect, or read one back and average its scores; prints one line of JSON.

Run by bench/judge.py with the Python of the peer's own environment: `make` or `read`, the log, the number of samples.
"""

from __future__ import annotations

import importlib.metadata
import json
import resource
import sys
from pathlib import Path

from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.log import read_eval_log, write_eval_log
from inspect_ai.model import ModelOutput, ModelUsage, get_model
from inspect_ai.scorer import includes
from inspect_ai.solver import generate

REAL = 50


def make(path: Path, n: int) -> None:
    """Evaluate a few samples with Inspect's own mock model, and repeat them in one log under new ids."""
    answer = ModelOutput.from_content("mockllm/model", "Default answer")
    # Without figures the mock model would load a tokenizer from the network to count tokens.
    answer.usage = ModelUsage(input_tokens=12, output_tokens=3, total_tokens=15)
    samples = [Sample(input=f"Please say the number {i}", target="Default", id=i) for i in range(REAL)]
    log = eval(
        Task(dataset=samples, solver=generate(), scorer=includes()),
        model=get_model("mockllm/model", custom_outputs=[answer] * REAL),
        display="none",
        log_dir=str(path.parent / "made"),
        score_display=False,
    )[0]
    real = list(log.samples or [])
    assert len(real) == REAL, (log.status, log.error and log.error.message)
    log.samples = [real[i % REAL].model_copy(update={"id": i, "uuid": f"sample-{i}"}) for i in range(n)]
    write_eval_log(log, str(path))


def read(path: Path, n: int) -> None:
    """Read the log and average the scores."""
    log = read_eval_log(str(path))
    assert log.samples is not None
    right = sum(sample.scores["includes"].value == "C" for sample in log.samples if sample.scores)
    assert right == len(log.samples) == n, (right, len(log.samples))


def main(what: str, path: Path, n: int) -> None:
    """Do one of the two."""
    (make if what == "make" else read)(path, n)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    versions = {"inspect-ai": importlib.metadata.version("inspect-ai")}
    print(json.dumps({"n": n, "megabytes": megabytes, "versions": versions}))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
