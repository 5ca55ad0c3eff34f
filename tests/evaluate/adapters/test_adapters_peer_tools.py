"""The tools themselves: they write their logs anew, agree with what we read, and open what we export."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from peer_files import ask, make

from roadworthy.evaluate.adapters.figures import figures
from roadworthy.evaluate.adapters.inspect_sample import as_number
from roadworthy.evaluate.adapters.table import detect
from worked_example import TARGET, Command

pytestmark = pytest.mark.peer
VALUES = ["C", "I", "P", "N", "yes", "No", "TRUE", "false", "0.5", "1", 0.25, 1, True, False]


def means(path: Path) -> dict[str, tuple[float | None, float | None]]:
    """Read a log: mean and standard error of each score."""
    adapter = detect(path)
    found = figures(adapter.log(path), adapter.rows(path))
    return {item.score.name: (item.estimate.estimate, item.estimate.standard_error) for item in found if item.estimate}


@pytest.fixture(scope="module")
def lm_eval(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lm-eval")
    make("lm-eval", "lm_eval_logs.py", folder)
    return folder


@pytest.mark.slow
def test_inspect_and_we_agree(tmp_path: Path) -> None:
    make("inspect", "inspect_logs.py", tmp_path)
    said = json.loads((tmp_path / "figures.json").read_text())["scores"]
    found = means(tmp_path / "task.eval")
    for name, theirs, metric in (("includes", "includes", "accuracy"), ("style.tone", "tone", "mean")):
        assert found[name] == pytest.approx((said[theirs][metric], said[theirs]["stderr"]), abs=1e-9)
    for name in ("failed.eval", "started.eval"):
        log = detect(tmp_path / name).log(tmp_path / name)
        assert (log.rows, log.planned) == (7, 12)


def test_values_mean_what_they_mean_to_inspect() -> None:
    code = (
        "import json, sys; from inspect_ai.scorer import value_to_float; "
        "print(json.dumps([value_to_float()(value) for value in json.loads(sys.argv[1])]))"
    )
    assert json.loads(ask("inspect", "-c", code, json.dumps(VALUES))) == [as_number(value) for value in VALUES]


@pytest.mark.slow
def test_the_harness_and_we_agree(lm_eval: Path) -> None:
    said = json.loads(next(lm_eval.glob("results_*.json")).read_text())["results"]
    colours = means(next(lm_eval.glob("samples_colours_*")))
    words = means(next(lm_eval.glob("samples_words_*")))
    assert colours["acc"] == pytest.approx((said["colours"]["acc,none"], said["colours"]["acc_stderr,none"]), abs=1e-9)
    loose = (said["words"]["exact_match,loose"], said["words"]["exact_match_stderr,loose"])
    assert words["exact_match.loose"] == pytest.approx(loose, abs=1e-9)


@pytest.mark.slow
def test_every_eval_ever_and_we_agree(lm_eval: Path, tmp_path: Path) -> None:
    make("every-eval-ever", "every_eval_ever_logs.py", tmp_path, lm_eval)
    [aggregate] = tmp_path.glob("*.json")
    said = [item["score_details"]["score"] for item in json.loads(aggregate.read_text())["evaluation_results"]]
    assert [mean for mean, _ in means(aggregate).values()] == pytest.approx(said)


@pytest.fixture
def measured(command: Command) -> Command:
    """A run with right and wrong answers and errors, in clusters."""
    rows = [
        {"id": f"orders/{i:03}", "topic": f"t{i // 4}", "wanted": ("right", "right", "wrong", "raise")[i % 4]}
        for i in range(40)
    ]
    command.example.rows(rows)
    answers = TARGET.replace('return "42" if', 'return {"model": "example/small-1", "text": "42"} if')
    (command.example.directory / "evals" / "target.py").write_text(answers)
    command.example.suite(dataset={"file": "data/answers.jsonl", "cluster": "topic", "slices": ["topic"]})
    assert command("evaluate").code == 0
    return command


READ = """
import json, sys
from inspect_ai.log import list_eval_logs, read_eval_log, read_eval_log_sample, read_eval_log_sample_summaries
log = read_eval_log(sys.argv[1])
samples = [read_eval_log_sample(sys.argv[1], s.id, s.epoch) for s in read_eval_log_sample_summaries(sys.argv[1])]
print(json.dumps({
    "status": log.status, "samples": len(log.samples), "summaries": len(samples), "model": log.eval.model,
    "errors": sum(s.error is not None for s in samples), "right": sum(s.score.value for s in samples if not s.error),
    "answer": samples[0].output.completion, "listed": len(list_eval_logs(sys.argv[2])),
    "metrics": {n: m.value for n, m in log.results.scores[0].metrics.items()},
}))
"""


@pytest.mark.parametrize("name", ["run.eval", "2026-11-24T00-00-00+00-00_answers_run.json"])
def test_inspect_opens_what_we_export(name: str, measured: Command, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    assert measured("export", "answers", folder / name, "--to", "inspect", "--transcripts").code == 0
    said: dict[str, Any] = json.loads(ask("inspect", "-W", "ignore", "-c", READ, folder / name, folder))
    assert (said["status"], said["samples"], said["summaries"], said["listed"]) == ("success", 40, 40, 1)
    assert (said["errors"], said["right"], said["answer"]) == (10, 20, "42")
    assert said["metrics"]["mean"] == pytest.approx(2 / 3)
    dumped = json.loads(ask("inspect", "log", "dump", folder / name, program="inspect"))
    assert dumped["eval"]["task"] == "answers"
    shutil.rmtree(folder)


def test_every_eval_ever_accepts_what_we_export(measured: Command, tmp_path: Path) -> None:
    said = measured("export", "answers", tmp_path / "out", "--to", "every-eval-ever", "--transcripts")
    assert said.code == 0, said.text
    files = [path.relative_to(tmp_path / "out") for path in (tmp_path / "out").rglob("*.json*")]
    assert len(files) == 2
    text = ask("every-eval-ever", "-m", "every_eval_ever", "validate", *files, folder=tmp_path / "out")
    assert "0 failed" in text
    assert "WARN" not in text
