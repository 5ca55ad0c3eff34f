"""Every Eval Ever. The files were converted by its own package 0.3.0 from a log of the lm-evaluation-harness."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from peer_files import FILES

from roadworthy.core.errors import InputError
from roadworthy.evaluate.adapters.every_eval_ever import files, read_log, read_rows
from roadworthy.evaluate.adapters.figures import figures
from roadworthy.evaluate.adapters.peer import Lack

[AGGREGATE] = FILES.glob("every-eval-ever/*.json")
[SAMPLES] = FILES.glob("every-eval-ever/*.jsonl")
SAID = json.loads(AGGREGATE.read_text())
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copy(SAMPLES, tmp_path)
    return Path(shutil.copy(AGGREGATE, tmp_path))


def change(path: Path, how: Change) -> Path:
    value = json.loads(path.read_text())
    how(value)
    path.write_text(json.dumps(value))
    return path


def records(path: Path, lines: list[dict[str, Any]]) -> Path:
    """Write other samples beside a copied aggregate file, whose checksum no longer holds and is taken away."""
    samples = path.with_name(SAMPLES.name)
    samples.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return change(path, lambda value: value["detailed_evaluation_results"].pop("checksum"))


def lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in SAMPLES.read_text().splitlines()]


def test_the_means_are_those_of_the_aggregate_file() -> None:
    found = figures(read_log(AGGREGATE), read_rows(AGGREGATE))
    assert [item.score.name for item in found] == ["words_strict.exact-match", "words_loose.exact-match"]
    for item, result in zip(found, SAID["evaluation_results"], strict=True):
        details = result["score_details"]
        assert item.estimate is not None
        assert item.estimate.estimate == pytest.approx(details["score"], abs=1e-9)
        error = details["uncertainty"]["standard_error"]["value"]
        assert item.estimate.standard_error == pytest.approx(error, abs=1e-9)
        assert item.score.reported == {"score": details["score"], "stderr": error}


def test_what_the_aggregate_file_says() -> None:
    log = read_log(AGGREGATE)
    assert (log.harness, log.version, log.task) == ("lm_eval", "0.4.13", "words")
    assert (log.models, log.rows, log.planned) == (("example/dummy",), 12, 12)
    assert log.lacking == (Lack.CLUSTERS,)
    assert files(AGGREGATE) == (AGGREGATE, SAMPLES)


def test_without_samples_nothing_can_be_measured(copied: Path) -> None:
    log = read_log(change(copied, lambda value: value.pop("detailed_evaluation_results")))
    assert Lack.SAMPLES in log.lacking
    assert [score.reported["score"] for score in log.scores] == [0.75, 0.25]


def test_repeated_samples_are_one_case(copied: Path) -> None:
    log = read_log(records(copied, lines() * 2))
    assert (log.rows, log.cluster) == (24, "case")
    assert {fields["id"] for _, fields in read_rows(copied)} >= {"0#0", "0#1"}


def test_lost_records_count_as_planned(copied: Path) -> None:
    log = read_log(records(copied, lines()[:-3]))
    assert log.planned == 12 + 3


def test_errors_conversations_and_speed(copied: Path) -> None:
    record = lines()[0] | {
        "error": "timeout",
        "output": None,
        "messages": [{"turn_idx": 0, "role": "assistant", "content": "first"}, {"turn_idx": 1, "role": "assistant"}],
        "performance": {"latency_ms": 250},
        "token_usage": {"input_tokens": 3, "output_tokens": 4, "total_tokens": 7},
    }
    [(_, row)] = read_rows(records(copied, [record]))
    assert (row["error"], row["output"], row["seconds"]) == ("timeout", "first", 0.25)
    assert (row["tokens_in"], row["tokens_out"]) == (3, 4)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (lambda value: value.update(schema_version="9.0.0"), "version '9.0.0'"),
        (lambda value: value.pop("evaluation_results"), "no 'evaluation_results'"),
        (lambda value: value["evaluation_results"].pop(), "belongs to no result"),
        (lambda value: value["detailed_evaluation_results"].update(checksum="0" * 64), "checksum"),
        (lambda value: value["detailed_evaluation_results"].update(hash_algorithm="crc"), "unknown kind"),
        (lambda value: value["detailed_evaluation_results"].update(file_path="../../etc/passwd"), "not beside"),
    ],
)
def test_a_broken_aggregate_file_is_refused(how: Change, words: str, copied: Path) -> None:
    with pytest.raises(InputError, match=words):
        read_log(change(copied, how))


@pytest.mark.parametrize("score", ["1", True, None, 1e400])
def test_a_score_that_is_no_number_is_refused(score: Any, copied: Path) -> None:
    with pytest.raises(InputError, match=r"not a number|not valid JSON"):
        read_log(records(copied, [lines()[0] | {"evaluation": {"score": score, "is_correct": True}}]))
