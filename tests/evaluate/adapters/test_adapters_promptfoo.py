"""promptfoo results. The file was written by promptfoo 0.123.1 itself (make/promptfoo_results.py)."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from peer_files import HERE, unpack

from roadworthy.core.errors import InputError
from roadworthy.evaluate.adapters.figures import Figure, figures
from roadworthy.evaluate.adapters.peer import Lack
from roadworthy.evaluate.adapters.promptfoo import read_log, read_rows
from roadworthy.evaluate.adapters.table import detect

File = dict[str, Any]
NAME = "results.json"


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack("promptfoo", NAME, tmp_path_factory.mktemp("promptfoo"))


def written(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value))
    return path


def found(path: Path) -> dict[str, Figure]:
    return {item.score.name: item for item in figures(read_log(path), read_rows(path))}


def check_counts(path: Path) -> None:
    """Compare with promptfoo's statistics, and say where we differ on purpose."""
    stats = json.loads(path.read_text())["results"]["stats"]
    rows = [row for _, row in read_rows(path)]
    assert sum(bool(row["error"]) for row in rows) == stats["errors"] == 8
    passed = [row for row in rows if row["scores.pass"] == 1]
    unasserted = [row for row in rows if "scores.answer" not in row and not row["error"]]
    assert len(passed) + len(unasserted) == stats["successes"]
    failed = [row for row in rows if row["scores.pass"] == 0]
    unjudged = [row for row in rows if row["scores.pass"] is None and "scores.answer" in row]
    assert len(failed) + len(unjudged) == stats["failures"]
    assert (len(passed), len(failed), len(unasserted), len(unjudged)) == (12, 4, 8, 8)


def test_counts_are_those_of_promptfoo(results: Path) -> None:
    """A result without assertions passes there, and one whose judge was down fails; here both are unscored."""
    check_counts(results)
    assert found(results)["pass"].score.reported == {"successes": 20, "failures": 12, "errors": 8}


def test_the_mean_of_a_metric_is_that_of_promptfoo(results: Path) -> None:
    answer = found(results)["answer"]
    assert answer.estimate is not None
    assert answer.estimate.estimate == pytest.approx(answer.score.reported["mean"])
    rubric = found(results)["rubric"]
    assert (rubric.n, rubric.missing) == (16, 24)
    assert rubric.estimate is not None
    # promptfoo counts 0 where the judge was down: the eight that it could judge, sixteen in all, over twenty-four.
    assert rubric.estimate.estimate * 16 / 24 == pytest.approx(rubric.score.reported["mean"])


def test_what_the_file_says(results: Path) -> None:
    log = read_log(results)
    assert (log.harness, log.version, log.task) == ("promptfoo", "0.123.1", "order questions")
    assert log.models == ("local:first-1", "local:second-1")
    assert (log.rows, log.planned, log.epochs, log.cluster) == (40, 40, 2, "case")
    assert log.lacking == ()
    judges = {score.name: score.judge for score in log.scores}
    assert judges == {
        "pass": "file://judge.js",
        "score": "file://judge.js",
        "answer": None,
        "rubric": "file://judge.js",
        "javascript": None,
    }
    assert log.started is not None
    assert detect(results).format == "promptfoo"


def test_a_row_is_a_test_with_a_prompt_and_a_provider(results: Path) -> None:
    rows = {fields["id"]: fields for _, fields in read_rows(results)}
    row = rows["test-2/prompt-0"]
    assert (row["case"], row["epoch"], rows["test-3/prompt-0"]["epoch"]) == ("test-2", 1, 2)
    assert (row["input"], row["output"], row["model"]) == ("Answer: q2", "I do not know", "local:first-1")
    assert (row["scores.pass"], row["scores.rubric"], row["scores.javascript"]) == (0.0, 0.25, 0.65)
    assert (row["metadata.vars.topic"], row["metadata.test.person"]) == ("colour", "p1")
    assert (row["metadata.provider"], row["metadata.prompt"]) == ("first", "Answer: {{question}}")
    assert (row["tokens_in"], row["tokens_out"], row["cost"]) == (10, 7, 0.001)
    assert {fields["case"] for fields in rows.values()} == {f"test-{number}" for number in (0, 2, 4, 6, 8)}


