"""The warehouses that are known, and how each is connected to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from roadworthy.core.errors import InputError
from roadworthy.evaluate.warehouse.backend import Backend, Expression

if TYPE_CHECKING:
    import pyarrow


@dataclass(frozen=True)
class Kind:
    """One kind of warehouse."""

    title: str
    connect: Callable[[str], Backend]
    compared: bool
    """Its counts were compared with those of other warehouses; else only its SQL was looked at."""


class DuckDB:
    """DuckDB by its own client.

    ibis writes the SQL, but version 12 runs it by functions that DuckDB 2 no longer has.
    """

    name = "duckdb"

    def __init__(self, address: str) -> None:
        import duckdb

        parts = urlsplit(address)
        if parts.query:
            raise InputError("the address of DuckDB takes no settings", remedy="Write duckdb://PATH.")
        self._connection = duckdb.connect(f"{parts.netloc}{parts.path}", read_only=True)

    def table(self, name: str, /, *, database: tuple[str, ...] | None = None) -> Expression:
        """Return a table as an expression."""
        import ibis
        from ibis.backends.sql.datatypes import DuckDBType

        named = ".".join(f'"{part.replace(chr(34), chr(34) * 2)}"' for part in (*(database or ()), name))
        columns = self._connection.execute(f"DESCRIBE {named}").fetchall()
        schema = {str(column[0]): DuckDBType.from_string(str(column[1])) for column in columns}
        catalog, within = (None, None, *(database or ()))[-2:]
        return ibis.table(schema, name=name, catalog=catalog, database=within)

    def compile(self, expression: Expression, /) -> str:
        """Write the SQL of an expression."""
        import ibis

        return str(ibis.to_sql(expression, dialect="duckdb"))

    def to_pyarrow(self, expression: Expression, /) -> pyarrow.Table:
        """Run an expression."""
        return self._connection.sql(self.compile(expression)).to_arrow_table()

    def disconnect(self) -> None:
        """Close the file."""
        self._connection.close()


class Spark:
    """Spark by the session that is active, or by the one that Spark's own settings describe."""

    name = "pyspark"

    def __init__(self, address: str) -> None:
        import ibis
        from pyspark.sql import SparkSession

        if address.rstrip("/") != "pyspark:":
            raise InputError(
                "the address of Spark is 'pyspark://' and nothing more",
                remedy="Put Spark's settings into spark-defaults.conf, or start the session yourself.",
            )
        self._own = SparkSession.getActiveSession() is None
        self._backend: Any = ibis.pyspark.connect()
        self.table, self.compile, self.to_pyarrow = (
            self._backend.table,
            self._backend.compile,
            self._backend.to_pyarrow,
        )

    def disconnect(self) -> None:
        """Stop the session, unless somebody else started it."""
        if self._own:
            self._backend.disconnect()


def _ibis(address: str) -> Backend:
    import ibis

    backend: Backend = ibis.connect(address)
    return backend


KINDS: dict[str, Kind] = {
    "duckdb": Kind("DuckDB", DuckDB, compared=True),
    "postgres": Kind("PostgreSQL", _ibis, compared=True),
    "postgresql": Kind("PostgreSQL", _ibis, compared=True),
    "pyspark": Kind("Spark", Spark, compared=True),
    "sqlite": Kind("SQLite", _ibis, compared=True),
    "snowflake": Kind("Snowflake", _ibis, compared=False),
    "bigquery": Kind("BigQuery", _ibis, compared=False),
    "databricks": Kind("Databricks", _ibis, compared=False),
}
"""By the start of the address."""
