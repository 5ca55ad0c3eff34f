"""A team whose answers stay in a warehouse: from the table to a verdict that others verify without it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from worked_example import Command

pytestmark = [pytest.mark.extra, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
SUITE = {
    "dataset": {"warehouse": {"connection_env": "ANSWERS_AT", "table": "live.answers"}, "slices": ["topic"]},
    "target": {"kind": "logs", "scores": {"correct": "correct"}, "error": "failure"},
    "scorers": [],
}


def store(path: Path, sql: str) -> None:
    with duckdb.connect(path) as database:
        database.execute(sql)


def test_a_verdict_on_rows_that_never_left_the_warehouse(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "company.duckdb"
    store(file, "CREATE SCHEMA live")
    # 100,000 answers, 1 in 10 wrong, 1 in 1,000 without an answer.
    store(
        file,
        """CREATE TABLE live.answers AS SELECT 'c' || i AS id, i % 10 <> 0 AS correct,
           CASE WHEN i % 4 = 0 THEN 'orders' ELSE 'returns' END AS topic,
           CASE WHEN i % 1000 = 1 THEN 'timed out' END AS failure FROM range(100000) AS r(i)""",
    )
    monkeypatch.setenv("ANSWERS_AT", f"duckdb://{file}")
    command.example.suite(**SUITE)
    said = command("check")
    assert said.code == 0, said.text
    said = command("evaluate")
    assert "100,000 of 100,000 samples" in said.text
    command.sign_all()

    assert command.gate().code == 0
    status, reason = command.outcome()
    assert (status, "89.9 %" in reason, "n = 100,000, 100 without a score" in reason) == ("met", True, True), reason
    assert sum(path.stat().st_size for path in command.out.glob("bundle.zip")) < 500_000

    monkeypatch.delenv("ANSWERS_AT")
    said = command.verify()
    assert (said.code, "Verified" in said.text) == (0, True), said.text

    monkeypatch.setenv("ANSWERS_AT", f"duckdb://{file}")
    store(file, "UPDATE live.answers SET correct = false WHERE id = 'c11'")
    assert command.gate().code == 3
    assert "dataset was changed" in command.outcome()[1]
