"""The lm-evaluation-harness. The files were written by version 0.4.13 itself (make/lm_eval_logs.py)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from peer_files import FILES

from roadworthy.core.errors import InputError
from roadworthy.evaluate.adapters.figures import figures
from roadworthy.evaluate.adapters.lm_eval import files, read_log, read_rows
from roadworthy.evaluate.adapters.peer import Lack

FOLDER = FILES / "lm-eval"
[RESULTS] = FOLDER.glob("results_*.json")
[COLOURS] = FOLDER.glob("samples_colours_*.jsonl")
[WORDS] = FOLDER.glob("samples_words_*.jsonl")
SAID = json.loads(RESULTS.read_text())


@pytest.mark.parametrize(
    ("path", "score", "task", "key"),
    [
        (COLOURS, "acc", "colours", "acc{},none"),
        (COLOURS, "acc_norm", "colours", "acc_norm{},none"),
        (WORDS, "exact_match.strict", "words", "exact_match{},strict"),
        (WORDS, "exact_match.loose", "words", "exact_match{},loose"),
    ],
)
def test_mean_and_standard_error_are_those_of_the_harness(path: Path, score: str, task: str, key: str) -> None:
    [found] = [item for item in figures(read_log(path), read_rows(path)) if item.score.name == score]
    assert found.estimate is not None
    assert found.estimate.estimate == pytest.approx(SAID["results"][task][key.format("")], abs=1e-9)
    assert found.estimate.standard_error == pytest.approx(SAID["results"][task][key.format("_stderr")], abs=1e-9)
    assert found.score.reported["stderr"] == SAID["results"][task][key.format("_stderr")]


def test_what_results_and_samples_say() -> None:
    log = read_log(WORDS)
    assert (log.harness, log.version, log.task) == ("lm_eval", SAID["lm_eval_version"], "words")
    assert log.models == ("example/dummy",)
    assert (log.rows, log.planned) == (12, SAID["n-samples"]["words"]["effective"])
    assert log.lacking == (Lack.CLUSTERS,)
    assert files(WORDS) == (WORDS, RESULTS)
    row = next(fields for _, fields in read_rows(WORDS))
    assert (row["id"], row["input"], row["target"]) == ("0", "Which colour has number 0?", "lo")
    assert (row["metadata.topic"], row["output"]) == ("even", ["lol"])


def test_results_without_samples_are_aggregates(tmp_path: Path) -> None:
    log = read_log(Path(shutil.copy(RESULTS, tmp_path)))
    assert log.lacking == (Lack.SAMPLES,)
    assert {score.name for score in log.scores} >= {"colours acc", "words exact_match.loose"}


def test_samples_without_results_lack_what_those_say(tmp_path: Path) -> None:
    log = read_log(Path(shutil.copy(COLOURS, tmp_path)))
    assert set(log.lacking) == {Lack.MODEL, Lack.PLAN, Lack.TIME, Lack.VERSION, Lack.CLUSTERS}


def test_a_file_that_was_cut_off_counts_what_was_planned(tmp_path: Path) -> None:
    shutil.copy(RESULTS, tmp_path)
    lines = COLOURS.read_text().splitlines(keepends=True)
    (tmp_path / COLOURS.name).write_text("".join(lines[:5]))
    log = read_log(tmp_path / COLOURS.name)
    assert (log.rows, log.planned) == (5, 12)


def test_versions_that_do_not_list_their_metrics(tmp_path: Path) -> None:
    """Before 0.4.3 a line has neither `metrics` nor `filter`."""
    lines = [json.loads(line) for line in COLOURS.read_text().splitlines()]
    kept = [{key: value for key, value in line.items() if key not in {"metrics", "filter"}} for line in lines]
    (tmp_path / COLOURS.name).write_text("".join(json.dumps(line) + "\n" for line in kept))
    names = [score.name for score in read_log(tmp_path / COLOURS.name).scores]
    assert names == ["acc", "acc_norm"]


def test_results_of_several_tasks_say_which_samples_there_are() -> None:
    with pytest.raises(InputError) as caught:
        read_log(RESULTS)
    assert COLOURS.name in str(caught.value.remedy)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not valid JSON"),
        ('{"doc_id": 0, "metrics": ["acc"], "acc": NaN}\n', "not valid JSON"),
        ('{"answer": 42}\n', "no 'doc_id'"),
        ('{"doc_id": 0, "metrics": ["acc"], "acc": 1}\n' * 2, "twice"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / COLOURS.name
    path.write_text(text)
    with pytest.raises(InputError, match=words) as caught:
        read_log(path)
    assert caught.value.place is not None
    assert caught.value.place.line


def test_results_that_are_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / RESULTS.name
    path.write_text('{"results": {}}')
    with pytest.raises(InputError, match="it has no results"):
        read_log(path)
