"""Counting in a warehouse gives what reading row by row gives: DuckDB, SQLite, PostgreSQL and Spark, run for real."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
from evaluate_project import Project
from warehouse_tables import COLUMNS, POSTGRES, TABLES, Place, duckdb_table, rows, with_password, write_parquet

from roadworthy.core.errors import InputError, RoadworthyError
from roadworthy.evaluate.metrics.table import metric_named
from roadworthy.evaluate.paired import paired_tally
from roadworthy.evaluate.results import Tally, tally
from roadworthy.evaluate.run import Run
from roadworthy.evidence.predicate import Kind, parse_predicate

pytestmark = [
    pytest.mark.extra,
    # ibis, pandas and Spark warn of each other's next versions; Spark leaves closing its socket to the collector.
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
LINES = rows()
READ = {"cluster": "scenario", "slices": ["land", "tier", "member"]}
TARGETS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "decisions": (
        {"kind": "predictions", "label": "label", "prediction": "decision"},
        ["accuracy", "equalised_odds", "selection_rate_ratio"],
    ),
    "threshold": (
        {"kind": "predictions", "label": "label", "score": "chance", "threshold": 0.5},
        ["accuracy", "false_positive_rate"],
    ),
    "scores": (
        {"kind": "logs", "scores": {"grounded": "quality", "utility": "1 - quality"}, "error": "failure"},
        ["grounded_rate", "utility"],
    ),
}


@dataclass(frozen=True)
class Served:
    """A warehouse that holds the table."""

    kind: str
    place: Place


@pytest.fixture(scope="module", params=sorted(TABLES))
def served(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with TABLES[request.param](tmp_path_factory.mktemp("warehouse"), LINES) as place:
        yield Served(request.param, place)


@pytest.fixture
def duck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    with duckdb_table(tmp_path, LINES) as place:
        monkeypatch.setenv("ANSWERS_AT", place.address)
        yield place


def by_rows(project: Project, target: str, **more: Any) -> Run:
    write_parquet(project.root / "evals" / "t.parquet", LINES)
    spec, metrics = TARGETS[target]
    dataset = {"file": "t.parquet", **READ, **more}
    return project.run(project.suite(dataset=dataset, target=spec, metrics=metrics, prompt=None, scorers=None))


def by_cells(project: Project, target: str, place: Place, **more: Any) -> Run:
    spec, metrics = TARGETS[target]
    dataset = {"warehouse": {"connection_env": "ANSWERS_AT", "table": place.table}, **READ, **more}
    return project.run(project.suite(dataset=dataset, target=spec, metrics=metrics, prompt=None, scorers=None))


def numbers(found: Tally) -> tuple[Any, ...]:
    arrays = (found.totals.tolist(), found.sizes.tolist(), found.counts.tolist())
    return found.rate, found.label, found.n, found.units, found.clustered, found.errored, *arrays


def same_numbers(first: Run, second: Run, metrics: list[str]) -> None:
    """Compare every total of every unit in every slice, without tolerance."""
    for metric in metrics:
        for columns in ([], ["land"], ["tier"], ["member", "tier"]):
            one, two = (tally(run.table, metric, columns) for run in (first, second))
            assert [numbers(item) for item in one] == [numbers(item) for item in two]


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_the_numbers_are_those_of_the_rows(
    served: Served, target: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSWERS_AT", served.place.address)
    if (served.kind, target) == ("sqlite", "threshold"):
        with pytest.raises(InputError, match="sqlite has no verb 'IsNan', which counting answers needs"):
            by_cells(project, target, served.place)
        return
    expected, found = by_rows(project, target), by_cells(project, target, served.place)
    assert found.counts == expected.counts
    assert found.counts.recorded == len(LINES)
    same_numbers(expected, found, TARGETS[target][1])


def test_the_digest_is_the_same_in_every_warehouse(
    served: Served, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSWERS_AT", served.place.address)
    digest = by_cells(project, "scores", served.place).survey.digest
    with duckdb_table(tmp_path, LINES[::-1]) as place:
        monkeypatch.setenv("ANSWERS_AT", place.address)
        assert by_cells(project, "scores", place).survey.digest == digest
    with duckdb_table(tmp_path / "evals", [*LINES[:-1], {**LINES[-1], "quality": 0.25}]) as place:
        monkeypatch.setenv("ANSWERS_AT", place.address)
        assert by_cells(project, "scores", place).survey.digest != digest


@pytest.mark.parametrize(
    "where",
    [
        {"land": ["DE", "\u00e9"]},
        {"land": None},
        {"tier": [1, 10]},
        {"member": True},
        {"member": [False, None]},
        {"tier": "1"},
        {"land": "it's", "tier": None},
    ],
)
def test_a_filter_takes_the_same_rows(
    served: Served, where: dict[str, Any], project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSWERS_AT", served.place.address)
    expected = by_rows(project, "decisions", where=where)
    found = by_cells(project, "decisions", served.place, where=where)
    assert 0 < found.survey.rows < len(LINES)
    assert found.survey.rows == expected.survey.rows
    same_numbers(expected, found, ["accuracy"])


def test_few_cells_come_from_many_rows(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a cluster the cells are the combinations of slices, label and decision, as a plain count finds them."""
    many = [{**line, "id": f"{turn}-{line['id']}"} for turn in range(20) for line in LINES]
    with duckdb_table(tmp_path, many) as place:
        monkeypatch.setenv("ANSWERS_AT", place.address)
        run = by_cells(project, "decisions", place, cluster=None, slices=["member"])
    expected = Counter((line["member"], line["label"], line["decision"]) for line in many)
    table = pyarrow.parquet.read_table(run.table)
    assert table.num_rows == len(expected) <= 27
    assert sorted(table["weight"].to_pylist()) == sorted(expected.values())
    (found,) = tally(run.table, "accuracy")
    right = sum(n for (_, label, decision), n in expected.items() if label is not None and label == decision)
    assert (found.n, found.units, found.clustered) == (len(many), len(many), False)
    assert found.mean == pytest.approx(right / len(many), rel=1e-15)


