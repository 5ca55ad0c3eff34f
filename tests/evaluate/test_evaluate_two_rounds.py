"""Runs in two rounds: what each asks, what counts in each, and a decision that only the answers decide."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
import pytest
from evaluate_project import SYSTEM, Project, completion, fast, openai, serve

from roadworthy.core.errors import EvidenceError
from roadworthy.evaluate import unit_order
from roadworthy.evaluate.metrics.table import metric_named
from roadworthy.evaluate.parts import Parts
from roadworthy.evaluate.plan import bind
from roadworthy.evaluate.results import Tally, tally, with_rounds
from roadworthy.evaluate.row import Row, SampleStatus
from roadworthy.evaluate.run import Run
from roadworthy.evaluate.running_tally import Look, Tallies
from roadworthy.evaluate.suite import Suite
from roadworthy.evaluate.unit_order import MOST_AT_FIRST, UnitOrder, write_counted
from roadworthy.evaluate.until_decided import UntilDecided
from roadworthy.evidence.predicate import Stopping

SUCCESS = metric_named("task_success_rate")
LOOKS: list[Look] = [(SUCCESS, ()), (SUCCESS, ("colour",))]
SIZES = [8, 12, 16, 1, 3] * 8
"""Cases of the units u0, u1, ...: 320 in all."""
CASES = sum(SIZES)


def write(project: Project, sizes: list[int] = SIZES) -> None:
    """Write a dataset with units of these sizes, whose cases are mixed."""
    cases = [(f"u{unit}", k) for unit, size in enumerate(sizes) for k in range(size)]
    random.Random(4).shuffle(cases)
    lines = (
        {"id": f"{unit}.{k}", "prompt": f"say {unit}.{k}", "expected": "yes", "colour": "rb"[k % 2], "k": unit}
        for unit, k in cases
    )
    (project.root / "evals" / "cases.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def suite_of(project: Project, **given: Any) -> Suite:
    """Write a suite whose target is not asked here."""
    return project.suite(**{"target": openai("http://127.0.0.1:1/v1"), **given})


def order_of(project: Project, suite: Suite, **given: Any) -> UnitOrder:
    return UnitOrder.of(bind(suite, SYSTEM, project.root).dataset, [("colour",)], **given)


def rule(order: UnitOrder, at: int | None = None, epochs: int = 1, kept: list[Tallies] | None = None) -> UntilDecided:
    """Make a rule that is settled once so many samples count; without a number, never. It keeps what it was shown."""

    def settle(tallies: Tallies, complete: bool) -> str | None:
        if kept is not None:
            kept.append(tallies)
        [whole] = tallies[LOOKS[0]]
        return f"{whole.totals @ whole.counts:g} right" if at is not None and whole.n >= at else None

    return UntilDecided(order, epochs, LOOKS, settle, slices=["colour"], scores=["correct"])


def answered(project: Project, suite: Suite, epochs: int = 1) -> list[Row]:
    """Return the rows of all cases in the order of asking; every third answer is wrong."""
    dataset = bind(suite, SYSTEM, project.root).dataset
    return [
        Row(
            sample=case.id,
            epoch=epoch,
            unit=case.unit,
            slices=case.slices,
            status=SampleStatus.SCORED,
            scores={"correct": float(i % 3 != 0)},
            round=case.round,
        )
        for i, (case, epoch) in enumerate(order_of(project, suite).work(dataset, epochs))
    ]


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("epochs", [1, 3])
@pytest.mark.parametrize("block", [7, 4_096])
def test_the_first_round_asks_some_cases_of_each_unit_and_the_second_the_others(
    project: Project, monkeypatch: pytest.MonkeyPatch, epochs: int, block: int
) -> None:
    """Both orders are computed anew with hashlib; neither the blocks nor the order of the file change them."""
    monkeypatch.setattr(unit_order, "FIRST_BLOCK", block)
    monkeypatch.setattr(unit_order, "LARGEST_BLOCK", 2 * block)
    write(project)
    suite = suite_of(project, seed=5)
    dataset = bind(suite, SYSTEM, project.root).dataset
    work = list(order_of(project, suite).work(dataset, epochs))
    assert len({(case.id, epoch) for case, epoch in work}) == len(work) == CASES * epochs
    assert [case.round for case, _ in work] == sorted(case.round for case, _ in work)
    first = Counter(case.unit for case, epoch in work if case.round == 1 and epoch == 0)
    for unit, size in enumerate(SIZES):
        share = size * MOST_AT_FIRST / 16
        assert first[f"u{unit}"] in {int(share), -int(-share // 1)}
    for number in (1, 2):
        units = [unit for unit, _ in itertools.groupby(case.unit for case, _ in work if case.round == number)]
        assert units == sorted(units, key=lambda unit: sha(f"5:{unit}"))
    for unit, size in enumerate(SIZES):
        ids = sorted((f"u{unit}.{k}" for k in range(size)), key=lambda id_: sha(f"5:u{unit}:{id_}"))
        asked = {case.id for case, _ in work if case.round == 1 and case.unit == f"u{unit}"}
        assert asked == set(ids[: first[f"u{unit}"]])


def test_every_case_is_as_likely_as_any_other_to_be_asked_first(project: Project) -> None:
    """Over 400 seeds: a quarter of the time, in small units as in large ones (within four standard errors)."""
    write(project, [16, 9, 3, 1])
    found: Counter[str] = Counter()
    for seed in range(400):
        suite = suite_of(project, seed=seed)
        dataset = bind(suite, SYSTEM, project.root).dataset
        found.update(case.id for case, _ in order_of(project, suite).work(dataset, 1) if case.round == 1)
    shares = np.array([found[f"u{unit}.{k}"] for unit, size in enumerate([16, 9, 3, 1]) for k in range(size)]) / 400
    assert np.abs(shares - 0.25).max() <= 4 * np.sqrt(0.25 * 0.75 / 400)


def test_small_units_are_asked_whole(project: Project) -> None:
    """Where the largest unit has 7 cases, a first round of 4 would be more than half of the run."""
    for largest, rounds in ((7, 1), (8, 2)):
        write(project, [largest, 3, 3])
        order = order_of(project, suite_of(project))
        assert (len(order.rounds), order.in_rounds) == (rounds, rounds == 2)
    assert not order_of(project, suite_of(project), in_rounds=False).in_rounds
    assert order_of(project, suite_of(project), in_rounds=False).planned[0].first is None


def test_the_most_that_the_first_round_asks_of_a_unit_is_known_beforehand(project: Project) -> None:
    write(project)
    suite = suite_of(project)
    rows = [row for row in answered(project, suite) if row.round == 1]
    for plan in order_of(project, suite).planned:
        asked = [row for row in rows if plan.columns.items() <= row.slices.items()]
        assert plan.first == max(Counter(row.unit for row in asked).values())
    assert order_of(project, suite).planned[0].first == MOST_AT_FIRST


@pytest.mark.parametrize("epochs", [1, 2])
@pytest.mark.parametrize("at", [50, 150])
def test_the_order_of_arrival_does_not_change_the_decision(project: Project, at: int, epochs: int) -> None:
    write(project)
    suite = suite_of(project, seed=3)
    rows, order = answered(project, suite, epochs), order_of(project, suite)
    decisions = set()
    for attempt in range(3):
        mixed = rows[:]
        random.Random(attempt).shuffle(mixed)
        until = rule(order, at=at * epochs, epochs=epochs)
        step = attempt + 1
        for start in range(0, len(mixed), step):
            for item in mixed[start : start + step]:
                until.row(item)
            if until.settled():
                break
        decisions.add((until.why, until.counted))
    [(why, counted)] = decisions
    words = {50: "first", 150: "second"}[at]
    assert why.startswith(
        f"settled after {counted.samples} of {CASES * epochs} samples, in the {words} of two rounds: "
    )
    assert counted.round == {50: 1, 150: 2}[at]


def plain(items: list[Tally]) -> list[object]:
    """Return everything that tallies say, for comparison."""
    return [
        (each.label, each.n, each.units, each.errored, each.totals.tolist(), each.sizes.tolist(), each.counts.tolist())
        for item in items
        for each in (item, *item.rounds)
    ]


@pytest.mark.parametrize("at", [1, 40, 79, 100, 200, CASES])
def test_what_was_counted_while_it_ran_is_what_the_gate_counts(project: Project, tmp_path: Path, at: int) -> None:
    """The gate cuts rows out of the sealed table, which holds all of them here, and counts them at once."""
    write(project)
    suite = suite_of(project)
    rows, kept = answered(project, suite), list[Tallies]()
    until = rule(order_of(project, suite), at=at, kept=kept)
    for item in rows:
        until.row(item)
    assert until.settled()
    table = Parts(tmp_path, ["colour"], ["correct"], in_rounds=True)
    table.write(0, random.Random(1).sample(rows, len(rows)))
    tables = write_counted(table.path(0), stopping(until), tmp_path)
    assert [until.counted.samples, until.counted.round] == [
        parquet.read_table(tables[0]).num_rows,
        stopping(until).round,
    ]
    for look in LOOKS:
        counted, first, whole = (tally(each, *look) for each in tables)
        assert plain(kept[-1][look]) == plain(with_rounds(counted, first, whole))


def test_a_unit_that_is_whole_counts_once(project: Project) -> None:
    """At the end every case counts once, in units that are all whole."""
    write(project)
    suite = suite_of(project)
    kept: list[Tallies] = []
    until = rule(order_of(project, suite), kept=kept)
    for item in answered(project, suite):
        until.row(item)
    assert until.settled() is None
    [whole] = kept[-1][LOOKS[0]]
    assert (whole.n, whole.units, until.counted.samples, until.counted.units) == (CASES, len(SIZES), CASES, len(SIZES))
    assert sorted(np.repeat(whole.sizes, whole.counts).tolist()) == sorted(SIZES)
    assert plain([whole])[0] == plain([whole])[2]


def test_a_table_with_other_units_than_the_evidence_says_is_refused(project: Project, tmp_path: Path) -> None:
    write(project)
    suite = suite_of(project)
    rows, until = answered(project, suite), rule(order_of(project, suite), at=150)
    for item in rows:
        until.row(item)
    assert until.settled()
    table = Parts(tmp_path, ["colour"], ["correct"], in_rounds=True)
    table.write(0, rows)
    counted = until.counted
    for wrong in ({"units": counted.units - 1}, {"samples": counted.samples - 1}, {"through": "f" * 64}, {"round": 1}):
        with pytest.raises(EvidenceError, match="units and samples up to where the run was settled"):
            write_counted(table.path(0), stopping(until, **wrong), tmp_path)


def stopping(until: UntilDecided, **changes: Any) -> Stopping:
    counted = until.counted
    given = {name: getattr(counted, name) for name in ("units", "samples", "through", "round")} | changes
    return Stopping(rule="r", seed=0, order="o", planned=(), looked_at=(), settled=until.why, **given)


async def answer(body: dict[str, Any], _server: Any) -> bytes:
    """Answer two of three cases rightly, and some of them late."""
    number = sum(body["messages"][-1]["content"].encode())
    await asyncio.sleep(0.02 * (number % 5 == 0))
    return completion("yes" if number % 3 else "no")


@pytest.mark.parametrize(("at", "calls"), [(50, 37), (150, 37), (150, 110)])
def test_a_run_that_was_cut_off_and_taken_up_again_decides_the_same(project: Project, at: int, calls: int) -> None:
    """The first invocation ends by its budget, in either round; the answers differ by case only."""
    write(project)
    with serve(answer) as server:
        suite = project.suite(target=openai(server.url), limits=fast(concurrency=8, max_calls=calls))
        first = project.run(suite, stopping=rule(order_of(project, suite), at=at))
        assert (first.settled, bool(first.stopped)) == (None, True)
        suite = project.suite(target=openai(server.url), limits=fast(concurrency=8))
        second = project.run(suite, stopping=(resumed := rule(order_of(project, suite), at=at)))
        asked = server.calls
        project.run(suite, stopping=rule(order_of(project, suite), at=at))
        assert server.calls == asked, "a settled run asks nothing when it is run again"
    undisturbed = rule(order_of(project, suite), at=at)
    for item in rows_of(project, suite):
        undisturbed.row(item)
    assert second.settled == undisturbed.settled()
    assert resumed.counted == undisturbed.counted
    check_rounds(second, order_of(project, suite))


def rows_of(project: Project, suite: Suite) -> list[Row]:
    """Return the rows of all cases, with the scores that the server's answers get."""
    found = []
    for item in answered(project, suite):
        right = float(sum(f"say {item.sample}".encode()) % 3 != 0)
        found.append(
            Row(**{**{name: getattr(item, name) for name in item.__struct_fields__}, "scores": {"correct": right}})
        )
    return found


def check_rounds(run: Run, order: UnitOrder) -> None:
    """The sealed table says of each row in which round it was asked."""
    table = parquet.read_table(run.table)
    rounds = Counter(zip(table["round"].to_pylist(), table["unit"].to_pylist(), strict=True))
    for at in range(len(SIZES)):
        place = sha(f"0:u{at}")
        unit = int(np.searchsorted(order.keys, np.uint64(int(place[:16], 16))))
        assert rounds[1, f"u{at}"] == order.first[unit] or run.counts.recorded < order.first.sum()


def test_a_table_of_one_round_says_nothing_of_rounds(project: Project) -> None:
    project.dataset(40)
    with serve(answer) as server:
        suite = project.suite(target=openai(server.url), limits=fast(concurrency=8))
        run = project.run(suite, stopping=rule(order_of(project, suite)))
    assert "round" not in parquet.read_table(run.table).column_names
