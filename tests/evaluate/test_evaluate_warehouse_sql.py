"""The SQL for warehouses that cannot be run here: each expression compiles and is read by a parser of that dialect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from roadworthy.core.errors import InputError
from roadworthy.evaluate.template import column_or_template
from roadworthy.evaluate.warehouse.cells import Question, cells_of, ids_of
from roadworthy.evaluate.warehouse.connection import Warehouse
from roadworthy.evaluate.warehouse.kinds import KINDS, Kind
from roadworthy.evaluate.warehouse.spec import WarehouseSpec

pytestmark = pytest.mark.extra
SCHEMA = {
    "id": "string",
    "number": "int64",
    "land": "string",
    "member": "boolean",
    "label": "int32",
    "chance": "float64",
    "small": "float32",
    "price": "decimal(12, 3)",
}
QUESTIONS = {
    "plain": Question(column_or_template("id"), frozenset({"land", "label", "member", "small", "price"}), {}),
    "threshold": Question(column_or_template("id"), frozenset({"land", "label", "chance"}), {}, ("chance", 0.5)),
    "filtered": Question(
        column_or_template("{land}/{number}"),
        frozenset({"label"}),
        {"land": ["DE", "it's", None], "number": [1, -2], "member": True},
    ),
}
DIALECTS = ["snowflake", "bigquery", "databricks", "postgres", "duckdb"]


class Compiling:
    """A backend that writes SQL and runs nothing."""

    def __init__(self, dialect: str) -> None:
        self.name = dialect

    def table(self, name: str, /, *, database: tuple[str, ...] | None = None) -> Any:
        import ibis

        return ibis.table(SCHEMA, name=name)

    def compile(self, expression: Any, /) -> str:
        import ibis

        return str(ibis.to_sql(expression, dialect=self.name))

    def to_pyarrow(self, expression: Any, /) -> Any:
        raise AssertionError("nothing may run")

    def disconnect(self) -> None:
        """Nothing is connected."""


def warehouse(dialect: str) -> Warehouse:
    kind = Kind(dialect, Compiling, compared=False)
    return Warehouse(WarehouseSpec(connection_env="X", table="answers"), kind, Compiling(dialect), (), None)


@pytest.mark.parametrize("question", sorted(QUESTIONS))
@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_question_compiles(dialect: str, question: str) -> None:
    import sqlglot
    from sqlglot import expressions

    asked = QUESTIONS[question]
    house = warehouse(dialect)
    columns, cells = cells_of(house.table(), asked, None)
    assert set(columns) == asked.columns
    for expression in (cells, ids_of(house.table(), asked, None)):
        house.refuse_missing_verbs(expression)
        (parsed,) = sqlglot.parse(house.backend.compile(expression), dialect=dialect)
        assert parsed is not None
        assert parsed.find(expressions.Select), parsed
        assert parsed.find(expressions.Count), parsed
    (counted,) = sqlglot.parse(house.backend.compile(cells), dialect=dialect)
    assert counted is not None
    keys = counted.find(expressions.Group)
    assert keys is not None
    sides = 2 if asked.cut else 0
    assert len(keys.expressions) == len(asked.columns) - (1 if asked.cut else 0) + sides


@pytest.mark.parametrize("dialect", ["sqlite", "mssql"])
def test_a_verb_that_is_lacking_is_named_before_anything_runs(dialect: str) -> None:
    house = warehouse(dialect)
    _, cells = cells_of(house.table(), QUESTIONS["threshold"], None)
    with pytest.raises(InputError, match=f"{dialect} has no verb 'IsNan', which counting answers needs"):
        house.run(cells)


def test_the_kinds_are_those_of_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "warehouse.md").read_text("utf-8")
    for scheme, kind in KINDS.items():
        assert f"| {kind.title} | `{scheme}://" in page, scheme