def test_the_order_in_which_results_came_in_does_not_matter(results: Path, tmp_path: Path) -> None:
    value = json.loads(results.read_text())
    value["results"]["results"].reverse()
    turned = [row for _, row in read_rows(written(tmp_path / NAME, value))]
    assert turned == [row for _, row in read_rows(results)]


def change(path: str, to: Any) -> Callable[[File], None]:
    """Make a change at a path such as config.tests."""
    *names, last = path.split(".")

    def apply(value: File) -> None:
        for name in names:
            value = value[name]
        value[last] = to

    return apply


@pytest.mark.parametrize(
    ("edit", "lack"),
    [
        (change("config.tests", "file://tests.csv"), Lack.PLAN),
        (change("config.tests", [{"vars": {"question": ["q1", "q2"]}}]), Lack.PLAN),
        (change("config.tests", [{"vars": "file://vars.yaml"}]), Lack.PLAN),
        (change("config.tests", [{"providers": ["one"]}]), Lack.PLAN),
        (change("runtimeOptions.filterFirstN", 2), Lack.PLAN),
        (change("metadata.promptfooVersion", None), Lack.VERSION),
        (change("results.timestamp", "yesterday"), Lack.TIME),
    ],
)
def test_what_is_lacking(edit: Callable[[File], None], lack: Lack, results: Path, tmp_path: Path) -> None:
    value = json.loads(results.read_text())
    edit(value)
    assert read_log(written(tmp_path / NAME, value)).lacking == (lack,)


def test_a_judge_that_is_not_recorded_is_lacking(results: Path, tmp_path: Path) -> None:
    """Without a provider promptfoo takes one of its own by the keys that are in the environment."""
    value = json.loads(results.read_text())
    del value["config"]["defaultTest"]
    for result in value["results"]["results"]:
        result["testCase"].pop("options", None)
    log = read_log(written(tmp_path / NAME, value))
    assert Lack.JUDGE in log.lacking
    assert all(score.judge is None for score in log.scores)


def test_results_that_were_counted_and_are_not_there_are_missing(results: Path, tmp_path: Path) -> None:
    value = json.loads(results.read_text())
    del value["results"]["results"][10:]
    log = read_log(written(tmp_path / NAME, value))
    assert (log.rows, log.planned) == (10, 40)


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (change("results.version", 4), "version 4 of promptfoo's format; 3 is read"),
        (change("results.version", 2), "version 2 of promptfoo's format; 3 is read"),
        (change("results.results", [{"success": True}]), "missing required field"),
        (change("results.stats", None), "Expected `object`, got `null`"),
        (change("results", []), "it has no 'results' with a 'version'"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    edit: Callable[[File], None], words: str, results: Path, tmp_path: Path
) -> None:
    value = json.loads(results.read_text())
    edit(value)
    with pytest.raises(InputError, match=words):
        read_log(written(tmp_path / NAME, value))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"evalId": "x"}', '{"results": {"version": NaN}}'])
def test_what_is_no_such_file_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_log(path)
    assert str(path) in str(caught.value.place)


def test_a_file_that_was_cut_off_is_refused(results: Path, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(results.read_bytes()[:-100])
    with pytest.raises(InputError, match="not valid JSON"):
        read_log(path)


def test_two_variables_of_one_name_are_refused(results: Path, tmp_path: Path) -> None:
    value = json.loads(results.read_text())
    value["results"]["results"][0]["vars"] = {"a/b": 1, "a_b": 2}
    with pytest.raises(InputError, match="two names come to the column"):
        read_log(written(tmp_path / NAME, value))


@pytest.mark.peer
@pytest.mark.slow
def test_promptfoo_and_we_agree(tmp_path: Path) -> None:
    script = HERE / "make" / "promptfoo_results.py"
    subprocess.run([sys.executable, str(script), str(tmp_path)], check=True)
    check_counts(tmp_path / NAME)
    assert read_log(tmp_path / NAME).lacking == ()
