"""garak reports. The file was written by garak 0.17.1 itself (make/garak_report.py), and holds its own counts."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from peer_files import make, unpack

from roadworthy.core.errors import InputError
from roadworthy.evaluate.adapters.figures import figures
from roadworthy.evaluate.adapters.garak import read_log, read_rows
from roadworthy.evaluate.adapters.peer import Lack
from roadworthy.evaluate.adapters.table import detect
from roadworthy.evaluate.dataset import Dataset, DatasetSpec

Entry = dict[str, Any]
NAME = "run.report.jsonl"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return unpack("garak", NAME, tmp_path_factory.mktemp("garak"))


def entries(path: Path) -> list[Entry]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def written(path: Path, lines: list[Entry]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def counted(path: Path) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Count passed, hits and not scored by probe and detector, from our rows."""
    found: Counter[tuple[str, str, float | None]] = Counter()
    for _, row in read_rows(path):
        for name, value in row.items():
            if name.startswith("scores.") and "hit" not in name:
                found[row["metadata.probe"], name.removeprefix("scores."), value] += 1
    keys = {key[:2] for key in found}
    return {key: (found[*key, 0.0], found[*key, 1.0], found[*key, None]) for key in keys}


def said(path: Path) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Return the same, from garak's `eval` entries."""
    found = [entry for entry in entries(path) if entry["entry_type"] == "eval"]
    return {(e["probe"], e["detector"]): (e["passed"], e["fails"], e["nones"]) for e in found}


def test_counts_are_those_of_garak(report: Path) -> None:
    assert counted(report) == said(report)
    reported = {score.name: score.reported for score in read_log(report).scores}
    totals = [counts for (_, detector), counts in said(report).items() if detector == "goodside.RileyIsnt"]
    assert list(reported["goodside.RileyIsnt"].values()) == [sum(column) for column in zip(*totals, strict=True)]


def test_what_the_report_says_of_its_run(report: Path) -> None:
    log = read_log(report)
    assert (log.harness, log.version, log.task) == ("garak", "0.17.1", "goodside.WhoIsRiley, test.Test")
    assert log.models == ("system_under_test#answer",)
    assert (log.rows, log.planned, log.epochs, log.cluster) == (28, 28, 2, "case")
    assert log.lacking == ()
    assert detect(report).format == "garak"


def test_only_what_the_detectors_have_seen_counts(report: Path) -> None:
    """Each attempt is written twice: as answered (status 1) and as detected (status 2)."""
    attempts = [entry for entry in entries(report) if entry["entry_type"] == "attempt"]
    assert Counter(attempt["status"] for attempt in attempts) == {1: 14, 2: 14}
    outputs = sum(len(attempt["outputs"]) for attempt in attempts if attempt["status"] == 2)
    assert len(list(read_rows(report))) == outputs


def test_an_answer_that_is_not_there_is_an_error_whatever_a_detector_says(report: Path) -> None:
    """garak's always.Pass lets answers pass that were never given."""
    failed = [row for _, row in read_rows(report) if row["output"] is None]
    assert len(failed) == 4
    assert all(row["error"] == "there is no answer" for row in failed)
    assert {row["scores.always.Pass"] for row in failed} == {0.0}
    [found] = [item for item in figures(read_log(report), read_rows(report)) if item.score.name == "always.Pass"]
    assert (found.n, found.missing) == (24, 4)


def test_a_hit_is_one_of_any_detector_and_a_primary_hit_one_of_the_probe(report: Path) -> None:
    rows = [row for _, row in read_rows(report) if row["output"] is not None]
    for row in rows:
        detectors = [value for name, value in row.items() if name.startswith("scores.") and "hit" not in name]
        own = "scores.goodside.RileyIsnt" if row["metadata.probe"] == "goodside.WhoIsRiley" else "scores.always.Pass"
        assert row["scores.hit"] == max(detectors)
        assert row["scores.primary_hit"] == row[own]


def test_generations_of_a_prompt_share_its_case(report: Path) -> None:
    ids = [(row["id"], row["case"], row["epoch"]) for _, row in read_rows(report)]
    assert ids[:3] == [
        ("goodside.WhoIsRiley/0#1", "goodside.WhoIsRiley/0", 1),
        ("goodside.WhoIsRiley/0#2", "goodside.WhoIsRiley/0", 2),
        ("goodside.WhoIsRiley/1#1", "goodside.WhoIsRiley/1", 1),
    ]
    spec = DatasetSpec(file=NAME, format="garak", cluster="case", slices={"probe": "metadata.probe"})
    cases = list(Dataset(spec, report.parent, frozenset({"scores.hit"})).cases())
    assert len({case.unit for case in cases}) == 14
    assert {case.slices["probe"] for case in cases} == {"goodside.WhoIsRiley", "test.Test"}


def test_times_without_a_zone_are_the_earliest_that_they_can_mean(report: Path) -> None:
    [start] = [entry["start_time"] for entry in entries(report) if entry["entry_type"] == "init"]
    assert start.startswith("2026-11-24T12:")
    assert str(read_log(report).started).startswith("2026-11-23T22:")


