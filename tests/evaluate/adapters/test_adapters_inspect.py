"""Inspect logs. The files were written by Inspect 0.3.285 itself (make/inspect_logs.py), the figures computed by it."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from peer_files import FILES

from roadworthy.core.errors import InputError
from roadworthy.evaluate.adapters import zip_archive
from roadworthy.evaluate.adapters.figures import Figure, figures
from roadworthy.evaluate.adapters.inspect_log import read_log, read_rows
from roadworthy.evaluate.adapters.inspect_sample import as_number, convert_sample, sample_row
from roadworthy.evaluate.adapters.peer import Lack, PeerLog
from roadworthy.evaluate.adapters.zip_archive import open_zip
from roadworthy.evaluate.dataset import Dataset, DatasetSpec

INSPECT = FILES / "inspect"
TASK = INSPECT / "task.eval"
SAID = json.loads((INSPECT / "figures.json").read_text())


def figure(path: Path, name: str) -> Figure:
    [found] = [item for item in figures(read_log(path), read_rows(path)) if item.score.name == name]
    return found


def members(path: Path) -> dict[str, bytes]:
    with open_zip(path) as archive:
        return {name: archive.read(name) for name in archive.names()}


def deflated(path: Path, content: dict[str, bytes]) -> Path:
    """Write the archive as versions before zstandard did."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    ("score", "theirs", "metric"),
    [
        ("includes", "includes", "accuracy"),
        ("style.tone", "tone", "mean"),
        ("grade", "grade", "accuracy"),
        ("model_graded_qa", "model_graded_qa", "accuracy"),
    ],
)
def test_mean_and_standard_error_are_those_of_inspect(score: str, theirs: str, metric: str) -> None:
    found = figure(TASK, score).estimate
    assert found is not None
    assert found.estimate == pytest.approx(SAID["scores"][theirs][metric], abs=1e-9)
    assert found.standard_error == pytest.approx(SAID["scores"][theirs]["stderr"], abs=1e-9)
    assert figure(TASK, score).score.reported == SAID["scores"][theirs]


def test_what_the_header_says() -> None:
    log = read_log(TASK)
    assert (log.harness, log.version, log.task) == ("inspect_ai", SAID["version"], "order-questions")
    assert log.models == ("mockllm/model",)
    assert (log.rows, log.planned, log.epochs, log.cluster) == (24, SAID["total_samples"], 2, "case")
    assert log.lacking == ()
    assert {score.name: score.judge for score in log.scores}["model_graded_qa"] == "mockllm/judge"


def test_errors_and_what_could_not_be_scored_stay_in_sight() -> None:
    rows = {fields["id"]: fields for _, fields in read_rows(TASK)}
    assert rows["case-05#1"]["error"] == "ValueError('the tool broke')"
    assert sum(bool(row["error"]) for row in rows.values()) == SAID["total_samples"] - SAID["completed_samples"]
    assert [rows[f"case-03#{epoch}"]["scores.grade"] for epoch in (1, 2)] == [None, None]
    assert figure(TASK, "grade").missing == 4
    assert figure(TASK, "style.length").estimate is None


def test_rows_hold_what_was_asked_and_answered() -> None:
    row = {fields["id"]: fields for _, fields in read_rows(TASK)}["case-04#2"]
    assert row["input"] == "Where is order 4?"
    assert row["output"] == "It is order 104, on its way."
    assert (row["case"], row["epoch"], row["target"], row["metadata.topic"]) == ("case-04", 2, "order 4", "returns")


def test_attachments_are_put_where_they_belong() -> None:
    """Inspect keeps an image once, apart from the messages that show it."""
    assert b'"image":"attachment://' in members(INSPECT / "started.eval")["samples/case-02_epoch_1.json"]
    row = {fields["id"]: fields for _, fields in read_rows(INSPECT / "started.eval")}["case-02"]
    assert row["input"][0]["content"][0]["image"].startswith("data:image/png;base64,")


@pytest.mark.parametrize(("name", "status"), [("started.eval", "started"), ("failed.eval", "error")])
def test_a_run_that_was_cut_off_counts_what_it_planned(name: str, status: str, tmp_path: Path) -> None:
    log = read_log(INSPECT / name)
    assert (log.rows, log.planned) == (7, 12)
    assert f"status {status}" in log.notes[0]
    shutil.copy(INSPECT / name, tmp_path)
    assert Dataset(DatasetSpec.model_validate({"file": name}), tmp_path, frozenset()).survey().rows == 12


