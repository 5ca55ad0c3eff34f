"""Runs in two rounds, from the command to the verdict: settled in either, judged again by the gate, replayed."""

from __future__ import annotations

import hashlib
import random
from typing import Any

import msgspec
import numpy as np
import pyarrow.parquet as parquet
import pytest

from roadworthy.evidence.keys import load_signer
from roadworthy.evidence.predicate import Kind, Measured, parse_predicate, predicate_dict
from roadworthy.project import until_decided
from roadworthy.project.project import Project
from roadworthy.project.until_decided import ONE_ROUND, RULE, RULE_FILE
from roadworthy.stats.betting import Bettor
from roadworthy.stats.confidence_sequence import limits_in_rounds
from roadworthy.stats.units import Units, from_clusters, from_table
from worked_example import Command

TOPICS, SIZE = 40, 20
METHOD = "betting confidence sequence in two rounds, independent clusters, valid at every look"


def cases(command: Command, share: float, size: int = SIZE, **suite: Any) -> None:
    """Write clusters of cases that are answered rightly with a chance of `share`."""
    generator = random.Random(7)
    dataset = {"file": "data/answers.jsonl", "slices": ["half"], "cluster": "topic"}
    command.example.suite(dataset=dataset, **suite)
    command.example.rows(
        [
            {
                "id": f"c{i:04}",
                "topic": f"t{i % TOPICS}",
                "half": "ab"[i // TOPICS % 2],
                "wanted": "right" if generator.random() < share else "wrong",
            }
            for i in range(size * TOPICS)
        ]
    )


def store(command: Command) -> Any:
    return Project.open(command.example.directory).trusting(load_signer(None)).store


def measured(command: Command) -> Measured:
    """Return the newest measurement."""
    found = [record.predicate for record in store(command).records() if isinstance(record.predicate, Measured)]
    return max(found, key=lambda item: (item.finished, item.counts.recorded))


def answer(command: Command) -> dict[str, Any]:
    """Return how the gate judges the answers."""
    command.gate()
    [found] = [o for o in command.verdict()["outcomes"] if o["requirement"] == "answers-right"]
    return dict(found)


def reseal(command: Command, **changes: Any) -> None:
    """Seal the evidence anew with some keys of its rule replaced, as a dishonest holder of the key could."""
    value = predicate_dict(measured(command))
    value["stopping"] |= changes
    directory = command.example.directory / ".roadworthy"
    for path in [*(directory / "records").glob("*.json"), directory / "ledger.jsonl", directory / "heads.jsonl"]:
        path.unlink()
    store(command).add(parse_predicate(Kind.MEASURED, value), load_signer(None))


def counted(command: Command) -> tuple[Units, list[Bettor]]:
    """Count the sealed table anew: all that counts, the first round, and the units that are whole."""
    sealed = measured(command)
    stopping = sealed.stopping
    assert stopping is not None
    [path] = (command.example.directory / ".roadworthy" / "runs" / "answers").glob("*/results.parquet")
    table = parquet.read_table(path).to_pylist()
    place = {row["unit"]: place_of_unit(row["unit"]) for row in table}
    inside = {unit for unit, at in place.items() if at <= str(stopping.through)}
    whole = [row for row in table if stopping.round == 2 and row["unit"] in inside]
    first = [row for row in table if row["round"] == 1 and (stopping.round == 2 or row["unit"] in inside)]
    both = {row["sample"]: row for row in (*first, *whole)}.values()
    return units(both), [Bettor(units(first), 4), Bettor(units(whole), SIZE)]


def place_of_unit(unit: str) -> str:
    return hashlib.sha256(f"0:{unit}".encode()).hexdigest()


def units(rows: Any) -> Units:
    rows = list(rows)
    if not rows:
        return from_table([], [])
    scores = np.array([max(value for key, value in row.items() if key.startswith("score.")) for row in rows])
    return from_clusters(scores, [row["unit"] for row in rows])


@pytest.mark.parametrize(
    ("share", "status", "number"), [(0.9, "met", 1), (0.3, "not met", 1), (0.69, "met", 2), (0.5, "not met", 2)]
)
def test_a_settled_run_is_judged_by_the_gate_as_it_was_when_it_ended(
    command: Command, share: float, status: str, number: int
) -> None:
    """The bounds are computed anew here, from the sealed table and the places of the units."""
    cases(command, share)
    said = command("evaluate", "--until-decided")
    assert said.code == 0, said.text
    sealed = measured(command)
    assert sealed.stopping is not None
    assert (sealed.stopping.round, sealed.stopping.rule) == (number, RULE)
    where = {1: "first", 2: "second"}[number]
    words = (
        f"settled after {sealed.stopping.samples} of 800 samples, in the {where} of two rounds: task_success_rate is"
    )
    assert words in said.text
    assert f"{800 - sealed.counts.recorded} calls saved" in said.text
    found = answer(command)
    assert found["status"] == status
    [judged] = found["judged"]
    assert judged["method"] == METHOD
    everything, bettors = counted(command)
    assert (judged["n"], judged["units"]) == (sealed.stopping.samples, everything.number)
    bounds = limits_in_rounds(everything, bettors, (0.95,))
    assert judged["estimate"] == pytest.approx(everything.rate, abs=1e-9)
    assert judged["lower"] == pytest.approx(bounds.lower[0], abs=1e-9)
    assert judged["upper"] == pytest.approx(bounds.upper[0], abs=1e-9)
    said = command.verify()
    assert (said.code, "Verified" in said.text) == (0, True), said.text
    assert METHOD in (command.out / "report.html").read_text()


def test_a_run_that_settles_nothing_says_how_many_clusters_more_would(command: Command) -> None:
    cases(command, 0.63)
    said = command("evaluate", "--until-decided")
    assert "not settled after 800 of 800 samples" in said.text
    found = answer(command)
    assert found["status"] == "inconclusive"
    [judged] = found["judged"]
    assert (judged["n"], judged["units"], judged["method"]) == (800, TOPICS, METHOD)
    assert judged["needed_units"] > 0


def test_every_slice_is_settled_in_rounds(command: Command) -> None:
    from test_decide_sequential import judged_by

    judged_by(command, at_least=0.6, confidence=0.95, slices=[["half"]])
    cases(command, 0.9)
    command("evaluate", "--until-decided")
    sealed = measured(command)
    assert sealed.stopping is not None
    assert all(plan.first is not None and plan.first <= 4 for plan in sealed.stopping.planned)
    found = answer(command)
    assert found["status"] == "met"
    assert {item["label"] for item in found["judged"]} == {"all", "half=a", "half=b"}
    assert all(item["method"] == METHOD for item in found["judged"])
    assert command.verify().code == 0


@pytest.mark.parametrize(
    "forged",
    [{"round": None}, {"round": 1}, {"planned": [{"columns": {}, "units": TOPICS, "largest": SIZE}]}, {"units": 3}],
    ids=["no rounds", "the other round", "no sizes of the first round", "fewer units"],
)
def test_a_forged_rule_shows_nothing(command: Command, forged: dict[str, Any]) -> None:
    cases(command, 0.69)
    command("evaluate", "--until-decided")
    assert measured(command).counts.recorded < 800
    reseal(command, **forged)
    assert answer(command)["status"] == "not shown"


def test_the_samples_of_a_pass_are_the_cases(command: Command) -> None:
    """With two epochs the largest unit of the first round has four cases, and eight samples."""
    cases(command, 0.9, epochs=2)
    command("evaluate", "--until-decided")
    sealed = measured(command)
    assert sealed.stopping is not None
    assert sealed.stopping.planned[0].first == 4
    [judged] = answer(command)["judged"]
    assert judged["method"] == METHOD
    assert judged["n"] == sealed.stopping.samples
    assert command.verify().code == 0


def test_a_run_that_was_begun_in_one_round_goes_on_so(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    cases(command, 0.85, limits={"retries": 0, "max_calls": 30})
    with monkeypatch.context() as before:
        before.setattr(until_decided, "RULE", ONE_ROUND)
        assert command("evaluate", "--until-decided").code == 3
    cases(command, 0.85)
    assert command("evaluate", "--until-decided").code == 0
    stopping = measured(command).stopping
    assert stopping is not None
    assert (stopping.rule, stopping.round, stopping.planned[0].first) == (ONE_ROUND, None, None)
    found = answer(command)
    assert found["status"] == "met"
    assert "two rounds" not in found["judged"][0]["method"]
    assert command.verify().code == 0


def test_evidence_from_before_there_were_rounds_is_read(command: Command) -> None:
    cases(command, 0.9, size=4)
    command("evaluate", "--until-decided")
    value = predicate_dict(measured(command))
    del value["stopping"]["round"]
    for plan in value["stopping"]["planned"]:
        del plan["first"]
    assert parse_predicate(Kind.MEASURED, value) == measured(command)


def test_a_rule_that_is_not_known_is_refused(command: Command) -> None:
    cases(command, 0.85, limits={"retries": 0, "max_calls": 30})
    command("evaluate", "--until-decided")
    [path] = (command.example.directory / ".roadworthy" / "runs" / "answers").glob(f"*/{RULE_FILE}")
    path.write_bytes(msgspec.json.encode({"rule": "betting 9"}))
    said = command("evaluate", "--until-decided")
    assert (said.code, "begun by the rule 'betting 9'" in said.text) == (2, True), said.text
