"""Write Inspect logs with Inspect itself and its mock model; no network.

    .cache/peers/inspect/bin/python tests/evaluate/adapters/make/inspect_logs.py DIRECTORY

Writes task.eval, task.json, failed.eval, started.eval and figures.json (Inspect's own numbers for task.eval).
"""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.log import EvalLog, read_eval_log, write_eval_log
from inspect_ai.model import (
    ChatMessage,
    ChatMessageUser,
    ContentImage,
    ContentText,
    ModelOutput,
    ModelUsage,
    get_model,
)
from inspect_ai.scorer import Score, Target, accuracy, includes, mean, model_graded_qa, scorer, stderr
from inspect_ai.solver import Generate, Solver, TaskState, generate, solver

MODEL = "mockllm/model"
TOPICS = ("orders", "returns", "payment")
CASES = 12
IMAGE = "data:image/png;base64," + "iVBORw0KGgo" * 20


def question(number: int) -> str | list[ChatMessage]:
    """Return the question; one has an image, which Inspect keeps apart, as an attachment."""
    text = f"Where is order {number}?"
    if number != 2:
        return text
    return [ChatMessageUser(content=[ContentImage(image=IMAGE), ContentText(text=text)])]


def samples() -> list[Sample]:
    return [
        Sample(
            id=f"case-{number:02}",
            input=question(number),
            target=f"order {number}",
            metadata={"topic": TOPICS[number % 3], "person": f"p{number // 2}", "priority": number % 2 == 0},
        )
        for number in range(CASES)
    ]


@scorer(metrics={"tone": [mean(), stderr()], "length": [mean()]})
def style() -> Any:
    """A score with two keys, one of which is not in [0, 1]."""

    async def score(state: TaskState, target: Target) -> Score:
        text = state.output.completion
        return Score(value={"tone": 0.25 * (len(text) % 5), "length": len(text)})

    return score


@scorer(metrics=[accuracy(), stderr()])
def grade() -> Any:
    """Each of Inspect's letters, and one sample that could not be scored."""

    async def score(state: TaskState, target: Target) -> Score:
        if state.sample_id == "case-03":
            return Score.unscored(reason="grader_failed")
        return Score(value="CIPN"[int(str(state.sample_id)[-2:]) % 4])

    return score


@solver
def stumble() -> Solver:
    """Fail on one case, in every epoch."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        if state.sample_id == "case-05":
            raise ValueError("the tool broke")
        return state

    return solve


@solver
def die() -> Solver:
    """End the process in the middle, as a kill does."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        if state.sample_id == "case-07":
            os._exit(9)
        return state

    return solve


def model(judge: bool = False) -> Any:
    def answer(*given: Any) -> ModelOutput:
        text = str(given[0][-1].text)
        number = int(text.split()[-1].rstrip("?")) if not judge else 0
        answer = f"It is order {number if number % 4 else number + 100}, on its way."
        grade = "GRADE: C" if "order 1" in text else "GRADE: I"
        output = ModelOutput.from_content(MODEL, grade if judge else answer)
        # With a usage given, Inspect need not fetch a tokenizer to count.
        output.usage = ModelUsage(input_tokens=len(text), output_tokens=9, total_tokens=len(text) + 9)
        return output

    return get_model(MODEL, custom_outputs=answer, memoize=False)


def task(*solvers: Solver) -> Task:
    judge = get_model("mockllm/judge", custom_outputs=model(judge=True).api.outputs, memoize=False)
    return Task(
        name="order-questions",
        dataset=samples(),
        solver=[*solvers, generate()],
        scorer=[includes(), style(), grade(), model_graded_qa(model=judge)],
        version=3,
    )


def run(folder: Path, *solvers: Solver, **options: Any) -> EvalLog:
    given = {"max_samples": 1, "display": "none", "log_dir": str(folder), "log_buffer": 1, **options}
    return eval(task(*solvers), model=model(), **given)[0]


def crash(folder: str) -> None:
    run(Path(folder), die())


def keep(log: EvalLog, path: Path) -> None:
    """Write the log again without events, nine tenths of its size, and without tracebacks, which name folders."""
    whole = read_eval_log(log.location)
    for sample in whole.samples or []:
        sample.events = []
    for error in [whole.error, *(sample.error for sample in whole.samples or [])]:
        if error is not None:
            error.traceback = error.traceback_ansi = ""
    write_eval_log(whole, str(path))


def figures(log: EvalLog) -> dict[str, Any]:
    assert log.results is not None
    return {
        "version": log.eval.packages["inspect_ai"],
        "total_samples": log.results.total_samples,
        "completed_samples": log.results.completed_samples,
        "scores": {
            score.name: {name: metric.value for name, metric in score.metrics.items()} for score in log.results.scores
        },
    }


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        # Logs hold the working directory; this one names nobody's machine.
        os.chdir(folder)
        log = run(Path("whole"), stumble(), epochs=2, fail_on_error=False)
        keep(log, out / "task.eval")
        keep(run(Path("small"), limit=4), out / "task.json")
        (out / "figures.json").write_text(json.dumps(figures(log), indent=1) + "\n")
        failed = run(Path("failed"), stumble(), fail_on_error=True)
        keep(failed, out / "failed.eval")
        process = multiprocessing.get_context("spawn").Process(target=crash, args=(str(Path("started").resolve()),))
        process.start()
        process.join()
        shutil.copy(next(Path("started").glob("*.eval")), out / "started.eval")
        os.chdir("/")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