def test_json_and_archive_read_alike(tmp_path: Path) -> None:
    """The JSON log is of the same task, limited to four cases and one epoch, where no case repeats."""
    log = read_log(INSPECT / "task.json")
    assert (log.rows, log.planned, log.lacking) == (4, 4, (Lack.CLUSTERS,))
    content = json.loads((INSPECT / "task.json").read_text())
    files = {f"samples/{s['id']}_epoch_1.json": json.dumps(s).encode() for s in content["samples"]}
    archive = deflated(tmp_path / "task.eval", {"header.json": json.dumps(content).encode(), **files})
    assert list(read_rows(archive)) == list(read_rows(INSPECT / "task.json"))


def test_archives_of_old_versions_are_deflated(tmp_path: Path) -> None:
    assert list(read_rows(deflated(tmp_path / "old.eval", members(TASK)))) == list(read_rows(TASK))


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ({"score": {"value": "C"}}, {"scores.score": 1.0}),
        ({"scores": {"s": {"value": [True, "N"]}}}, {"scores.s.0": 1.0, "scores.s.1": 0.0}),
        ({"output": {"choices": [{"message": {"content": [{"type": "text", "text": "yes"}]}}]}}, {"output": "yes"}),
        ({"invalidation": {"reason": "leaked"}}, {"error": "invalidated: leaked"}),
        ({"limit": {"type": "token", "limit": 9}}, {"metadata.sample_limit": "token"}),
        ({"metadata": {"odds": float("inf")}}, {"metadata.odds": None}),
    ],
)
def test_other_forms_of_a_sample(sample: dict[str, Any], expected: dict[str, Any], tmp_path: Path) -> None:
    from roadworthy.core.errors import Place

    place = Place("log")
    row = sample_row(convert_sample({"id": 1, "epoch": 1, **sample}, place), "m", 1, place)
    assert {key: row[key] for key in expected} == expected


@pytest.mark.parametrize(
    ("value", "number"),
    [("C", 1.0), ("I", 0.0), ("P", 0.5), ("N", 0.0), ("Yes", 1.0), ("false", 0.0), ("0.25", 0.25), (True, 1.0)],
)
def test_values_of_scores(value: Any, number: float) -> None:
    """inspect_ai.scorer.value_to_float; test_adapters_peer_tools.py asks Inspect itself."""
    assert as_number(value) == number


@pytest.mark.parametrize("value", ["maybe", "nan", float("nan"), float("inf"), None, {}, [1]])
def test_a_value_without_meaning_is_no_score(value: Any) -> None:
    assert as_number(value) is None


def header(path: Path, **changes: Any) -> PeerLog:
    """Read the JSON log with other keys in its header; a key with a dot changes an inner object."""
    content = json.loads((INSPECT / "task.json").read_text())
    for key, value in changes.items():
        outer, _, inner = key.partition("__")
        if inner:
            content[outer][inner] = value
        else:
            content[outer] = value
    path.write_text(json.dumps(content))
    return read_log(path)


def judge_of(log: PeerLog) -> str | None:
    return {score.name: score.judge for score in log.scores}["model_graded_qa"]


def test_who_judged(tmp_path: Path) -> None:
    """Inspect's model_graded_qa: its own model, else the role `grader`, else the model that is evaluated."""
    path, plain = tmp_path / "log.json", [{"name": "inspect_ai/model_graded_qa", "options": {}}]
    assert judge_of(header(path, eval__scorers=plain)) == "mockllm/model"
    roles = {"grader": {"model": "openai/gpt-4o"}}
    assert judge_of(header(path, eval__scorers=plain, eval__model_roles=roles)) == "openai/gpt-4o"
    named = [{"name": "model_graded_qa", "options": {"model": "openai/o1"}}]
    assert judge_of(header(path, eval__scorers=named)) == "openai/o1"
    unknown = header(path, eval__scorers=[])
    assert judge_of(unknown) is None
    assert Lack.JUDGE in unknown.lacking
    assert "mockllm/judge" in unknown.notes[0]