def test_the_evidence_says_what_the_digest_covers(duck: Place, project: Project) -> None:
    run = by_cells(project, "decisions", duck)
    predicate = run.predicate()
    parse_predicate(Kind.MEASURED, predicate)
    said = predicate["settings"]["warehouse"]
    assert (said["warehouse"], said["table"], said["rows"]) == ("DuckDB", "live.answers", len(LINES))
    assert said["columns"] == ["decision", "label", "land", "member", "scenario", "tier"]
    assert "not ids, rows or other columns" in said["digest_covers"]
    assert any("digest of the dataset covers the cells" in note for note in predicate["notes"])
    assert predicate["dataset"]["name"] == "live.answers"


def test_a_second_evaluation_records_nothing_twice(duck: Place, project: Project) -> None:
    first = by_cells(project, "scores", duck)
    second = by_cells(project, "scores", duck)
    assert (second.directory, second.table_digest, second.counts) == (
        first.directory,
        first.table_digest,
        first.counts,
    )


def test_cells_are_not_paired_as_if_they_were_samples(duck: Place, project: Project) -> None:
    run = by_cells(project, "decisions", duck)
    with pytest.raises(RoadworthyError, match="cells of a warehouse"):
        paired_tally(run.table, run.table, metric_named("accuracy"))
    with pytest.raises(RoadworthyError, match="cells of a warehouse"):
        tally(run.table, "pass@1")


def refused(tmp_path: Path, project: Project, lines: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch) -> str:
    with duckdb_table(tmp_path, lines) as place:
        monkeypatch.setenv("ANSWERS_AT", place.address)
        with pytest.raises(InputError) as caught:
            by_cells(project, "decisions", place)
    return caught.value.diagnostics()


