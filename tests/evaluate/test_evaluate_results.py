"""Counting a sealed table: units, slices, errors as the bad value, and refusal of bad numbers."""

from __future__ import annotations

import random
import time
import tracemalloc
from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy
import pyarrow
import pyarrow.parquet
import pytest

from roadworthy.core.errors import EvidenceError
from roadworthy.evaluate.results import Tally, slice_values, tally
from roadworthy.evaluate.sums import count_statuses


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    strings = ["sample", "unit", "status", "slice.race", "slice.sex", "slice.perturbation"]
    schema = pyarrow.schema(
        [(name, pyarrow.string()) for name in strings]
        + [("epoch", pyarrow.int32())]
        + [(f"score.{name}", pyarrow.float64()) for name in ("correct", "label", "prediction")]
    )
    filled = [{"sample": f"s{i}", "epoch": 0, "status": "scored", **row} for i, row in enumerate(rows)]
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(filled, schema=schema), path)
    return path


def table(tally: Tally) -> list[tuple[float, int, int]]:
    return list(zip(tally.totals.tolist(), tally.sizes.tolist(), tally.counts.tolist(), strict=True))


def scored(value: float | None, **more: Any) -> dict[str, Any]:
    return {"score.correct": value, **more}


def test_independent_samples_are_counted_by_value(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", [scored(1)] * 7 + [scored(0)] * 3 + [scored(0.5)])
    (found,) = tally(path, "accuracy")
    assert table(found) == [(0, 1, 3), (0.5, 1, 1), (1, 1, 7)]
    assert (found.n, found.units, found.clustered, found.label) == (11, 11, False, "all")


def test_errored_and_unscored_samples_count_as_bad(tmp_path: Path) -> None:
    rows = [scored(1)] * 4 + [scored(None, status="errored"), scored(None, status="unscored")]
    path = write(tmp_path / "t.parquet", rows)
    (good_is_high,) = tally(path, "accuracy")
    assert (good_is_high.mean, good_is_high.errored) == (4 / 6, 2)
    (good_is_low,) = tally(path, "error_rate")
    assert (good_is_low.mean, good_is_low.errored) == (2 / 6, 2)
    (other_way,) = tally(path, "accuracy", errored_as=1)
    assert other_way.mean == 1


def test_a_score_beside_an_error_is_not_believed(tmp_path: Path) -> None:
    (found,) = tally(write(tmp_path / "t.parquet", [scored(1, status="errored"), scored(1)]), "accuracy")
    assert (found.mean, found.errored) == (0.5, 1)


def test_clusters_and_slices_agree_with_a_plain_loop(tmp_path: Path) -> None:
    dice = random.Random(1)
    rows = [
        scored(
            dice.choice([0.0, 0.25, 1.0, None]),
            unit=f"u{dice.randrange(20)}",
            **{"slice.race": dice.choice(["a", "b", None]), "slice.sex": dice.choice("mf")},
        )
        for _ in range(400)
    ]
    path = write(tmp_path / "t.parquet", rows)
    for columns in ([], ["race"], ["race", "sex"]):
        expected: dict[tuple[str | None, ...], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            expected[tuple(row[f"slice.{c}"] for c in columns)][row["unit"]].append(row["score.correct"] or 0.0)
        found = {tuple(t.columns.values()): t for t in tally(path, "accuracy", columns)}
        assert set(found) == set(expected)
        for key, units in expected.items():
            assert found[key].n == sum(len(values) for values in units.values())
            assert found[key].units == len(units)
            got = sorted((t, m) for t, m, count in table(found[key]) for _ in range(count))
            # Quarters add up without rounding, so that the totals are equal, not close.
            assert got == sorted((sum(v), len(v)) for v in units.values())
    assert tally(path, "accuracy", ["race"])[0].label == "race=(missing)"
    assert slice_values(path, "sex") == ["f", "m"]


def test_repetitions_of_a_sample_are_one_unit(tmp_path: Path) -> None:
    rows = [scored(v, sample=f"s{i}", epoch=e) for i in range(3) for e, v in enumerate([1.0, 0.0])]
    (found,) = tally(write(tmp_path / "t.parquet", rows), "accuracy")
    assert table(found) == [(1, 2, 3)]
    assert found.clustered


def predicted(label: float | None, prediction: float | None, race: str, status: str = "scored") -> dict[str, Any]:
    return {"score.label": label, "score.prediction": prediction, "slice.race": race, "status": status}


def test_rates_by_group_keep_errors_on_the_side_of_their_label(tmp_path: Path) -> None:
    rows = [
        predicted(0, 1, "a"),
        predicted(0, 0, "a"),
        predicted(1, 0, "a"),
        predicted(0, None, "a", "errored"),
        predicted(None, None, "b", "errored"),
        predicted(1, 1, "b"),
    ]
    path = write(tmp_path / "t.parquet", rows)
    found = {(t.rate, t.columns["race"]): t for t in tally(path, "equalised_odds", ["race"])}
    fpr = found["false_positive_rate", "a"]
    assert (fpr.mean, fpr.n, fpr.errored) == (2 / 3, 3, 1)
    fnr = found["false_negative_rate", "a"]
    assert (fnr.mean, fnr.n, fnr.errored) == (1.0, 1, 0)
    # A row whose label is unknown may belong to either side, so that it is in both.
    assert found["false_positive_rate", "b"].n == 1
    assert found["false_negative_rate", "b"].n == 2
    low = {(t.rate, t.columns["race"]): t for t in tally(path, "equalised_odds", ["race"], errored_as=0)}
    assert low["false_positive_rate", "a"].mean == pytest.approx(1 / 3)


def test_unperturbed_forms_do_not_count_as_robustness(tmp_path: Path) -> None:
    rows = [scored(1, **{"slice.perturbation": "none"}), scored(0, **{"slice.perturbation": "typos"})]
    path = write(tmp_path / "t.parquet", rows)
    assert tally(path, "robustness")[0].mean == 0
    assert tally(path, "accuracy")[0].mean == 0.5


@pytest.mark.parametrize("value", [float("nan"), -0.1, 1.01, float("inf")])
def test_a_score_outside_its_range_is_refused(tmp_path: Path, value: float) -> None:
    path = write(tmp_path / "t.parquet", [scored(1), scored(value)])
    with pytest.raises(EvidenceError, match=r"1 values of score 'correct' are NaN or outside \[0, 1\]"):
        tally(path, "accuracy")


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", [scored(1)])
    with pytest.raises(EvidenceError, match="no slice 'rase'\n  Did you mean 'race'"):
        tally(path, "accuracy", ["rase"])
    with pytest.raises(EvidenceError, match="no score 'leaked'"):
        tally(path, "secret_leak_rate")
    (tmp_path / "bad.parquet").write_bytes(b"rubbish")
    for name in ("bad.parquet", "absent.parquet"):
        with pytest.raises(EvidenceError, match="cannot be read"):
            tally(tmp_path / name, "accuracy")
    mixed = write(tmp_path / "m.parquet", [scored(1, unit="u"), scored(1)])
    with pytest.raises(EvidenceError, match="have no unit"):
        tally(mixed, "accuracy")


def test_a_million_rows_are_a_handful_of_counts_in_little_memory(tmp_path: Path) -> None:
    n = 1_000_000
    dice = numpy.random.default_rng(1)
    races = pyarrow.DictionaryArray.from_arrays(
        pyarrow.array(dice.integers(0, 8, n), pyarrow.int32()), list("abcdefgh")
    )
    columns = {
        "sample": pyarrow.array([f"{i:07}" for i in range(n)]),
        "epoch": pyarrow.array(numpy.zeros(n, "int32")),
        "unit": pyarrow.nulls(n, pyarrow.string()),
        "slice.race": races.dictionary_decode(),
        "status": pyarrow.array(["scored"] * n),
        "score.correct": pyarrow.array(dice.integers(0, 2, n).astype(float)),
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), tmp_path / "t.parquet")
    del columns, races
    tracemalloc.start()
    start = time.process_time()
    found = tally(tmp_path / "t.parquet", "accuracy", ["race"])
    seconds = time.process_time() - start
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert sum(t.n for t in found) == n
    assert all(len(t.totals) == 2 for t in found)
    assert peak < 50 * 1024**2
    assert seconds < 5  # 0.4 s on an idle core; generous for a busy machine


def weigh(path: Path, rows: list[dict[str, Any]], weights: list[int | None]) -> Path:
    """Write rows that each stand for many samples."""
    plain = pyarrow.parquet.read_table(write(path, rows))
    pyarrow.parquet.write_table(plain.append_column("weight", pyarrow.array(weights, pyarrow.int64())), path)
    return path


@pytest.mark.parametrize("clustered", [True, False])
def test_cells_with_weights_are_counted_like_the_rows_they_stand_for(tmp_path: Path, *, clustered: bool) -> None:
    dice = random.Random(3)
    cells = [
        scored(
            dice.choice([0.0, 1 / 3, 2 / 3, 0.1, 1.0, None]),
            **{"slice.race": dice.choice(["a", "b", None])},
            **({"unit": f"u{dice.randrange(15)}"} if clustered else {}),
        )
        for _ in range(120)
    ]
    weights = [dice.randrange(1, 60) for _ in cells]
    rows = [cell for cell, weight in zip(cells, weights, strict=True) for _ in range(weight)]
    dice.shuffle(rows)
    by_cell, by_row = weigh(tmp_path / "c.parquet", cells, list(weights)), write(tmp_path / "r.parquet", rows)
    for metric in ("accuracy", "error_rate"):
        for columns in ([], ["race"]):
            for one, two in zip(tally(by_cell, metric, columns), tally(by_row, metric, columns), strict=True):
                assert table(one) == table(two)
                assert (one.label, one.n, one.units, one.errored) == (two.label, two.n, two.units, two.errored)
    assert count_statuses(by_cell) == count_statuses(by_row)


def test_no_order_of_the_rows_changes_a_sum(tmp_path: Path) -> None:
    dice = random.Random(5)
    rows = [scored(dice.random(), unit="u") for _ in range(2_000)]
    expected = Fraction(0)
    for row in rows:
        expected += Fraction(round(row["score.correct"] * 2**60), 2**60)
    for _ in range(3):
        dice.shuffle(rows)
        (found,) = tally(write(tmp_path / "t.parquet", rows), "accuracy")
        assert found.totals.tolist() == [float(expected)]


@pytest.mark.parametrize("weight", [None, 0, -1])
def test_a_cell_without_weight_is_refused(tmp_path: Path, weight: int | None) -> None:
    path = weigh(tmp_path / "t.parquet", [scored(1), scored(0)], [5, weight])
    with pytest.raises(EvidenceError, match="1 cells have no weight"):
        tally(path, "accuracy")
