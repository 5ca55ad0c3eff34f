"""Runs that end early, from the command to the verdict: settled, judged again by the gate, nothing gained by lying."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import msgspec
import pytest

from roadworthy.evaluate.run_directory import RUN_FILE
from roadworthy.evidence.keys import load_signer
from roadworthy.evidence.predicate import Kind, Measured, parse_predicate, predicate_dict
from roadworthy.project.project import Project
from roadworthy.project.until_decided import RULE_FILE
from roadworthy.stats.confidence_sequence import limits_anytime
from roadworthy.stats.mean import limits
from roadworthy.stats.units import from_count
from worked_example import ANSWERS, CARD, GO_LIVE, OWNED, Command, requirement

ARCHIVES = Path(os.environ.get("ROADWORTHY_AGENTDOJO") or ".cache/agentdojo")


def cases(command: Command, share: float, n: int = 400, topics: str = "abcd") -> None:
    """Write cases that are answered rightly with a chance of `share`."""
    generator = random.Random(7)
    command.example.rows(
        [
            {
                "id": f"c{i:04}",
                "topic": topics[i % len(topics)],
                "wanted": "right" if generator.random() < share else "wrong",
            }
            for i in range(n)
        ]
    )


def judged_by(command: Command, **criterion: Any) -> None:
    """Hold the answers of a low-tier system to this criterion."""
    answers = requirement(ANSWERS, criterion={**ANSWERS["criterion"], "low": criterion})
    command.example.change_standard(requirements=[answers, CARD, GO_LIVE, OWNED])


def measured(command: Command) -> Measured:
    """Return the newest measurement."""
    store = Project.open(command.example.directory).trusting(load_signer(None)).store
    found = [record.predicate for record in store.records() if isinstance(record.predicate, Measured)]
    return max(found, key=lambda item: (item.finished, item.counts.recorded))


def reseal(command: Command, **changes: Any) -> None:
    """Take the evidence away and seal it anew with some keys replaced, as a dishonest holder of the key could."""
    project = Project.open(command.example.directory)
    signer = load_signer(None)
    value = predicate_dict(measured(command)) | changes
    value = {key: item for key, item in value.items() if item is not None or key == "seed"}
    for path in (command.example.directory / ".roadworthy" / "records").glob("*.json"):
        path.unlink()
    for name in ("ledger.jsonl", "heads.jsonl"):
        (command.example.directory / ".roadworthy" / name).unlink()
    project.trusting(signer).store.add(parse_predicate(Kind.MEASURED, value), signer)


def stopping(command: Command, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = predicate_dict(measured(command))["stopping"]
    return found | changes


def answer(command: Command) -> dict[str, Any]:
    """Return how the gate judges the answers."""
    command.gate()
    [found] = [o for o in command.verdict()["outcomes"] if o["requirement"] == "answers-right"]
    return dict(found)


@pytest.mark.parametrize(("share", "status", "words"), [(0.85, "met", "at least"), (0.3, "not met", "below")])
def test_a_settled_run_is_judged_by_the_gate_as_it_was_when_it_ended(
    command: Command, share: float, status: str, words: str
) -> None:
    """The bound is computed anew here from the counts of the verdict."""
    cases(command, share)
    said = command("evaluate", "--until-decided")
    assert said.code == 0, said.text
    assert f"task_success_rate is {words} 60 % (95 % bound" in said.text
    sealed = measured(command)
    assert sealed.stopping is not None
    assert sealed.stopping.settled is not None
    assert sealed.counts.recorded < 150
    assert f"{400 - sealed.counts.recorded} calls saved" in said.text
    found = answer(command)
    assert found["status"] == status
    [judged] = found["judged"]
    assert judged["n"] == sealed.stopping.samples
    assert judged["method"] == "betting confidence sequence, independent samples, valid at every look"
    units = from_count(round(judged["estimate"] * judged["n"]), judged["n"])
    bounds = limits_anytime(units, (0.95,), largest=1)
    assert judged["lower"] == pytest.approx(bounds.lower[0], abs=1e-9)
    assert judged["upper"] == pytest.approx(bounds.upper[0], abs=1e-9)
    said = command.verify()
    assert (said.code, "Verified" in said.text) == (0, True), said.text
    report = (command.out / "report.html").read_text()
    assert "betting confidence sequence" in report
    assert f"settled after {sealed.stopping.samples} of 400 samples" in report


def test_a_run_that_went_on_to_its_end_is_judged_by_the_same_bounds(command: Command) -> None:
    """At the threshold nothing is settled; the bounds for a fixed number would be shorter, and are not taken."""
    cases(command, 0.66, n=60)
    said = command("evaluate", "--until-decided")
    assert said.code == 0, said.text
    assert "not settled after 60 of 60 samples: task_success_rate at least 0.6" in said.text
    assert "'roadworthy explain' says what would settle it" in said.text
    found = answer(command)
    assert found["status"] == "inconclusive"
    [judged] = found["judged"]
    assert "betting" in judged["method"]
    fixed = limits(from_count(round(judged["estimate"] * 60), 60), (0.95,), clustered=False)
    assert judged["lower"] < fixed.lower[0]
    assert judged["needed_units"] > 0


def test_an_ordinary_run_is_never_judged_by_them(command: Command) -> None:
    cases(command, 0.85, n=60)
    assert command("evaluate").code == 0
    assert "Clopper-Pearson" in answer(command)["judged"][0]["method"]
    assert "stopping" not in predicate_dict(measured(command))


def test_a_run_goes_on_as_it_was_begun(command: Command) -> None:
    """Without the option the settled run is left as it is: no more calls, the same bounds."""
    cases(command, 0.85)
    command("evaluate", "--until-decided")
    first = measured(command)
    said = command("evaluate")
    assert "settled after" in said.text
    again = measured(command)
    assert (again.counts, again.stopping) == (first.counts, first.stopping)
    command("evaluate", "--again")
    assert measured(command).counts.recorded == 400


def test_the_rule_cannot_be_taken_up_on_the_way(command: Command) -> None:
    cases(command, 0.85)
    command.example.suite(limits={"retries": 0, "max_calls": 10})
    assert command("evaluate").code == 3
    said = command("evaluate", "--until-decided")
    assert (said.code, "was begun without --until-decided" in said.text) == (2, True), said.text


def test_a_finished_ordinary_run_is_left_as_it_is(command: Command) -> None:
    cases(command, 0.85, n=60)
    command("evaluate")
    said = command("evaluate", "--until-decided")
    assert said.code == 0
    assert "finished without --until-decided, and left as it is" in said.text
    assert "stopping" not in predicate_dict(measured(command))


def test_a_run_that_a_budget_ended_is_not_shown_until_it_is_settled(command: Command) -> None:
    cases(command, 0.85)
    command.example.suite(limits={"retries": 0, "max_calls": 7, "concurrency": 1})
    said = command("evaluate", "--until-decided")
    assert (said.code, "not settled after 7 of 400 samples: " in said.text) == (3, True), said.text
    assert "explain" not in said.text
    assert answer(command)["status"] == "not shown"
    command.example.suite(limits={"retries": 0, "concurrency": 1})
    assert command("evaluate", "--until-decided").code == 0
    assert answer(command)["status"] == "met"
    assert len(list((command.example.directory / ".roadworthy" / "runs" / "answers").glob(f"*/{RULE_FILE}"))) == 1


def test_a_stricter_standard_takes_the_run_up_again(command: Command) -> None:
    cases(command, 0.8)
    command("evaluate", "--until-decided")
    before = measured(command).counts.recorded
    judged_by(command, at_least=0.7, confidence=0.95)
    assert answer(command)["status"] == "inconclusive"
    command("evaluate")
    assert measured(command).counts.recorded > before
    assert answer(command)["status"] == "met"


FORGERIES: dict[str, Any] = {
    "the rule removed": lambda command: {"stopping": None},
    "not settled": lambda command: {"stopping": stopping(command, settled=None)},
    "fewer units than there are": lambda command: {"stopping": stopping(command, units=3)},
    "fewer samples than there are": lambda command: {"stopping": stopping(command, samples=3)},
    "cut before a bad unit": lambda command: {"stopping": stopping(command, through="0" * 64)},
    "no sizes": lambda command: {"stopping": stopping(command, planned=[])},
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_rule_shows_nothing(command: Command, name: str) -> None:
    cases(command, 0.85)
    command.example.suite(limits={"retries": 0, "concurrency": 8})
    command("evaluate", "--until-decided")
    assert measured(command).stopping.samples < measured(command).counts.recorded, "some were in flight"
    reseal(command, **FORGERIES[name](command))
    assert answer(command)["status"] == "not shown"
    assert command.gate().code == 3


def test_calling_it_settled_gains_nothing(command: Command) -> None:
    """A run that a budget ended, said to be settled: the bounds hold at every look, so they say what they say."""
    cases(command, 0.85)
    command.example.suite(limits={"retries": 0, "max_calls": 7, "concurrency": 1})
    command("evaluate", "--until-decided")
    reseal(command, stopping=stopping(command, settled="settled, honestly"))
    assert answer(command)["status"] == "inconclusive"


def test_a_smaller_largest_unit_is_found_out(command: Command) -> None:
    command.example.suite(dataset={"file": "data/answers.jsonl", "slices": ["topic"], "cluster": "topic"})
    cases(command, 0.95, topics="abcdefghijklmnopqrst")
    command("evaluate", "--until-decided")
    planned = [{"columns": {}, "units": 20, "largest": 1, "first": 1}]
    reseal(command, stopping=stopping(command, planned=planned, settled="so it is"))
    found = answer(command)
    assert found["status"] == "not shown"
    assert "more than the 1" in found["reason"]


def test_every_slice_must_be_settled(command: Command) -> None:
    """One topic is always wrong: the requirement is not met as soon as that is plain."""
    judged_by(command, at_least=0.6, confidence=0.95, slices=[["topic"]])
    command.example.rows(
        [{"id": f"c{i:04}", "topic": "abcd"[i % 4], "wanted": "wrong" if i % 4 == 2 else "right"} for i in range(400)]
    )
    said = command("evaluate", "--until-decided")
    assert "task_success_rate for topic=c is below 60 %" in said.text
    assert answer(command)["status"] == "not met"


def test_a_slice_that_was_not_met_with_yet_keeps_the_run_going(command: Command) -> None:
    """A rare topic comes late: the rest is settled long before, and the run still goes on until the topic is."""
    judged_by(command, at_least=0.6, confidence=0.95, slices=[["topic"]])
    rows = [{"id": f"c{i:04}", "topic": "rare" if i % 25 == 0 else "often", "wanted": "right"} for i in range(500)]
    command.example.rows(rows)
    command("evaluate", "--until-decided")
    found = answer(command)
    assert found["status"] == "met"
    assert {j["label"] for j in found["judged"]} == {"all", "topic=often", "topic=rare"}
    [rare] = [j for j in found["judged"] if j["label"] == "topic=rare"]
    assert rare["n"] >= 6, "6 clean samples are the fewest that can show 60 %"


def test_a_slice_is_small_only_when_the_dataset_holds_no_more_of_it(command: Command) -> None:
    """Small slices are reported: of four cases in all, yes; of a hundred of which few have come, no."""
    judged_by(command, at_least=0.6, confidence=0.95, slices=[["topic"]], min_units=10, small_slices="report")
    topics = ["rare"] * 4 + ["a"] * 100 + ["b"] * 100
    command.example.rows([{"id": f"c{i:04}", "topic": t, "wanted": "right"} for i, t in enumerate(topics)])
    command("evaluate", "--until-decided")
    found = answer(command)
    assert found["status"] == "met"
    statuses = {j["label"]: (j["status"], j["n"]) for j in found["judged"]}
    assert statuses["topic=rare"][0] == "not applicable"
    assert {name: status for name, (status, _) in statuses.items() if name != "topic=rare"} == {
        "all": "met",
        "topic=a": "met",
        "topic=b": "met",
    }
    assert min(statuses["topic=a"][1], statuses["topic=b"][1]) >= 10
    assert measured(command).counts.recorded < 100


def test_a_slice_that_nobody_looked_at_is_not_shown(command: Command) -> None:
    """The standard asks for a combination of slices after the run: its units were not counted before."""
    command.example.suite(dataset={"file": "data/answers.jsonl", "slices": ["topic", "kind"]})
    rows = [{"id": f"c{i:04}", "topic": "ab"[i % 2], "kind": "xy"[i % 2], "wanted": "right"} for i in range(300)]
    command.example.rows(rows)
    command("evaluate", "--until-decided")
    judged_by(command, at_least=0.6, confidence=0.95, slices=[["topic", "kind"]])
    found = answer(command)
    assert found["status"] == "not shown"
    assert "without a look at the slices by topic, kind" in found["reason"]


def test_what_cannot_be_settled_early_is_refused_before_anything_runs(command: Command) -> None:
    cases(command, 0.85)
    command.example.suite(metrics=["task_success_rate", "accuracy_gap"], groups=["topic"])
    said = command("evaluate", "--until-decided")
    assert (said.code, "accuracy_gap compares groups" in said.text) == (2, True), said.text
    judged_by(command, no_worse_by=0.05, confidence=0.95)
    command.example.suite()
    said = command("evaluate", "--until-decided")
    assert (said.code, "is compared with the shipped release" in said.text) == (2, True), said.text
    assert not (command.example.directory / ".roadworthy" / "runs").exists()


def test_a_suite_without_a_criterion_has_nothing_to_settle(command: Command) -> None:
    cases(command, 0.85)
    command.example.change_standard(requirements=[CARD, GO_LIVE, OWNED])
    said = command("evaluate", "--until-decided")
    assert (said.code, "no requirement of the standard judges" in said.text) == (2, True), said.text


def test_a_comparison_with_the_shipped_release_is_not_read_off_such_a_run(command: Command) -> None:
    cases(command, 0.85)
    command("evaluate", "--until-decided")
    assert command.gate().code == 3
    shipped = command.example.directory / ".roadworthy" / "shipped.bundle.zip"
    (command.out / "bundle.zip").rename(shipped)
    judged_by(command, no_worse_by=0.05, confidence=0.95)
    command.gate("--against", shipped)
    [found] = [o for o in command.verdict()["outcomes"] if o["requirement"] == "answers-right"]
    assert found["status"] == "not shown", found["reason"]


def test_errors_are_bad_answers(command: Command) -> None:
    command.example.rows([{"id": f"c{i:04}", "topic": "a", "wanted": "raise"} for i in range(300)])
    said = command("evaluate", "--until-decided")
    assert "task_success_rate is below 60 %" in said.text
    assert answer(command)["status"] == "not met"


def test_the_evidence_reads_back_as_it_was_written(command: Command) -> None:
    cases(command, 0.85)
    command("evaluate", "--until-decided")
    sealed = measured(command)
    assert parse_predicate(Kind.MEASURED, predicate_dict(sealed)) == sealed
    assert sealed.stopping is not None
    assert sealed.stopping.looked_at == ("task_success_rate at least 0.6, 95 % confidence",)
    assert {str(plan.columns) for plan in sealed.stopping.planned} >= {"{}", "{'topic': 'a'}"}
    directory = next((command.example.directory / ".roadworthy" / "runs" / "answers").iterdir())
    assert msgspec.json.decode((directory / RUN_FILE).read_bytes())["planned"] == 400