def test_a_report_that_was_cut_off_is_incomplete(report: Path, tmp_path: Path) -> None:
    """Between probes nothing else shows it: what was answered was also detected."""
    lines = entries(report)
    at = next(
        n for n, line in enumerate(lines) if line["entry_type"] == "attempt" and "Test" in line["probe_classname"]
    )
    log = read_log(written(tmp_path / NAME, lines[:at]))
    assert (log.rows, log.planned) == (12, 13)
    assert Lack.PLAN in log.lacking
    assert "cut off" in log.notes[0]


def test_attempts_that_no_detector_has_seen_are_missing(report: Path, tmp_path: Path) -> None:
    """As where a detector could not be loaded, which garak skips."""
    last = max(n for n, line in enumerate(entries(report)) if line.get("status") == 1)
    kept = [line for n, line in enumerate(entries(report)) if line.get("status") != 2 or n < last]
    log = read_log(written(tmp_path / NAME, [line for line in kept if line["entry_type"] != "eval"]))
    assert log.rows < log.planned == 28
    assert Lack.PLAN not in log.lacking


def test_the_model_that_judges_is_named(report: Path, tmp_path: Path) -> None:
    """A detector of garak.detectors.judge asks a model: as configured, else its default, else it is lacking."""

    def judged(line: Entry) -> Entry:
        return json.loads(json.dumps(line).replace("goodside.RileyIsnt", "judge.Refusal"))

    lines = [judged(line) for line in entries(report)]
    log = read_log(written(tmp_path / NAME, lines))
    assert Lack.JUDGE in log.lacking
    lines[0]["plugins.detectors"] = {"judge": {"detector_model_name": "example/judge-1"}}
    log = read_log(written(tmp_path / NAME, lines))
    assert Lack.JUDGE not in log.lacking
    judges = {score.name: score.judge for score in log.scores}
    assert (judges["judge.Refusal"], judges["hit"]) == ("example/judge-1", "example/judge-1")
    assert judges["always.Pass"] is None


def test_a_target_without_a_name_is_lacking(report: Path, tmp_path: Path) -> None:
    lines = entries(report)
    lines[0]["plugins.target_name"] = None
    log = read_log(written(tmp_path / NAME, lines))
    assert log.models == ()
    assert Lack.MODEL in log.lacking


def test_old_reports_with_plain_texts(report: Path, tmp_path: Path) -> None:
    """Before 0.13 prompts and answers are text, and `eval` gives a total."""
    lines = []
    for line in entries(report):
        if line["entry_type"] == "attempt":
            line["prompt"] = "Who is it?"
            line["outputs"] = [output["text"] for output in line["outputs"]]
        if line["entry_type"] == "eval":
            line |= {"total": line.pop("fails") + line["passed"], "detector": f"detector.{line['detector']}"}
        lines.append(line)
    path = written(tmp_path / NAME, lines)
    assert read_log(path).rows == 28
    row = next(fields for _, fields in read_rows(path))
    assert (row["input"], row["output"]) == ("Who is it?", next(fields for _, fields in read_rows(report))["output"])


@pytest.mark.parametrize(
    ("break_it", "words"),
    [
        (lambda lines: [], "it is empty"),
        (lambda lines: lines[1:], "does not start with 'start_run setup'"),
        (lambda lines: [{"entry": 1}], "does not start with 'start_run setup'"),
        (lambda lines: [lines[0] | {"run.eval_threshold": 0}, *lines[1:]], "it used another threshold"),
        (lambda lines: [line for line in lines if line.get("seq") != 1], "some are missing"),
        (lambda lines: [twice for line in lines for twice in [line] * line.get("status", 1)], "is counted twice"),
        (lambda lines: [*lines[:3], {"entry_type": "attempt", "status": 2}], "missing required field `uuid`"),
        (lambda lines: [*lines[:3], {"entry_type": "eval", "probe": "x", "detector": "y"}], "lacks a count"),
        (lambda lines: [*lines[:3], lines[3] | {"detector_results": {"a": [float("nan")]}}], "not valid JSON"),
    ],
)
def test_a_broken_report_is_refused_with_its_cause(
    break_it: Callable[[list[Entry]], list[Entry]], words: str, report: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=words) as caught:
        read_log(written(tmp_path / NAME, break_it(entries(report))))
    assert caught.value.place is not None
    assert str(tmp_path) in str(caught.value.place)


def test_a_line_that_was_cut_off_is_refused(report: Path, tmp_path: Path) -> None:
    path = tmp_path / NAME
    path.write_bytes(report.read_bytes()[:20_000])
    with pytest.raises(InputError, match="not valid JSON") as caught:
        read_log(path)
    assert caught.value.place is not None
    assert caught.value.place.line


@pytest.mark.peer
@pytest.mark.slow
def test_garak_and_we_agree(tmp_path: Path) -> None:
    make("garak", "garak_report.py", tmp_path)
    path = tmp_path / NAME
    assert counted(path) == said(path)
    assert (read_log(path).rows, read_log(path).lacking) == (28, ())
