"""The rows that count towards a rate, as a query: one value for each sample, with a weight."""

# ruff: noqa: S608 - column names are quoted by quote; nothing else is put into the queries

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from roadworthy.evaluate.metrics.metric import Rate
from roadworthy.evaluate.metrics.passes import Passes
from roadworthy.evaluate.result_table import WEIGHT, columns_of

if TYPE_CHECKING:
    import duckdb


def rate_rows(database: duckdb.DuckDBPyConnection, view: str, rate: Rate, keys: Sequence[str]) -> str:
    """Write the query of the rows that count towards a rate.

    Its columns: sample, epoch, `keys` (quoted names), unit `u`, value `v`, whether there is no score `e`, and how many
    samples the row stands for `w`. It takes one parameter: what a row without a score counts as.
    """
    columns = columns_of(database, view)
    rows = _scored_rows(view, rate, keys, columns)
    return _sample_rows(database, view, rate.passes, rows, keys) if rate.passes else rows


def _scored_rows(view: str, rate: Rate, keys: Sequence[str], columns: set[str]) -> str:
    score = f'"score.{rate.reads}"'
    value = f"1 - {score}" if rate.complement else score
    known = f"status <> 'errored' AND {score} IS NOT NULL"
    where = "TRUE"
    if rate.label is not None:
        where += f' AND ("score.label" = {rate.label} OR "score.label" IS NULL)'
    if rate.leaves_out and f"slice.{rate.leaves_out[0]}" in columns:
        where += f""" AND "slice.{rate.leaves_out[0]}" IS DISTINCT FROM '{rate.leaves_out[1]}'"""
    weight = WEIGHT if WEIGHT in columns else "1"
    return f"""SELECT sample, epoch, {_listed(keys)} coalesce(unit, sample) AS u,
               CASE WHEN {known} THEN {value} ELSE ? END AS v, NOT ({known}) AS e, {weight} AS w
               FROM {view} WHERE {where}"""


def _sample_rows(database: duckdb.DuckDBPyConnection, view: str, passes: Passes, rows: str, keys: Sequence[str]) -> str:
    """Write the query that makes one value of the epochs of each sample."""
    listed = _listed(keys)
    found = database.execute(f"SELECT DISTINCT n FROM (SELECT count(*) AS n FROM {view} GROUP BY sample)").fetchall()
    chances = ", ".join(f"({n}, {c}, '{passes.value(n, c)!r}'::DOUBLE)" for (n,) in sorted(found) for c in range(n + 1))
    counted = f"""SELECT sample, {listed} u, count(*) AS n, sum(v)::BIGINT AS c, bool_or(e) AS e
                  FROM ({rows}) GROUP BY sample, {listed} u"""
    return f"""SELECT sample, 0 AS epoch, {listed} u, value AS v, e, 1 AS w
               FROM ({counted}) JOIN (VALUES {chances or "(0, 0, 0::DOUBLE)"}) AS chances(n, c, value) USING (n, c)"""


def _listed(keys: Sequence[str]) -> str:
    return "".join(f"{key}, " for key in keys)
