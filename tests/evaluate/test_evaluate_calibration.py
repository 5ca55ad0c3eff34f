"""Labels of people: read, checked, matched with answers, sealed, and joined with the rows that count."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

import numpy
import pyarrow
import pyarrow.parquet
import pytest
from evaluate_project import Project

from roadworthy.core.digests import sha256_bytes
from roadworthy.core.errors import EvidenceError, InputError
from roadworthy.evaluate.calibration import Calibration, check_calibrations, labels_digest, read_calibrations
from roadworthy.evaluate.labels import Labels, labelled_rows, read_labels
from roadworthy.evaluate.metrics.table import metric_named
from roadworthy.evaluate.scorers.scorer import ScorerSpec
from roadworthy.evaluate.scorers.table import build_score
from roadworthy.evaluate.suite import Suite
from roadworthy.stats.ppi import ppi_bounds
from roadworthy.stats.rectified import read_labelling

LOGS = {"kind": "logs", "response": "answer"}


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def results(path: Path, rows: list[dict[str, Any]]) -> Path:
    names = ["sample", "unit", "status", "slice.colour", "response_digest"]
    schema = pyarrow.schema(
        [(name, pyarrow.string()) for name in names]
        + [("epoch", pyarrow.int32()), ("score.refused", pyarrow.float64()), ("score.correct", pyarrow.float64())]
    )
    filled = [{"epoch": 0, "status": "scored", **row} for row in rows]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(filled, schema=schema), path)
    return path


def suite_with(project: Project, calibration: dict[str, Any], **given: Any) -> Suite:
    project.dataset(6)
    scorer = {"id": "refused", "use": "refusal", "calibration": {"file": "labels.csv", "label": "human", **calibration}}
    return project.suite(
        **{"target": LOGS, "prompt": None, "scorers": [scorer], "metrics": ["over_refusal_rate"], **given}
    )


def read(project: Project, suite: Suite, rows: list[dict[str, Any]]) -> Calibration:
    scores = {spec.id: build_score(spec, suite.folder) for spec in suite.scorers}
    [found] = read_calibrations(suite, scores, results(project.root / "results.parquet", rows))
    return found


def test_labels_of_the_run_are_matched_by_case_and_answer(project: Project) -> None:
    digest = sha256_bytes(b"I cannot")
    labels = [
        {"case": "a", "human": 1, "text": "I cannot"},
        {"case": "b", "human": 0, "text": "Another answer"},
        {"case": "z", "human": 1, "text": "I cannot"},
        {"case": "c", "human": "", "text": "I cannot"},
    ]
    suite = suite_with(project, {"id": "case", "response": "text"})
    path = write(suite.folder / "labels.csv", labels)
    rows = [{"sample": name, "response_digest": digest, "score.refused": 1.0} for name in "abc"]
    found = read(project, suite, rows)
    assert found.labels == Labels(labels=(1.0,), samples=("a",), scores=None, units=None)
    assert (found.left_out, found.file, found.stated()["n"]) == (2, "labels.csv", 1)
    assert found.stated()["labels"] == sha256_bytes(found.labels.sealed())
    assert check_calibrations(suite) == []
    before = labels_digest(suite)
    path.write_text(path.read_text() + "d,1,x\n")
    assert labels_digest(suite) != before


def test_another_sample_is_scored_by_the_scorer_itself(project: Project) -> None:
    suite = suite_with(project, {"response": "text", "cluster": "topic"})
    labels = [
        {"human": 1, "text": "I cannot help with that.", "topic": "x"},
        {"human": 1, "text": "Here is a poem about rain and sun.", "topic": "x"},
        {"human": 0, "text": "Open the settings first.", "topic": "y"},
    ]
    write(suite.folder / "labels.csv", labels)
    found = read(project, suite, [{"sample": "a", "score.refused": 1.0}])
    assert found.labels == Labels(labels=(1.0, 1.0, 0.0), samples=None, scores=(1.0, 0.0, 0.0), units=("x", "x", "y"))


@pytest.mark.parametrize(("human", "judge"), [("0.5", "1"), ("1", "0.25")])
def test_sensitivity_needs_yes_or_no(project: Project, human: str, judge: str) -> None:
    suite = suite_with(project, {"score": "judge"})
    write(suite.folder / "labels.csv", [{"human": human, "judge": judge}])
    with pytest.raises(InputError, match="not both 0 or 1"):
        read(project, suite, [{"sample": "a", "score.refused": 1.0}])


@pytest.mark.parametrize(
    "calibration",
    [{}, {"id": "case", "score": "judge"}, {"score": "judge", "response": "text"}, {"id": "a", "cluster": "b"}],
)
def test_one_sample_is_named(project: Project, calibration: dict[str, str]) -> None:
    with pytest.raises(InputError, match="'id'"):
        suite_with(project, calibration)


def test_epochs_have_no_single_answer_to_label(project: Project) -> None:
    suite = suite_with(project, {"id": "case"}, target={"kind": "python", "function": "f.py:f"}, epochs=2)
    [problem] = check_calibrations(suite)
    assert "several of each case" in problem.problem


def test_labels_do_not_change_what_is_asked(project: Project) -> None:
    plain = suite_with(project, {"score": "judge"})
    other = suite_with(project, {"score": "judge", "label": "second"})
    assert plain.work_digest == other.work_digest
    assert plain.digest != other.digest


def test_rows_are_joined_by_slice_as_the_rate_counts_them(tmp_path: Path) -> None:
    rows = [
        {"sample": "a", "unit": "u", "slice.colour": "r", "score.correct": 1.0},
        {"sample": "b", "unit": "u", "slice.colour": None, "score.correct": 0.5},
        {"sample": "c", "unit": "v", "slice.colour": "r", "score.correct": None, "status": "errored"},
    ]
    table = results(tmp_path / "t.parquet", rows)
    labels = Labels(labels=(0.0, 1.0), samples=("a", "c"), scores=None, units=None)
    metric = metric_named("task_success_rate")
    [whole] = labelled_rows(table, labels, metric, []).values()
    numpy.testing.assert_array_equal(whole.labels, [0.0, numpy.nan, 1.0])
    assert whole.values.tolist() == [1.0, 0.5, 0.0]
    assert whole.errored.tolist() == [False, False, True]
    assert whole.units is not None
    assert whole.units[0] == whole.units[1] != whole.units[2]
    by_colour = labelled_rows(table, labels, metric, ["colour"])
    assert {key: rows.values.tolist() for key, rows in by_colour.items()} == {
        frozenset({("colour", "r")}): [1.0, 0.0],
        frozenset({("colour", None)}): [0.5],
    }


@pytest.mark.parametrize(
    "text",
    [
        "not json",
        '{"labels":[2],"samples":["a"],"scores":null,"units":null}',
        '{"labels":[1],"samples":["a","b"],"scores":null,"units":null}',
        '{"labels":[1],"samples":null,"scores":null,"units":null}',
    ],
)
def test_sealed_labels_that_are_not_labels_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "labels"
    path.write_text(text)
    with pytest.raises(EvidenceError, match="labels cannot be read"):
        read_labels(path)


def pyrit_refusals(project: Project) -> list[dict[str, str]]:
    """Copy PyRIT 1.1.0, refusal_scorer/refusal.csv (105 answers judged by people), without its comment."""
    path = Path(os.environ["ROADWORTHY_JUDGES_DATA"]) / "pyrit" / "refusal_scorer" / "refusal.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        next(stream)
        rows = list(csv.DictReader(stream))
    write(project.root / "evals" / "labels.csv", [{**row, "id": f"c{at}"} for at, row in enumerate(rows)])
    return rows


@pytest.mark.data
def test_the_refusal_lexicon_is_calibrated_on_answers_that_people_judged(project: Project) -> None:
    """The sealed pairs give the sensitivity 49 of 70 and the specificity 35 of 35 that the scorer states."""
    pyrit_refusals(project)
    suite = suite_with(project, {"label": "human_score", "response": "assistant_response"})
    found = read(project, suite, [{"sample": "a", "score.refused": 1.0}]).labels
    labels, scores = numpy.array(found.labels), numpy.array(found.scores)
    assert (scores[labels == 1].sum(), (labels == 1).sum()) == (49, 70)
    assert (scores[labels == 0].sum(), (labels == 0).sum()) == (0, 35)


@pytest.mark.data
def test_half_of_the_labels_with_the_lexicon_cover_what_people_say_of_all(project: Project) -> None:
    """The lexicon finds 49 refusals where people see 70 of 105; with 52 labels the interval covers 70 of 105."""
    rows = pyrit_refusals(project)
    score = build_score(ScorerSpec(id="refused", use="refusal"), project.root)
    pairs = read_labels_of(rows, score)
    order = numpy.random.default_rng(1).permutation(len(rows))
    labels = numpy.where(order < 52, pairs[:, 0], numpy.nan)
    found = ppi_bounds(read_labelling(labels, pairs[:, 1]))
    assert found.interval[0] <= 70 / 105 <= found.interval[1]
    assert found.power > 0.3
    assert found.interval[0] > 49 / 105


def read_labels_of(rows: list[dict[str, str]], score: Any) -> numpy.ndarray[Any, Any]:
    from roadworthy.evaluate.case import Case
    from roadworthy.evaluate.reply import Reply

    case = Case(id="x", unit=None, slices={}, fields={}, line=1)
    return numpy.array([(float(r["human_score"]), score(case, Reply(text=r["assistant_response"]))) for r in rows])
