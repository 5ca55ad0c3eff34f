"""From a log of garak, PyRIT, promptfoo or DeepEval to sealed evidence: its counts, its harness, what it lacks."""

from __future__ import annotations

from pathlib import Path

import pytest
from peer_files import FILES, unpack

from roadworthy.evaluate.adapters.table import adapter_named, read_peer_rows
from roadworthy.evidence.predicate import Measured, predicate_dict
from roadworthy.project.project import Project
from worked_example import Command

AFTER_THE_LOGS = "2026-11-25T00:00:00Z"
CASES = [
    ("garak", "run.report.jsonl", "primary_hit=attack_success", ("garak", "0.17.1"), (24, 4, 0), [], set()),
    ("pyrit", "memory.db", "outcome=attack_success", ("pyrit", "1.1.0"), (9, 2, 1), ["example/judge-1"], {"plan"}),
    ("promptfoo", "results.json", "answer=correct", ("promptfoo", "0.123.1"), (24, 8, 8), [], set()),
    (
        "deepeval",
        "test_run.json",
        "success=correct",
        ("deepeval", "not recorded"),
        (6, 0, 1),
        ["local/judge-1"],
        {"errors", "plan", "time", "version"},
    ),
]
"""Format, file, score, name and version, scored / errored / unscored samples, judges, what is lacking."""


def log_of(name: str, file: str, folder: Path) -> Path:
    packed = (FILES / name / f"{file}.gz").exists()
    return unpack(name, file, folder) if packed else FILES / name / file


@pytest.mark.parametrize(("name", "file", "score", "harness", "counts", "judges", "lacking"), CASES)
def test_a_log_becomes_evidence(
    name: str,
    file: str,
    score: str,
    harness: tuple[str, str],
    counts: tuple[int, int, int],
    judges: list[str],
    lacking: set[str],
    command: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ROADWORTHY_NOW", AFTER_THE_LOGS)
    (command.example.directory / "evals" / "answers.yaml").unlink()
    said = command("import", log_of(name, file, tmp_path), "--suite", "theirs", "--score", score)
    assert said.code == 0, said.text
    assert command("evaluate", "theirs").code == 0
    records = Project.open(command.example.directory).store.records()
    [measured] = [predicate_dict(r.predicate) for r in records if isinstance(r.predicate, Measured)]
    assert (measured["harness"]["name"], measured["harness"]["version"]) == harness
    found = measured["counts"]
    assert (found["scored"], found["errored"], found["unscored"]) == counts
    assert found["planned"] == sum(counts)
    source = measured["source"]
    assert (source["format"], list(source["judges"])) == (name, judges)
    assert set(source["lacking"]) == lacking | ({"calibration"} if judges else set())
    assert all(model["declared"] is None for model in source["models"])


@pytest.mark.parametrize(("name", "file"), [case[:2] for case in CASES])
def test_rows_have_every_column_of_the_log(name: str, file: str, tmp_path: Path) -> None:
    path = log_of(name, file, tmp_path)
    columns = adapter_named(name).log(path).columns
    rows = [fields for _, fields in read_peer_rows(name, path, None)]
    assert all(set(fields) == columns for fields in rows)
    assert len({fields["id"] for fields in rows}) == len(rows)
