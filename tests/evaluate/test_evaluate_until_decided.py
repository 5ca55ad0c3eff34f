"""Runs that end early: the order of asking, which units count, and a decision that only the answers decide."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import random
from pathlib import Path
from typing import Any

import pyarrow.parquet as parquet
import pytest
from evaluate_project import SYSTEM, Project, completion, fast, openai, serve

from roadworthy.core.errors import EvidenceError, InputError
from roadworthy.evaluate import unit_order
from roadworthy.evaluate.metrics.table import metric_named
from roadworthy.evaluate.plan import bind
from roadworthy.evaluate.results import tally
from roadworthy.evaluate.row import Row, SampleStatus
from roadworthy.evaluate.run import Run
from roadworthy.evaluate.running_tally import Look, RunningTally, Tallies
from roadworthy.evaluate.suite import Suite
from roadworthy.evaluate.unit_order import UnitOrder, write_counted
from roadworthy.evaluate.until_decided import UntilDecided, next_look
from roadworthy.evidence.predicate import Stopping

SUCCESS = metric_named("task_success_rate")
LOOKS: list[Look] = [(SUCCESS, ()), (SUCCESS, ("colour",))]


def suite_of(project: Project, **given: Any) -> Suite:
    """Write a suite whose target is not asked here."""
    return project.suite(**{"target": openai("http://127.0.0.1:1/v1"), **given})


def order_of(project: Project, suite: Suite) -> UnitOrder:
    return UnitOrder.of(bind(suite, SYSTEM, project.root).dataset, [("colour",)])


def rule(order: UnitOrder, at: int | None = None, epochs: int = 1) -> UntilDecided:
    """Make a rule that is settled once so many samples count; without a number, never."""

    def settle(tallies: Tallies, complete: bool) -> str | None:
        [whole] = tallies[LOOKS[0]]
        return f"{whole.totals @ whole.counts:g} right" if at is not None and whole.n >= at else None

    return UntilDecided(order, epochs, LOOKS, settle, slices=["colour"], scores=["correct"])


def row(sample: str, unit: str | None, score: float | None = 1.0, epoch: int = 0) -> Row:
    status = SampleStatus.ERRORED if score is None else SampleStatus.SCORED
    return Row(sample=sample, epoch=epoch, unit=unit, slices={"colour": "r"}, status=status, scores={"correct": score})


def answered(project: Project, suite: Suite, epochs: int = 1) -> list[Row]:
    """Return the rows of all cases in the order of asking; every third answer is wrong."""
    dataset = bind(suite, SYSTEM, project.root).dataset
    work = order_of(project, suite).work(dataset, epochs)
    return [row(case.id, case.unit, float(i % 3 != 0), epoch) for i, (case, epoch) in enumerate(work)]


@pytest.mark.parametrize("epochs", [1, 3])
@pytest.mark.parametrize("block", [7, 4_096])
def test_units_are_asked_whole_in_the_order_of_their_hashes(
    project: Project, monkeypatch: pytest.MonkeyPatch, epochs: int, block: int
) -> None:
    """The order is computed anew with hashlib; neither the blocks nor the order of the file change it."""
    monkeypatch.setattr(unit_order, "FIRST_BLOCK", block)
    monkeypatch.setattr(unit_order, "LARGEST_BLOCK", 2 * block)
    project.dataset(90)
    path = project.root / "evals" / "cases.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    random.Random(1).shuffle(lines)
    path.write_text("".join(lines))
    suite = suite_of(project, seed=5)
    dataset = bind(suite, SYSTEM, project.root).dataset
    asked = [(case.unit, epoch, case.id) for case, epoch in order_of(project, suite).work(dataset, epochs)]
    place = {str(k): hashlib.sha256(f"5:{k}".encode()).hexdigest() for k in range(23)}
    units = [unit for unit, _ in itertools.groupby(asked, key=lambda item: item[0])]
    assert units == sorted(place, key=place.__getitem__)
    assert len(set(asked)) == len(asked) == 90 * epochs
    whole = asked[: 4 * epochs]
    assert [epoch for _, epoch, _ in whole] == sorted(epoch for _, epoch, _ in whole)


def test_another_seed_gives_another_order(project: Project) -> None:
    project.dataset(90)
    first, second = (order_of(project, suite_of(project, seed=seed)).keys.tolist() for seed in (1, 2))
    assert first != second


def test_the_units_of_each_slice_are_known_before_the_first_answer(project: Project) -> None:
    """Four cases to a unit, two of each colour; the last unit has two."""
    project.dataset(90)
    planned = order_of(project, suite_of(project)).planned
    assert [(item.columns, item.units, item.largest) for item in planned] == [
        ({}, 23, 4),
        ({"colour": "b"}, 23, 2),
        ({"colour": "r"}, 23, 2),
    ]


def test_cases_without_clusters_are_units(project: Project) -> None:
    project.dataset(10)
    suite = suite_of(project, dataset={"file": "cases.jsonl", "slices": ["colour"]})
    [whole, *_] = order_of(project, suite).planned
    assert (whole.units, whole.largest) == (10, 1)


def test_tallies_of_blocks_add_up_to_the_tally_of_the_table(project: Project, tmp_path: Path) -> None:
    """One table of all rows, counted at once by the code of the gate, is the reference."""
    from roadworthy.evaluate.parts import Parts

    generator = random.Random(2)
    rows = [
        Row(
            sample=f"s{i}",
            epoch=0,
            unit=f"u{i // 3}",
            slices={"colour": "rgb"[i % 3] if i > 4 else None},
            status=SampleStatus.SCORED if i % 7 else SampleStatus.UNSCORED,
            scores={"correct": round(generator.random(), 2) if i % 7 else None},
        )
        for i in range(120)
    ]
    Parts(tmp_path, ["colour"], ["correct"]).write(0, rows)
    running = RunningTally(LOOKS, ["colour"], ["correct"])
    for start in range(0, 120, 30):
        running.add(rows[start : start + 30])
    for look in LOOKS:
        expected = tally(tmp_path / "part-00000.parquet", look[0], look[1])
        found = {item.label: item for item in running.tallies[look]}
        assert set(found) == {item.label for item in expected}
        for item in expected:
            mine = found[item.label]
            assert (mine.n, mine.units, mine.errored, mine.clustered) == (item.n, item.units, item.errored, True)
            for name in ("totals", "sizes", "counts"):
                assert getattr(mine, name).tolist() == getattr(item, name).tolist()


@pytest.mark.parametrize("epochs", [1, 2])
def test_the_order_of_arrival_does_not_change_the_decision(project: Project, epochs: int) -> None:
    project.dataset(120)
    suite = suite_of(project, seed=3)
    rows, order = answered(project, suite, epochs), order_of(project, suite)
    decisions = set()
    for attempt in range(3):
        mixed = rows[:]
        random.Random(attempt).shuffle(mixed)
        until = rule(order, at=50, epochs=epochs)
        step = attempt + 1
        for start in range(0, len(mixed), step):
            for item in mixed[start : start + step]:
                until.row(item)
            if until.settled():
                break
        decisions.add((until.why, until.counted))
    [(why, counted)] = decisions
    assert 50 <= counted.samples <= next_look(49) + 4 * epochs
    assert why == f"settled after {counted.samples} of {120 * epochs} samples: {why.split(': ')[1]}"


def test_only_whole_units_in_order_count(project: Project) -> None:
    project.dataset(40)
    suite = suite_of(project)
    rows, until = answered(project, suite), rule(order_of(project, suite))
    for item in [*rows[:3], *rows[4:20]]:
        until.row(item)
    assert until.settled() is None
    assert until.counted.units == 0, "the first unit lacks a sample"
    until.row(rows[3])
    until.settled()
    assert (until.counted.units, until.counted.samples) == (4, 16), "the next look is due at 21 samples"


def test_what_is_in_flight_when_it_is_settled_does_not_count(project: Project) -> None:
    project.dataset(40)
    suite = suite_of(project)
    rows, until = answered(project, suite), rule(order_of(project, suite), at=8)
    for item in rows[:12]:
        until.row(item)
    first = until.settled()
    for item in rows[12:]:
        until.row(item)
    assert until.settled() == first
    assert until.counted.samples == 8


def test_an_error_of_an_earlier_invocation_gives_way_to_the_answer_that_followed(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from roadworthy.evaluate import until_decided

    monkeypatch.setattr(until_decided, "_HELD", 2)
    project.dataset(8)
    suite = suite_of(project)
    rows, until = answered(project, suite), rule(order_of(project, suite), at=8)
    for item in rows:
        until.row(row(item.sample, item.unit, None))
    for item in rows:
        until.row(item)
    assert (until.settled() or "").endswith(": 5 right")


def test_errors_count_against_the_criterion(project: Project) -> None:
    project.dataset(8)
    suite = suite_of(project)
    until = rule(order_of(project, suite), at=8)
    for item in answered(project, suite):
        until.row(row(item.sample, item.unit, None))
    assert (until.settled() or "").endswith(": 0 right")


def test_the_rows_that_count_are_cut_out_of_the_table(project: Project, tmp_path: Path) -> None:
    run, until = settled_run(project)
    [table] = write_counted(run.table, stopping(until), tmp_path)
    counted = parquet.read_table(table)
    assert counted.num_rows == until.counted.samples < run.counts.recorded
    assert counted.column_names == parquet.read_table(run.table).column_names
    places = {hashlib.sha256(f"0:{unit}".encode()).hexdigest() for unit in counted["unit"].to_pylist()}
    assert max(places) == until.counted.through
    assert len(places) == until.counted.units


def test_a_table_with_other_units_than_the_evidence_says_is_refused(project: Project, tmp_path: Path) -> None:
    run, until = settled_run(project)
    for wrong in ({"units": 1}, {"samples": until.counted.samples - 1}, {"through": "f" * 64}):
        with pytest.raises(EvidenceError, match="units and samples up to where the run was settled"):
            write_counted(run.table, stopping(until, **wrong), tmp_path)


def stopping(until: UntilDecided, **changes: Any) -> Stopping:
    counted = until.counted
    given = {"units": counted.units, "samples": counted.samples, "through": counted.through, **changes}
    return Stopping(rule="r", seed=0, order="o", planned=(), looked_at=(), settled=until.why, **given)


def settled_run(project: Project) -> tuple[Run, UntilDecided]:
    """Run 16 at a time against a server that is late with one case of each unit: rows of later units come in before."""
    project.dataset(400)
    with serve(late) as server:
        suite = project.suite(target=openai(server.url), limits=fast(concurrency=16))
        until = rule(order_of(project, suite), at=40)
        run = project.run(suite, stopping=until)
    return run, until


async def late(body: dict[str, Any], server: Any) -> bytes:
    await asyncio.sleep(0.05 * (int(body["messages"][-1]["content"].split()[-1]) % 4 == 0))
    return await right(body, server)


async def right(body: dict[str, Any], _server: Any) -> bytes:
    return completion(body["messages"][-1]["content"].split()[-1])


def test_a_run_asks_little_more_than_it_needs(project: Project) -> None:
    run, until = settled_run(project)
    assert run.settled == until.why
    assert not run.finished
    assert until.counted.samples <= run.counts.recorded <= until.counted.samples + 2 * 16


def test_a_run_that_was_cut_off_and_taken_up_again_decides_the_same(project: Project) -> None:
    """The first invocation ends by its budget of calls; the answers differ by case only."""
    project.dataset(400)
    with serve(right) as server:
        suite = project.suite(target=openai(server.url), limits=fast(concurrency=8, max_calls=37))
        until = rule(order_of(project, suite), at=40)
        first = project.run(suite, stopping=until)
        assert first.settled is None
        assert first.stopped
        suite = project.suite(target=openai(server.url), limits=fast(concurrency=8))
        until = rule(order_of(project, suite), at=40)
        second = project.run(suite, stopping=until)
        whole = project.run(suite, stopping=(undisturbed := rule(order_of(project, suite), at=40)), use_cache=False)
        calls = server.calls
        project.run(suite, stopping=rule(order_of(project, suite), at=40))
        assert server.calls == calls, "a settled run asks nothing when it is run again"
    assert second.settled == whole.settled == undisturbed.why
    assert until.counted == undisturbed.counted


def test_recorded_answers_are_read_in_the_same_order(project: Project) -> None:
    name = project.dataset(300)
    path = project.root / "evals" / name
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    path.write_text("".join(json.dumps({**line, "ok": line["k"] % 2}) + "\n" for line in lines))
    suite = project.suite(target={"kind": "logs", "scores": {"correct": "ok"}}, prompt=None, scorers=None)
    until = rule(order_of(project, suite), at=100)
    run = project.run(suite, stopping=until)
    assert run.settled
    assert run.counts.recorded < 300 + 256


def test_the_seed_is_that_of_the_suite(project: Project) -> None:
    project.dataset(8)
    assert order_of(project, suite_of(project, seed=9)).seed == 9


def test_an_unknown_slice_is_refused(project: Project) -> None:
    project.dataset(8)
    dataset = bind(suite_of(project), SYSTEM, project.root).dataset
    with pytest.raises((InputError, KeyError)):
        UnitOrder.of(dataset, [("shape",)])
