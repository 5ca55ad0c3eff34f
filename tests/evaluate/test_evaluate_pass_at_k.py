"""pass@k and pass^k against their definitions, the published estimator code, and plain counting."""

from __future__ import annotations

import itertools
from math import comb
from pathlib import Path
from typing import Any

import numpy
import pyarrow
import pyarrow.parquet
import pytest
from evaluate_project import Project

from roadworthy.core.errors import EvidenceError, InputError, InputErrors
from roadworthy.decide.standard_check import check_metrics
from roadworthy.evaluate.metrics.metric import Good
from roadworthy.evaluate.metrics.passes import Draw, Passes
from roadworthy.evaluate.metrics.table import find_metric, metric_named
from roadworthy.evaluate.paired import paired_tally
from roadworthy.evaluate.results import Tally, tally
from worked_example import ANSWERS, requirement, standard

SIZES = [(n, c, k) for n in (1, 2, 5, 12) for c in range(n + 1) for k in range(1, n + 1)]


def draws(n: int, c: int, k: int) -> list[int]:
    """Count the right ones in every way to draw k of n attempts, the first c being right."""
    return [sum(at < c for at in drawn) for drawn in itertools.combinations(range(n), k)]


def codex_pass_at_k(n: int, c: int, k: int) -> float:
    """Estimate pass@k with the code that Chen et al. 2021 print (figure 3)."""
    if n - c < k:
        return 1.0
    return float(1.0 - numpy.prod(1.0 - k / numpy.arange(n - c + 1, n + 1)))


@pytest.mark.parametrize(("n", "c", "k"), SIZES)
def test_the_value_of_a_sample_is_the_share_of_all_draws(n: int, c: int, k: int) -> None:
    drawn = draws(n, c, k)
    assert Passes(k, Draw.ANY).value(n, c) == sum(hits > 0 for hits in drawn) / len(drawn)
    assert Passes(k, Draw.ALL).value(n, c) == sum(hits == k for hits in drawn) / len(drawn)


@pytest.mark.parametrize(("n", "c", "k"), [*SIZES, (200, 3, 100), (200, 120, 10), (1000, 1, 500)])
def test_the_published_estimators_agree(n: int, c: int, k: int) -> None:
    assert Passes(k, Draw.ANY).value(n, c) == pytest.approx(codex_pass_at_k(n, c, k), rel=1e-9, abs=1e-15)
    # tau-bench: pass_hat_k = comb(c, k) / comb(n, k).
    assert Passes(k, Draw.ALL).value(n, c) == pytest.approx(comb(c, k) / comb(n, k), rel=1e-12)


def test_fewer_attempts_than_k_have_no_value() -> None:
    with pytest.raises(ValueError, match="3 of 2 attempts"):
        Passes(3, Draw.ANY).value(2, 1)


def write(path: Path, answers: dict[str, list[float | None]], **more: dict[str, str]) -> Path:
    """Write a result table: answers of each sample by epoch, None where there was none."""
    lines = [
        {
            "sample": sample,
            "epoch": epoch,
            "unit": more.get("units", {}).get(sample),
            "slice.topic": more.get("topics", {}).get(sample),
            "status": "errored" if value is None else "scored",
            "score.correct": value,
        }
        for sample, values in answers.items()
        for epoch, value in enumerate(values)
    ]
    texts = ["sample", "unit", "slice.topic", "status"]
    kinds: list[tuple[str, Any]] = [(name, pyarrow.string()) for name in texts]
    kinds += [("epoch", pyarrow.int32()), ("score.correct", pyarrow.float64())]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(lines, schema=pyarrow.schema(kinds)), path)
    return path


def units(found: Tally) -> list[tuple[float, int, int]]:
    return list(zip(found.totals.tolist(), found.sizes.tolist(), found.counts.tolist(), strict=True))


ANSWERED = {"a": [1.0, 0.0, 0.0], "b": [1.0, 1.0, 0.0], "c": [0.0, 0.0, 0.0], "d": [1.0, 1.0, 1.0]}


