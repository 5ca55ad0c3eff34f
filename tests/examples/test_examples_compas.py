"""COMPAS read by Roadworthy gives ProPublica's published counts and rates, exactly.

Sources: ProPublica, `Compas Analysis.ipynb` in propublica/compas-analysis (counts and rates by race); Dressel and
Farid, Science Advances 4, 2018, eaao5580, table 2 column D (accuracy).
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from roadworthy.core.yaml_file import YamlFile, load_yaml
from roadworthy.declare.load import load_system
from roadworthy.evaluate.results import tally
from roadworthy.evaluate.run import Run
from roadworthy.evaluate.runner import run_suite
from roadworthy.evaluate.suite import suite_from
from roadworthy.evidence.fingerprint import fingerprint

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "compas"
DATA = Path(os.environ.get("ROADWORTHY_COMPAS", ROOT / ".cache" / "compas" / "compas-scores-two-years.csv"))


@dataclass(frozen=True)
class Confusion:
    """Counts of a two by two table; the rates in per cent, as published."""

    tn: int
    fp: int
    fn: int
    tp: int
    fpr: float
    fnr: float

    @property
    def n(self) -> int:
        return self.tn + self.fp + self.fn + self.tp


MEDIUM_OR_HIGH = {
    "all": Confusion(2681, 1282, 1216, 2035, 32.35, 37.40),
    "race=African-American": Confusion(990, 805, 532, 1369, 44.85, 27.99),
    "race=Caucasian": Confusion(1139, 349, 461, 505, 23.45, 47.72),
}
HIGH_ONLY = {
    "race=African-American": Confusion(1511, 284, 1160, 741, 15.82, 61.02),
    "race=Caucasian": Confusion(1407, 81, 771, 195, 5.44, 79.81),
}
GROUP_SIZES = {
    "race=African-American": 3696,
    "race=Caucasian": 2454,
    "race=Hispanic": 637,
    "race=Other": 377,
    "race=Asian": 32,
    "race=Native American": 18,
    "sex=Male": 5819,
    "sex=Female": 1395,
}


def measure(store: Path, positive: list[str]) -> Run:
    """Run the fairness suite, with the given score texts as the positive prediction."""
    return measure_file("fairness", store, {text: int(text in positive) for text in ("Low", "Medium", "High")})


def measure_file(name: str, store: Path, predictions: dict[str, int]) -> Run:
    """Run one of the example's own suites."""
    if not DATA.is_file():
        pytest.fail(f"{DATA} is not there; run: python examples/setup.py compas")
    source = load_yaml(EXAMPLE / "evals" / f"{name}.yaml")
    content: dict[str, Any] = {
        **source.value,
        "dataset": {**source.value["dataset"], "file": str(DATA)},
        "target": {**source.value["target"], "predictions": predictions},
    }
    system = load_system(EXAMPLE)
    suite = suite_from(YamlFile(source.path, content, source.lines))
    return run_suite(suite, system, fingerprint(system, EXAMPLE), root=EXAMPLE, store=store)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return measure(tmp_path_factory.mktemp("compas"), ["Medium", "High"])


@pytest.fixture(scope="module")
def high_only(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return measure(tmp_path_factory.mktemp("compas-high"), ["High"])


def counted(run: Run, metric: str, label: str) -> tuple[int, int]:
    """Return (rows with the outcome, rows) of a rate, for all or for one group."""
    columns = [] if label == "all" else [label.split("=")[0]]
    (found,) = [found for found in tally(run.table, metric, columns) if found.label == label]
    return round(float((found.totals * found.counts).sum())), found.n


def check(run: Run, label: str, published: Confusion) -> None:
    assert counted(run, "false_positive_rate", label) == (published.fp, published.fp + published.tn)
    assert counted(run, "false_negative_rate", label) == (published.fn, published.fn + published.tp)
    assert counted(run, "accuracy", label) == (published.tp + published.tn, published.n)
    for metric, rate in (("false_positive_rate", published.fpr), ("false_negative_rate", published.fnr)):
        hits, n = counted(run, metric, label)
        assert round(100 * hits / n, 2) == rate


@pytest.mark.parametrize("label", MEDIUM_OR_HIGH)
def test_propublica_counts_for_medium_or_high(run: Run, label: str) -> None:
    check(run, label, MEDIUM_OR_HIGH[label])


@pytest.mark.parametrize("label", HIGH_ONLY)
def test_propublica_counts_for_high_only(high_only: Run, label: str) -> None:
    check(high_only, label, HIGH_ONLY[label])


@pytest.mark.parametrize(
    ("label", "accuracy"), [("all", 65.4), ("race=African-American", 63.8), ("race=Caucasian", 67.0)]
)
def test_dressel_and_farid_accuracy(run: Run, label: str, accuracy: float) -> None:
    hits, n = counted(run, "accuracy", label)
    assert round(100 * hits / n, 1) == accuracy


@pytest.mark.parametrize("label", GROUP_SIZES)
def test_groups_have_their_published_sizes(run: Run, label: str) -> None:
    assert counted(run, "selection_rate", label)[1] == GROUP_SIZES[label]


def test_every_row_is_scored_and_named_by_its_number(run: Run) -> None:
    import pyarrow.parquet

    assert (run.counts.planned, run.counts.scored) == (7214, 7214)
    table = pyarrow.parquet.read_table(run.table)
    assert {name for name in table.column_names if name.startswith("slice.")} == {
        "slice.race",
        "slice.sex",
        "slice.age_cat",
    }
    assert sorted(table["sample"].to_pylist(), key=int) == [str(row) for row in range(1, 7215)]


def test_nothing_that_is_kept_names_a_person(run: Run) -> None:
    with DATA.open(encoding="utf-8", newline="") as stream:
        people = {value for row in csv.DictReader(stream) for value in (row["name"], row["dob"])}
    assert len(people) > 7000
    assert not people & set(texts(run.directory))


def texts(folder: Path) -> Iterator[str]:
    """Yield every text in the tables of a folder, and every quoted text in its other files."""
    import pyarrow.parquet
    import pyarrow.types

    for file in folder.rglob("*"):
        if file.suffix == ".parquet":
            for column in pyarrow.parquet.read_table(file).columns:
                if pyarrow.types.is_string(column.type) or pyarrow.types.is_dictionary(column.type):
                    yield from (text for text in column.to_pylist() if text)
        elif file.is_file():
            yield from re.findall(r'"([^"]*)"', file.read_text(encoding="utf-8"))


def test_the_impact_ratio_compares_the_favourable_outcome(tmp_path: Path) -> None:
    """Low is favourable: its rates follow from the published counts, (TN + FN) / n."""
    found = measure_file("favourable-outcome", tmp_path, {"Low": 1, "Medium": 0, "High": 0})
    for label in ("race=African-American", "race=Caucasian"):
        published = MEDIUM_OR_HIGH[label]
        assert counted(found, "selection_rate", label) == (published.tn + published.fn, published.n)