def test_ids_must_be_unique_and_there(tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    twice = [*LINES, {**LINES[7], "label": None}]
    said = refused(tmp_path, project, twice, monkeypatch)
    assert "quality.yaml:" in said
    assert "1 of 901 ids are there already, such as 'r0007'" in said
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"id": None}, "1 rows have an empty id"),
        ({"id": "  "}, "1 rows have an empty id"),
        ({"scenario": None}, "the cluster is empty"),
    ],
)
def test_what_is_empty_is_refused(
    change: dict[str, Any], said: str, tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said in refused(tmp_path, project, [*LINES, {**LINES[0], "id": "new", **change}], monkeypatch)


def test_an_empty_table_shows_nothing(tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "the dataset holds no cases" in refused(tmp_path, project, [], monkeypatch)


def test_a_score_that_is_no_number_is_refused(
    tmp_path: Path, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for odd in (float("nan"), float("inf"), float("-inf")):
        with duckdb_table(tmp_path, [*LINES, {**LINES[0], "id": "new", "chance": odd, "quality": odd}]) as place:
            monkeypatch.setenv("ANSWERS_AT", place.address)
            for target in ("threshold", "scores"):
                with pytest.raises(InputError, match=f"holds {odd}"):
                    by_cells(project, target, place)
        (tmp_path / "w.duckdb").unlink()


def test_what_warehouses_would_not_do_alike_is_refused(duck: Place, project: Project, tmp_path: Path) -> None:
    import duckdb

    with duckdb.connect(tmp_path / "w.duckdb") as database:
        database.execute("CREATE VIEW live.dated AS SELECT *, DATE '2026-01-02' AS day FROM live.answers")
    dated = Place(duck.address, "live.dated")
    with pytest.raises(InputError, match="the column 'day' is date"):
        by_cells(project, "decisions", dated, slices=["day"])
    with pytest.raises(InputError, match="'where' compares 'quality', which is float64"):
        by_cells(project, "decisions", duck, where={"quality": 1})
    with pytest.raises(InputError, match="the id is made of 'quality', which is float64"):
        by_cells(project, "decisions", duck, id="{scenario}/{quality}")
    with pytest.raises(InputError, match="no column 'lnd'\n  Did you mean 'land'"):
        by_cells(project, "decisions", duck, slices={"land": "lnd"})
    with pytest.raises(InputError, match=r"the table live\.anwsers cannot be opened"):
        by_cells(project, "decisions", Place(duck.address, "live.anwsers"))


def test_too_many_cells_are_refused(duck: Place, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("roadworthy.evaluate.warehouse.cells.MOST_CELLS", 100)
    with pytest.raises(InputError, match="more than 100 different rows"):
        by_cells(project, "decisions", duck)


def test_ids_may_be_put_together(duck: Place, project: Project) -> None:
    run = by_cells(project, "decisions", duck, id="{scenario}/{id}", cluster="{scenario}", slices=["member"])
    expected = by_rows(project, "decisions", id="{scenario}/{id}", cluster="{scenario}", slices=["member"])
    assert run.counts == expected.counts


def test_a_password_is_in_no_error_and_no_result(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "pa/ss w\u00f6rd"
    address = with_password(POSTGRES.replace(":5432", ":1"), secret)
    monkeypatch.setenv("ANSWERS_AT", address)
    with pytest.raises(InputError, match="the warehouse in ANSWERS_AT cannot be reached") as caught:
        by_cells(project, "decisions", Place(address, "answers"))
    assert caught.value.__cause__ is None
    for form in (secret, address.split(":")[2].split("@")[0]):
        assert form not in caught.value.diagnostics()
    with TABLES["postgres"](tmp_path, LINES[:40]) as place:
        monkeypatch.setenv("ANSWERS_AT", with_password(POSTGRES, secret))
        by_cells(project, "decisions", place)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"ANSWERS_AT" in written
    assert b"pa%2F" not in written
    assert secret.encode() not in written


@pytest.mark.parametrize("address", ["pyspark://host?token=abc", "duckdb://file.duckdb?token=abc"])
def test_settings_that_would_be_ignored_are_refused(
    address: str, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANSWERS_AT", address)
    with pytest.raises(InputError, match=r"the address of (Spark is 'pyspark://' and|DuckDB takes) no") as caught:
        by_cells(project, "decisions", Place("", "answers"))
    assert "abc" not in str(caught.value)


def test_the_table_of_the_tests_is_awkward() -> None:
    lands = {line["land"] for line in LINES}
    assert {"", None, "\u00e9", "e\u0301", "\u00df"} <= lands
    assert set(COLUMNS) == set(LINES[0])
