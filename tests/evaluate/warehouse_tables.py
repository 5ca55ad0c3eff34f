"""One awkward table, put into every kind of warehouse that can be run here, and into a file for comparison."""

from __future__ import annotations

import os
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pyarrow
import pyarrow.parquet

POSTGRES = os.environ.get("ROADWORTHY_POSTGRES", "postgres://postgres@127.0.0.1:5432/test")
"""A PostgreSQL in which the tests may make a schema of their own."""
COLUMNS = {
    "id": "text",
    "scenario": "text",
    "land": "text",
    "tier": "integer",
    "member": "boolean",
    "label": "boolean",
    "decision": "integer",
    "chance": "double precision",
    "quality": "double precision",
    "failure": "text",
}
_ARROW = {
    "text": pyarrow.string(),
    "integer": pyarrow.int32(),
    "boolean": pyarrow.bool_(),
    "double precision": pyarrow.float64(),
}
# Pairs that a careless collation would merge or sort in another way.
_LANDS = ["DE", "de", "\u00e9", "e\u0301", "\u00df", "ss", "Z", "a", " a", "", None, "it's", '"']
_QUALITIES = [0.0, -0.0, 1.0, 1 / 3, 2 / 3, 0.1, 0.7, 1e-300, None]


def rows(number: int = 900) -> list[dict[str, Any]]:
    """Make the rows: empty text beside null, negative zero, thirds, whole numbers where others have doubles."""
    dice = random.Random(4)
    return [
        {
            "id": f"r{i:04}",
            "scenario": f"s{dice.randrange(60)}",
            "land": dice.choice(_LANDS),
            "tier": dice.choice([1, 2, 10, None]),
            "member": dice.choice([True, False, None]),
            "label": dice.choice([True, False, None]) if i % 9 == 0 else dice.choice([True, False]),
            "decision": dice.choice([0, 1, 1, None]),
            "chance": dice.choice([0.5, dice.random(), dice.random(), None]),
            "quality": dice.choice(_QUALITIES),
            "failure": "timed out" if dice.random() < 0.05 else None,
        }
        for i in range(number)
    ]


@dataclass(frozen=True)
class Place:
    """Where the table is."""

    address: str
    table: str


def write_parquet(path: Path, lines: list[dict[str, Any]]) -> Path:
    """Write the table as a file that the ordinary reader takes row by row."""
    schema = pyarrow.schema([(name, _ARROW[kind]) for name, kind in COLUMNS.items()])
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(lines, schema=schema), path)
    return path


@contextmanager
def duckdb_table(folder: Path, lines: list[dict[str, Any]]) -> Iterator[Place]:
    import duckdb

    write_parquet(folder / "for-duckdb.parquet", lines)
    with duckdb.connect(folder / "w.duckdb") as database:
        database.execute("CREATE SCHEMA live")
        database.execute(
            "CREATE TABLE live.answers AS SELECT * FROM read_parquet(?)", [str(folder / "for-duckdb.parquet")]
        )
    yield Place(f"duckdb://{folder / 'w.duckdb'}", "live.answers")


@contextmanager
def sqlite_table(folder: Path, lines: list[dict[str, Any]]) -> Iterator[Place]:
    database = sqlite3.connect(folder / "w.sqlite")
    database.execute(f"CREATE TABLE answers ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
    places = ", ".join("?" for _ in COLUMNS)
    database.executemany(f"INSERT INTO answers VALUES ({places})", [tuple(line.values()) for line in lines])
    database.commit()
    database.close()
    yield Place(f"sqlite://{folder / 'w.sqlite'}", "answers")


@contextmanager
def postgres_table(folder: Path, lines: list[dict[str, Any]]) -> Iterator[Place]:
    import psycopg

    schema = f"roadworthy_{uuid4().hex[:12]}"
    declared = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
    with psycopg.connect(POSTGRES, autocommit=True) as database:
        try:
            database.execute(f"CREATE SCHEMA {schema}")
            database.execute(f"CREATE TABLE {schema}.answers ({declared})")
            with database.cursor() as cursor, cursor.copy(f"COPY {schema}.answers FROM STDIN") as copy:
                for line in lines:
                    copy.write_row(list(line.values()))
            yield Place(POSTGRES, f"{schema}.answers")
        finally:
            database.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")


@contextmanager
def spark_table(folder: Path, lines: list[dict[str, Any]]) -> Iterator[Place]:
    from pyspark.sql import SparkSession

    settings = {
        "spark.master": "local[1]",
        "spark.ui.enabled": "false",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.warehouse.dir": str(folder / "spark"),
    }
    builder = SparkSession.builder.appName("roadworthy-tests")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    try:
        write_parquet(folder / "for-spark.parquet", lines)
        session.read.parquet(str(folder / "for-spark.parquet")).createOrReplaceTempView("answers")
        yield Place("pyspark://", "answers")
    finally:
        session.stop()


TABLES = {
    "duckdb": duckdb_table,
    "sqlite": sqlite_table,
    "postgres": postgres_table,
    "pyspark": spark_table,
}


def with_password(address: str, password: str) -> str:
    """Put a password into an address."""
    scheme, _, rest = address.partition("://")
    user, _, host = rest.rpartition("@")
    return f"{scheme}://{user.partition(':')[0]}:{quote(password, safe='')}@{host}"