def test_what_a_header_may_lack(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    assert Lack.VERSION in header(path, eval__packages={}).lacking
    assert Lack.PLAN in header(path, eval__dataset={}, results=None).lacking
    assert Lack.TIME in header(path, stats={}, eval__created="yesterday").lacking
    assert Lack.SAMPLES in header(path, samples=[]).lacking
    empty = header(path, eval__model="none/none", samples=[])
    assert (empty.models, Lack.MODEL in empty.lacking) == ((), True)


def test_what_a_header_says_besides(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    reduced = header(path, eval__config={"epochs": 1, "epochs_reducer": ["at_least_2"]})
    assert "at_least_2" in reduced.notes[0]
    assert "marked as invalid" in header(path, invalidated=True).notes[0]
    assert header(path, eval__dataset={"samples": 9}, results=None).planned == 9


def truncated(path: Path) -> None:
    path.write_bytes(TASK.read_bytes()[:-500])


def not_a_zip(path: Path) -> None:
    path.write_text("hello")


def foreign_zip(path: Path) -> None:
    deflated(path, {"mimetype": b"text"})


def outward(path: Path) -> None:
    deflated(path, {"header.json": b"{}", "samples/../../../evil.json": b"{}"})


def damaged(path: Path) -> None:
    data = bytearray(TASK.read_bytes())
    data[2000] ^= 0xFF
    path.write_bytes(bytes(data))


def newer(path: Path) -> None:
    content = members(TASK)
    header = json.loads(content["header.json"])
    deflated(path, {"header.json": json.dumps({**header, "version": 9}).encode()})


def no_sample(path: Path) -> None:
    deflated(path, {**members(TASK), "samples/zz.json": b'{"answer": 42}'})


def half_a_sample(path: Path) -> None:
    deflated(path, {**members(TASK), "samples/zz.json": b'{"id": 1, "epo'})


def lying_about_its_size(path: Path) -> None:
    """The directory of the archive says one byte less than there is, and Python reads no more."""
    deflated(path, {"header.json": b"{}" + b" " * 1000})
    data = path.read_bytes()
    path.write_bytes(data.replace((1002).to_bytes(4, "little"), (1001).to_bytes(4, "little")))


def lying_in_zstandard(path: Path) -> None:
    """The same for a member that Python does not read."""
    data = TASK.read_bytes()
    with zipfile.ZipFile(TASK) as archive:
        size = archive.getinfo("header.json").file_size
    at = data.rindex(size.to_bytes(4, "little"))
    path.write_bytes(data[:at] + (size - 1).to_bytes(4, "little") + data[at + 4 :])


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (truncated, "not a whole zip archive"),
        (not_a_zip, "is not a zip archive"),
        (foreign_zip, "neither header.json nor _journal/start.json"),
        (outward, "leads out of the archive"),
        (damaged, "cannot be read"),
        (newer, "version 9"),
        (no_sample, "not a sample as Inspect writes it"),
        (half_a_sample, "not valid JSON"),
        (lying_about_its_size, "Bad CRC-32"),
        (lying_in_zstandard, "does not have the"),
    ],
)
def test_a_broken_log_is_refused_by_name(write: Callable[[Path], None], words: str, tmp_path: Path) -> None:
    path = tmp_path / "log.eval"
    write(path)
    with pytest.raises(InputError) as caught:
        read_log(path)
    assert words in caught.value.problem
    assert "log.eval" in str(caught.value.place)


def test_a_bomb_is_refused_before_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_archive, "MAX_MEMBER_BYTES", 10_000)
    path = deflated(tmp_path / "log.eval", {"header.json": b" " * 1_000_000})
    with pytest.raises(InputError, match="at most 10,000 are read"):
        read_log(path)


def test_a_sample_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    content = members(TASK)
    deflated(tmp_path / "log.eval", {**content, "samples/again.json": content["samples/case-00_epoch_1.json"]})
    with pytest.raises(InputError, match="occurs twice"):
        Dataset(DatasetSpec.model_validate({"file": "log.eval"}), tmp_path, frozenset()).survey()


@pytest.mark.parametrize("missing", ["eval", "version"])
def test_a_json_file_that_is_no_log_is_refused(missing: str, tmp_path: Path) -> None:
    content = json.loads((INSPECT / "task.json").read_text())
    del content[missing]
    (tmp_path / "log.json").write_text(json.dumps(content))
    with pytest.raises(InputError, match="not a readable log of Inspect"):
        read_log(tmp_path / "log.json")