def test_each_sample_is_one_value(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", ANSWERED)
    (any_of_two,) = tally(path, "pass@2")
    # 1 - C(2,2)/C(3,2) = 2/3 for a; 1 for b and d; 0 for c.
    assert units(any_of_two) == [(0.0, 1, 1), (2 / 3, 1, 1), (1.0, 1, 2)]
    assert (any_of_two.n, any_of_two.units, any_of_two.clustered) == (4, 4, False)
    (both,) = tally(path, "pass^2")
    assert units(both) == [(0.0, 1, 2), (1 / 3, 1, 1), (1.0, 1, 1)]
    assert tally(path, "pass@1")[0].mean == pytest.approx(tally(path, "accuracy")[0].mean)


def test_an_errored_epoch_counts_as_a_failure(tmp_path: Path) -> None:
    broken = {**ANSWERED, "b": [1.0, None, 0.0]}
    (found,) = tally(write(tmp_path / "t.parquet", broken), "pass^2")
    assert (found.mean, found.errored) == (1 / 4, 1)
    (kind,) = tally(tmp_path / "t.parquet", "pass^2", errored_as=1.0)
    assert kind.mean == pytest.approx((1 + 1 / 3) / 4)


def test_samples_stay_inside_their_cluster_and_slice(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t.parquet",
        ANSWERED,
        units={"a": "x", "b": "x", "c": "y", "d": "y"},
        topics={"a": "p", "b": "p", "c": "p", "d": "q"},
    )
    (whole,) = tally(path, "pass@2")
    assert units(whole) == [(1.0, 2, 1), (1 + 2 / 3, 2, 1)]
    assert whole.clustered
    by_topic = {found.label: units(found) for found in tally(path, "pass@2", ["topic"])}
    assert by_topic == {"topic=p": [(0.0, 1, 1), (1 + 2 / 3, 2, 1)], "topic=q": [(1.0, 1, 1)]}


def test_two_runs_are_paired_by_sample(tmp_path: Path) -> None:
    first = write(tmp_path / "1.parquet", ANSWERED)
    second = write(tmp_path / "2.parquet", {**ANSWERED, "c": [1.0, 1.0, 1.0]})
    (found,) = paired_tally(first, second, metric_named("pass^3"))
    assert (found.n, float((found.second - found.first).sum())) == (4, 1.0)


def test_what_cannot_be_estimated_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", {**ANSWERED, "e": [1.0, 1.0]})
    assert tally(path, "pass@2")[0].n == 5
    with pytest.raises(EvidenceError, match="pass@3 needs 3 epochs of every sample, and 'e' has 2"):
        tally(path, "pass@3")
    half = write(tmp_path / "h.parquet", {"a": [0.5, 1.0]})
    with pytest.raises(EvidenceError, match="1 values of score 'correct' are neither 0 nor 1"):
        tally(half, "pass@1")


def test_names_for_any_number() -> None:
    assert metric_named("pass@10").epochs == 10
    assert metric_named("pass^4").good is Good.HIGHER
    assert metric_named("accuracy").epochs == 1
    for wrong in ("pass@0", "pass@", "pass@03", "pass@k", "pass^-1", "passes@2", "pass@1.5"):
        assert find_metric(wrong) is None, wrong
    with pytest.raises(InputError, match=r"Did you mean 'pass@k'"):
        metric_named("pass@")


def test_a_requirement_may_be_judged_by_it() -> None:
    check_metrics(standard(requirements=[requirement(ANSWERS, measure={"metric": "pass^3"})]))
    with pytest.raises(InputErrors, match="'pass@0', which is no known metric"):
        check_metrics(standard(requirements=[requirement(ANSWERS, measure={"metric": "pass@0"})]))


def test_more_attempts_than_epochs_are_refused_with_file_and_line(project: Project) -> None:
    target = {"kind": "python", "function": "t.py:answer"}
    with pytest.raises(InputErrors) as caught:
        project.suite(target=target, epochs=2, metrics=["pass@2", "pass^3"])
    said = caught.value.diagnostics()
    assert "the metric 'pass^3' needs 3 epochs, and the suite has 2\n  Write 'epochs: 3' or more." in said
    text = (project.root / "evals" / "quality.yaml").read_text().splitlines()
    assert f"quality.yaml:{text.index('- pass^3') + 1}:" in said
    assert "pass@2" not in said


def test_a_real_run_of_several_epochs(project: Project) -> None:
    project.dataset(12)
    # Case i is right in its first i % 4 of three epochs.
    (project.root / "evals" / "t.py").write_text(
        "def answer(request):\n"
        "    number, epoch = int(request['id'][1:]), request['epoch']\n"
        "    return request['fields']['expected'] if epoch < number % 4 else 'no'\n"
    )
    suite = project.suite(
        dataset={"file": "cases.jsonl", "slices": ["colour"]},
        target={"kind": "python", "function": "t.py:answer"},
        prompt=None,
        epochs=3,
        metrics=["pass@2", "pass^2"],
    )
    run = project.run(suite)
    expected = [Passes(2, Draw.ANY).value(3, right) for right in (0, 1, 2, 3)]
    (found,) = tally(run.table, "pass@2")
    assert (found.n, found.mean) == (12, pytest.approx(sum(expected) / 4))
    (found,) = tally(run.table, "pass^2")
    assert found.mean == pytest.approx((0 + 0 + 1 / 3 + 1) / 4)
