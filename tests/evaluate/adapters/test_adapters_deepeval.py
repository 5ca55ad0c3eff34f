"""DeepEval's test runs. The files were written by DeepEval 4.3.1 itself (make/deepeval_runs.py)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from peer_files import FILES, make

from roadworthy.core.errors import InputError
from roadworthy.evaluate.adapters.deepeval import read_log, read_rows
from roadworthy.evaluate.adapters.figures import Figure, figures
from roadworthy.evaluate.adapters.peer import Lack
from roadworthy.evaluate.adapters.table import detect

FOLDER = FILES / "deepeval"
RUN, RESULT = FOLDER / "test_run.json", FOLDER / "result.json"
OVERLAP = "Word Overlap _by hand_"


def found(path: Path) -> dict[str, Figure]:
    return {item.score.name: item for item in figures(read_log(path), read_rows(path))}


def written(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value))
    return path


def check_counts(path: Path) -> None:
    """Compare with DeepEval's own figures of each metric and of the run."""
    said = json.loads(path.read_text())
    own = {item["metric"]: item for item in said["metricsScores"]}
    for metric, name in (("Word Overlap [by hand]", OVERLAP), ("Exact Match", "Exact Match")):
        scores, passed = found(path)[name], found(path)[f"{name} success"]
        assert (scores.n, scores.missing) == (len(own[metric]["scores"]), own[metric]["errors"])
        assert scores.estimate is not None
        assert scores.estimate.estimate == pytest.approx(sum(own[metric]["scores"]) / scores.n)
        assert passed.estimate is not None
        assert passed.estimate.estimate * passed.n == pytest.approx(own[metric]["passes"])
        assert {"passes", "fails", "errors"} == set(passed.score.reported)
    whole = found(path)["success"]
    assert whole.estimate is not None
    assert whole.estimate.estimate * whole.n == pytest.approx(said["testPassed"])
    assert whole.n + whole.missing == said["testPassed"] + said["testFailed"]
    assert whole.missing == 1


def test_counts_are_those_of_deepeval() -> None:
    """A metric that failed is a failed test there; here it is unscored."""
    check_counts(RUN)


def test_what_a_run_says_and_does_not_say() -> None:
    log = read_log(RUN)
    assert (log.harness, log.version, log.task, log.models) == (
        "deepeval",
        None,
        "order-questions",
        ("example/small-1",),
    )
    assert (log.rows, log.planned, log.cluster) == (7, 7, "case")
    assert set(log.lacking) == {Lack.ERRORS, Lack.PLAN, Lack.TIME, Lack.VERSION}
    judges = {score.name: score.judge for score in log.scores}
    assert (judges[OVERLAP], judges["Exact Match"], judges["success"]) == ("local/judge-1", None, "local/judge-1")
    assert detect(RUN).format == detect(RESULT).format == "deepeval"


def test_a_result_holds_the_same_rows_and_no_model() -> None:
    """An EvaluationResult lacks the hyperparameters, the costs and the times."""
    gone = ("model", "seconds", "cost", "tokens_in", "tokens_out")
    runs, results = ([{k: v for k, v in f.items() if k not in gone} for _, f in read_rows(p)] for p in (RUN, RESULT))
    assert runs == results
    assert Lack.MODEL in read_log(RESULT).lacking


def test_a_row_is_a_test_case() -> None:
    rows = {fields["id"]: fields for _, fields in read_rows(RUN)}
    row = rows["case-0"]
    assert (row["input"], row["output"], row["target"]) == ("Where is order 0?", "the shop", "the order is sent")
    assert (row["scores.success"], row[f"scores.{OVERLAP}"], row["scores.Exact Match"]) == (0.0, 0.25, 0.0)
    assert (row["metadata.topic"], row["seconds"], row["cost"]) == ("orders", 0.2, 0.01)
    assert rows["case-4"][f"scores.{OVERLAP}"] is rows["case-4"]["scores.success"] is None
    assert rows["case-4"]["scores.Exact Match"] == 1.0
    assert (rows["test_case_6"]["case"], rows["test_case_6"]["epoch"]) == ("case-5", 2)


def test_names_that_are_repeated_stay_apart(tmp_path: Path) -> None:
    value = json.loads(RUN.read_text())
    for case in value["testCases"]:
        case["name"] = "case"
        case["metricsData"] = [{**case["metricsData"][1], "name": "Exact Match"}] * 2
    path = written(tmp_path / "run.json", value)
    assert [fields["id"] for _, fields in read_rows(path)][:3] == ["case", "case#2", "case#3"]
    assert "Exact Match 2" in {score.name for score in read_log(path).scores}


def test_conversations(tmp_path: Path) -> None:
    turns = [{"role": role, "content": f"{role} {n}", "order": n} for n, role in enumerate(["user", "assistant"] * 2)]
    metric = {"name": "Knowledge Retention", "score": 0.5, "success": True, "evaluationModel": "m", "evaluationCost": 1}
    case = {"name": "c", "success": True, "metricsData": [metric], "turns": turns, "scenario": "An order"}
    path = written(tmp_path / "run.json", {"testCases": [], "conversationalTestCases": [case]})
    [(_, row)] = read_rows(path)
    assert row["input"] == ["An order", "user 0", "user 2"]
    assert row["output"] == ["assistant 1", "assistant 3"]
    assert read_log(path).scores[1].judge == "m"
    del metric["evaluationModel"]
    log = read_log(written(tmp_path / "paid.json", {"testCases": [], "conversationalTestCases": [case]}))
    assert Lack.JUDGE in log.lacking


def test_cases_that_were_counted_and_are_not_there_are_missing(tmp_path: Path) -> None:
    value = json.loads(RUN.read_text())
    del value["testCases"][4:]
    log = read_log(written(tmp_path / "run.json", value))
    assert (log.rows, log.planned) == (4, 7)


def test_a_run_without_cases_cannot_be_measured(tmp_path: Path) -> None:
    assert Lack.SAMPLES in read_log(written(tmp_path / "run.json", {"testCases": []})).lacking


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not valid JSON"),
        ("[]", "not one JSON object"),
        ('{"results": []}', "neither 'testCases' nor 'test_results'"),
        ('{"testCases": {"name": "x"}}', "neither 'testCases' nor 'test_results'"),
        ('{"testCases": [{"input": "x"}]}', "missing required field `name`"),
        ('{"test_results": ["x"]}', "Expected `object`, got `str`"),
        ('{"testCases": [{"name": "x", "metricsData": [{"name": "m", "score": NaN}]}]}', "NaN is not a number"),
        ('{"testCases": [{"name": "x", "metricsData": [{"name": "m", "score": "high"}]}]}', "Expected `float"),
        ('{"testCases": [{"name": "x", "metadata": {"a/b": 1, "a_b": 2}}]}', "two names come to the column"),
    ],
)
def test_a_broken_file_is_refused_with_its_cause(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        read_log(path)
    assert str(path) in str(caught.value.place)


def test_a_file_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(RUN.read_bytes()[:-50])
    with pytest.raises(InputError, match="not valid JSON"):
        read_log(path)


@pytest.mark.peer
@pytest.mark.slow
def test_deepeval_and_we_agree(tmp_path: Path) -> None:
    make("deepeval", "deepeval_runs.py", tmp_path)
    check_counts(tmp_path / RUN.name)
    assert read_log(tmp_path / RESULT.name).rows == 7
