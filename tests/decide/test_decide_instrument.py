"""Rule 7: labels of people correct the bound of a criterion; one that asks for a calibrated judge needs them."""

from __future__ import annotations

import csv
import json
from typing import Any

import numpy as np
import pytest

from roadworthy.decide.instrument import with_errors_labelled
from roadworthy.decide.replay import replay
from roadworthy.evaluate.labels import LabelledRows
from roadworthy.evidence.bundle import read_bundle
from roadworthy.evidence.keys import load_signer
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.stats.mean import estimate_mean
from roadworthy.stats.rogan_gladen import Instrument, corrected_rate
from roadworthy.stats.units import from_count, from_samples
from worked_example import ANSWERS, CARD, GO_LIVE, OWNED, SUITE, Command, edit, requirement

SCORER = SUITE["scorers"][0]
OWN = {"file": "labels.csv", "id": "case", "label": "human", "response": "answer"}
OTHER = {"file": "labels.csv", "label": "human", "response": "answer"}


def label(command: Command, rows: list[dict[str, Any]]) -> None:
    """Write the labels of people beside the suite."""
    with (command.example.directory / "evals" / "labels.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, ["case", "human", "answer"], restval="")
        writer.writeheader()
        writer.writerows(rows)


def agreeing(labelled: int, wrong: int, answer: str = "42") -> list[dict[str, Any]]:
    """Label every third case; people reject the first `wrong` of the answers."""
    return [{"case": f"c{3 * i:04}", "human": int(i >= wrong), "answer": answer} for i in range(labelled)]


def calibrate(command: Command, how: dict[str, Any]) -> None:
    command.example.suite(scorers=[{**SCORER, "calibration": how}])


def ask_for_calibration(command: Command, **changes: Any) -> None:
    criterion = {tier: {**given, "judge": "calibrated"} for tier, given in ANSWERS["criterion"].items()}
    command.example.change_standard(requirements=[{**ANSWERS, "criterion": criterion, **changes}, CARD, GO_LIVE, OWNED])


def whole(command: Command) -> dict[str, Any]:
    [outcome] = [o for o in command.verdict()["outcomes"] if o["requirement"] == "answers-right"]
    found: dict[str, Any] = outcome["judged"][0]
    return found


@pytest.fixture
def project(command: Command) -> Command:
    """300 cases, all answered as the scorer wants."""
    command.example.cases(right=300)
    command.sign_all()
    assert command("evaluate").code == 0
    assert command.gate().code == 0
    return command


def test_people_who_disagree_turn_the_verdict_and_nothing_is_asked_twice(project: Command) -> None:
    assert project.outcome()[0] == "met"
    label(project, agreeing(100, wrong=70))
    calibrate(project, OWN)
    said = project("evaluate")
    assert said.code == 0, said.text
    assert len(list((project.example.directory / ".roadworthy" / "runs" / "answers").iterdir())) == 1
    assert project.gate().code == 1
    assert project.outcome()[0] == "not met"
    found = whole(project)
    # All scores are 1, so that they lend nothing: what is left is the plain bound of 30 of 100.
    plain = estimate_mean(from_samples([0.0] * 70 + [1.0] * 30), clustered=False, confidence=0.95)
    assert (found["estimate"], found["upper"], found["n"]) == (0.3, plain.upper, 300)
    assert found["method"].startswith("PPI++, power 0.00, labels only")
    assert "by 100 labels (labels.csv); agreement with people: kappa 0.00" in found["method"]
    assert "AC1" in project("explain", "answers-right").text


def test_people_who_agree_leave_it_met_with_a_wider_bound(project: Command) -> None:
    before = whole(project)["lower"]
    label(project, agreeing(100, wrong=0))
    calibrate(project, OWN)
    assert project("evaluate").code == 0
    assert project.gate().code == 0
    found = whole(project)
    assert found["estimate"] == 1.0
    assert found["lower"] == pytest.approx(0.05 ** (1 / 100), abs=1e-9)
    assert found["lower"] < before


def test_labels_of_other_answers_do_not_count(project: Command) -> None:
    label(project, agreeing(100, wrong=0, answer="41"))
    calibrate(project, OWN)
    assert project("evaluate").code == 0
    assert project.gate().code == 3
    status, reason = project.outcome()
    assert status == "not shown"
    assert "none of the 100 labels in labels.csv is of an answer of this run" in reason


def test_another_sample_gives_sensitivity_and_specificity(project: Command) -> None:
    """Of 50 right answers the scorer finds 45, of 40 wrong ones it passes over 38."""
    rows = [{"human": 1, "answer": "42"}] * 45 + [{"human": 1, "answer": "forty-two"}] * 5
    rows += [{"human": 0, "answer": "42, or not"}] * 2 + [{"human": 0, "answer": "no"}] * 38
    label(project, rows)
    calibrate(project, OTHER)
    project.example.cases(right=200, wrong=100)
    assert project("evaluate").code == 0
    assert project.gate().code in {0, 3}
    found = whole(project)
    known = Instrument(from_count(45, 50), from_count(38, 40))
    expected = corrected_rate(from_count(200, 300), known, clustered=False, confidence=0.95)
    assert (found["estimate"], found["lower"], found["upper"]) == (expected.estimate, expected.lower, expected.upper)
    assert "sensitivity 90 % of 50 and specificity 95 % of 40 labels (labels.csv)" in found["method"]


def test_slices_are_corrected_by_their_own_labels(project: Command) -> None:
    rows = [{"id": f"c{i:04}", "topic": "orders" if i % 2 else "refunds", "wanted": "right"} for i in range(300)]
    project.example.rows(rows)
    criterion = {tier: {"at_least": 0.6, "confidence": 0.95, "slices": [["topic"]]} for tier in ANSWERS["criterion"]}
    project.example.change_standard(requirements=[{**ANSWERS, "criterion": criterion}, CARD, GO_LIVE, OWNED])
    # Every third case is labelled; those of refunds (even numbers) are rejected.
    label(project, [{**row, "human": int(row["case"][-1] in "13579")} for row in agreeing(100, wrong=0)])
    calibrate(project, OWN)
    assert project("evaluate").code == 0
    project.gate()
    [outcome] = [o for o in project.verdict()["outcomes"] if o["requirement"] == "answers-right"]
    found = {item["label"]: (item["estimate"], item["n"]) for item in outcome["judged"]}
    assert found == {"all": (0.5, 300), "topic=orders": (1.0, 150), "topic=refunds": (0.0, 150)}


def test_a_calibrated_judge_is_asked_for_by_name(project: Command) -> None:
    ask_for_calibration(project)
    assert project.gate().code == 3
    status, reason = project.outcome()
    assert status == "not shown"
    assert "has not been checked by people" in reason
    label(project, agreeing(100, wrong=0))
    calibrate(project, OWN)
    assert project("evaluate").code == 0
    said = project.gate()
    assert said.code == 0, said.text
    assert "corrected for the error of its scorer" in project("explain", "answers-right").text


def test_predictions_beside_their_labels_have_no_judge(project: Command) -> None:
    """Without a stated error there is nothing to calibrate; with one, the labels are a judge like another."""
    project.example.rows([{"id": f"c{i:04}", "topic": "orders", "truth": 1, "said": 1} for i in range(300)])
    target = {"kind": "predictions", "label": "truth", "prediction": "said"}
    project.example.suite(target=target, scorers=[], metrics=["accuracy"])
    ask_for_calibration(project, measure={"metric": "accuracy"})
    assert project("evaluate").code == 0
    assert project.gate().code == 0
    project.example.suite(
        target={**target, "known_error": "One label in ten is wrong."}, scorers=[], metrics=["accuracy"]
    )
    assert project("evaluate").code == 0
    assert project.gate().code == 3
    assert "has not been checked by people" in project.outcome()[1]


def test_a_comparison_has_no_correction(project: Command) -> None:
    label(project, agreeing(100, wrong=0))
    calibrate(project, OWN)
    held = {tier: {"no_worse_by": 0.05, "judge": "calibrated"} for tier in ANSWERS["criterion"]}
    (project.out / "bundle.zip").replace(project.example.directory / "shipped.bundle.zip")
    project.example.change_standard(requirements=[requirement(ANSWERS, criterion=held), CARD, GO_LIVE, OWNED])
    assert project("evaluate").code == 0
    assert project.gate().code == 3
    assert "cannot be corrected for the error of its scorer" in project.outcome()[1]


def test_labels_that_were_changed_make_the_evidence_stale(project: Command) -> None:
    label(project, agreeing(100, wrong=0))
    calibrate(project, OWN)
    assert project("evaluate").code == 0
    assert project.gate().code == 0
    label(project, agreeing(100, wrong=1))
    assert project.gate().code == 3
    assert project.outcome()[0] == "stale"
    (project.example.directory / "evals" / "labels.csv").unlink()
    assert project.gate().code == 3
    assert "labels of people were changed" in project.outcome()[1]


def test_a_run_that_could_end_early_is_refused(project: Command) -> None:
    label(project, agreeing(100, wrong=0))
    calibrate(project, OWN)
    said = project("evaluate", "--until-decided", "--again")
    assert said.code == 2
    assert "a corrected rate cannot be settled early" in said.text


def test_the_bundle_replays_and_holds_the_labels(project: Command) -> None:
    label(project, agreeing(100, wrong=20))
    calibrate(project, OWN)
    assert project("evaluate").code == 0
    project.gate()
    trusted = TrustedKeys.of(load_signer())
    bundle = read_bundle(project.out / "bundle.zip", trusted)
    [labels] = [data for name in bundle.names("objects/") if (data := bundle.read(name)).startswith(b'{"labels"')]
    assert sum(json.loads(labels)["labels"]) == 80
    replayed = replay(project.out / "bundle.zip", trusted)
    assert replayed.intact, replayed.checks


def test_altered_labels_show_nothing(project: Command) -> None:
    label(project, agreeing(100, wrong=0))
    calibrate(project, OWN)
    assert project("evaluate").code == 0
    objects = project.example.directory / ".roadworthy" / "objects"
    [sealed] = [path for path in objects.iterdir() if path.read_bytes().startswith(b'{"labels"')]
    sealed.chmod(0o644)
    edit(sealed, '"labels":[1', '"labels":[0')
    assert project.gate().code in {2, 3}


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([{"case": "c0000", "human": 2, "answer": "42"}], "no number from 0 to 1"),
        ([{"case": "c0000", "human": "nan", "answer": "42"}], "no number from 0 to 1"),
        ([{"case": "c0000", "human": "", "answer": "42"}], "no row has a label"),
    ],
)
def test_labels_that_cannot_be_read_are_refused_with_their_place(project: Command, rows: Any, words: str) -> None:
    label(project, rows)
    calibrate(project, OWN)
    for said in (project("check"), project("evaluate")):
        assert said.code == 2
        assert words in said.text
        assert "labels.csv" in said.text


def test_a_case_that_is_labelled_twice_is_refused(project: Command) -> None:
    label(project, [*agreeing(2, wrong=0), *agreeing(1, wrong=0)])
    calibrate(project, OWN)
    assert "is labelled twice" in project("evaluate").text


def test_answers_that_are_asked_anew_need_the_answer_that_was_labelled(project: Command) -> None:
    label(project, agreeing(3, wrong=0))
    calibrate(project, {name: column for name, column in OWN.items() if name != "response"})
    assert "a label must say which answer it is of" in project("check").text


def test_rows_without_a_score_are_labelled_bad_in_their_share() -> None:
    """Ten of forty answers are labelled; of six errors two are taken as labelled, so that they weigh in full."""
    labels = np.r_[np.ones(10), np.full(36, np.nan)]
    rows = LabelledRows(labels, np.r_[np.ones(40), np.zeros(6)], np.arange(46) >= 40, None)
    found = with_errors_labelled(rows, 0.0)
    assert int((~np.isnan(found.labels)).sum()) == 12
    assert found.labels[40:].tolist()[:2] == [0.0, 0.0]
    assert np.isnan(found.labels[42:]).all()
    assert np.isnan(labels[40:]).all()
