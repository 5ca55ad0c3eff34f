"""What a suite may say of a warehouse, and what is said where the library is not installed."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from evaluate_project import Project

from roadworthy.core.errors import InputError, InputErrors, MissingExtra
from roadworthy.evaluate.dataset import Dataset
from roadworthy.evaluate.row import Row

WAREHOUSE: dict[str, Any] = {"connection_env": "ANSWERS_AT", "table": "live.answers"}
GOOD: dict[str, Any] = {
    "dataset": {"warehouse": WAREHOUSE, "slices": ["land"]},
    "target": {"kind": "predictions", "label": "label", "prediction": "decision"},
    "metrics": ["accuracy"],
    "prompt": None,
    "scorers": None,
}


class Never:
    """A stopping rule that is never asked."""

    def order(self, dataset: Dataset, epochs: int) -> Any:
        raise AssertionError

    def row(self, row: Row) -> None:
        raise AssertionError

    def settled(self) -> str | None:
        raise AssertionError


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"dataset": {"file": "x.csv", "warehouse": WAREHOUSE}}, "give either 'file' or 'warehouse'"),
        ({"dataset": {}}, "give either 'file' or 'warehouse'"),
        ({"dataset": {"warehouse": WAREHOUSE, "limit": 5}}, "'limit' does not go with 'warehouse'"),
        ({"dataset": {"warehouse": {**WAREHOUSE, "table": "a.b.c.d"}}}, "dataset.warehouse.table"),
        ({"dataset": {"warehouse": {**WAREHOUSE, "connection_env": "postgres://u:p@h/d"}}}, "connection_env"),
        ({"dataset": {"warehouse": {**WAREHOUSE, "tabel": "x"}}}, "tabel"),
        (
            {"scorers": [{"id": "c", "use": "exact_match", "expected": "{land}"}]},
            "'scorers' read single answers, which stay in the warehouse",
        ),
        ({"target": {"kind": "logs", "scores": {"correct": "ok"}, "response": "text"}}, "'response' and 'model'"),
        (
            {"comparators": {"old": {"kind": "logs", "scores": {"correct": "was"}}}},
            "'comparators' are paired by sample, and samples stay in the warehouse",
        ),
        ({"target": {"kind": "python", "function": "t.py:f"}}, "a warehouse is counted, not asked"),
        ({"metrics": ["pass@1"]}, "the metric 'pass@1' reads the epochs of each sample, which stay in the warehouse"),
    ],
)
def test_what_does_not_go_with_a_warehouse(change: dict[str, Any], said: str, project: Project) -> None:
    project.suite(**GOOD)
    with pytest.raises(InputErrors, match=r"quality\.yaml:\d+: ") as caught:
        project.suite(**{**GOOD, **change})
    assert said in caught.value.diagnostics()


def test_the_library_is_named_where_it_is_missing(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = project.suite(**GOOD)
    with pytest.raises(InputError, match="the environment variable ANSWERS_AT is not set"):
        project.run(suite)
    monkeypatch.setenv("ANSWERS_AT", "oracle://scott:tiger@host/x")
    with pytest.raises(InputError, match="starts with none of the known warehouses") as caught:
        project.run(suite)
    assert "tiger" not in caught.value.diagnostics()
    monkeypatch.setenv("ANSWERS_AT", "duckdb://x.duckdb")
    monkeypatch.setitem(sys.modules, "ibis", None)
    with pytest.raises(MissingExtra) as missing:
        project.run(suite)
    assert missing.value.diagnostics().endswith("pip install 'roadworthy[warehouse]'")


def test_nothing_is_saved_by_stopping_early(project: Project) -> None:
    with pytest.raises(InputError, match=r"quality\.yaml:\d+: a warehouse is counted at once"):
        project.run(project.suite(**GOOD), stopping=Never())
