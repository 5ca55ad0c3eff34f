"""The table of formats, and what holds for all of them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from peer_files import FILES

from roadworthy.core.errors import InputError, Place
from roadworthy.declare.system import ModelPart, System
from roadworthy.evaluate.adapters.json_file import parse_json_object, read_json_object
from roadworthy.evaluate.adapters.peer import OWN_COLUMNS, column_name, peer_row
from roadworthy.evaluate.adapters.table import ADAPTERS, adapter_named, detect, read_peer_log, read_peer_rows
from roadworthy.evaluate.dataset import Dataset, DatasetSpec, Format
from roadworthy.evaluate.imported import which_model
from worked_example import system_value

LOGS = [
    ("inspect", FILES / "inspect" / "task.eval"),
    ("inspect", FILES / "inspect" / "task.json"),
    ("lm-eval", next((FILES / "lm-eval").glob("samples_words_*"))),
    ("every-eval-ever", next((FILES / "every-eval-ever").glob("*.json"))),
    ("deepeval", FILES / "deepeval" / "test_run.json"),
]


def test_every_format_can_be_named_in_a_suite() -> None:
    assert set(ADAPTERS) <= set(Format)


@pytest.mark.parametrize(("name", "path"), LOGS)
def test_every_log_is_told_by_its_file(name: str, path: Path) -> None:
    assert detect(path).format == name


@pytest.mark.parametrize(("name", "path"), LOGS)
def test_rows_have_every_column_of_the_log(name: str, path: Path) -> None:
    log = read_peer_log(name, path)
    assert set(OWN_COLUMNS) <= log.columns
    for _, fields in read_peer_rows(name, path, None):
        assert set(fields) == log.columns
    wanted = frozenset({"id", "case"})
    assert all(set(fields) == wanted for _, fields in read_peer_rows(name, path, wanted))


def test_a_column_that_no_row_has_is_named(tmp_path: Path) -> None:
    shutil.copy(LOGS[0][1], tmp_path)
    spec = DatasetSpec.model_validate({"file": "task.eval", "cluster": "metadata.persona"})
    with pytest.raises(InputError, match=r"no column 'metadata.persona'") as caught:
        Dataset(spec, tmp_path, frozenset()).survey()
    assert "metadata.person" in str(caught.value.remedy)


def test_every_file_of_a_log_is_in_the_digest(tmp_path: Path) -> None:
    for file in (FILES / "lm-eval").iterdir():
        shutil.copy(file, tmp_path)
    spec = DatasetSpec.model_validate({"file": LOGS[2][1].name, "format": "lm-eval"})
    before = Dataset(spec, tmp_path, frozenset()).digest()
    results = next(tmp_path.glob("results_*"))
    results.write_text(results.read_text().replace("example/dummy", "example/other"))
    assert Dataset(spec, tmp_path, frozenset()).digest() != before


def test_an_unknown_file_or_format_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(InputError, match="not a log of a tool"):
        detect(tmp_path / "a.json")
    with pytest.raises(InputError, match="not a log of a tool"):
        detect(tmp_path)
    with pytest.raises(InputError, match="cannot read the dataset"):
        detect(tmp_path / "b.json")
    with pytest.raises(InputError, match="there is no format 'garrak'"):
        adapter_named("garrak")


def test_names_become_columns() -> None:
    row = peer_row(id="a", scores={"inspect_ai/includes": 1.0}, metadata={"per son": "p"})
    assert row["scores.inspect_ai_includes"] == 1.0
    assert row["metadata.per son"] == "p"
    assert column_name("a.b-c_d e") == "a.b-c_d e"
    with pytest.raises(ValueError, match="two names come to the column"):
        peer_row(id="a", scores={"x/y": 1.0, "x:y": 0.0})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": NaN}', "NaN is not a number"),
        ("[1]", "not one JSON object"),
        ("{", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
        ("\xff", "not valid JSON"),
    ],
)
def test_json_that_is_none_is_refused(text: str, words: str) -> None:
    with pytest.raises(InputError, match=words):
        parse_json_object(text.encode("latin-1"), Place("file"))


def test_a_huge_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from roadworthy.evaluate.adapters import json_file

    monkeypatch.setattr(json_file, "MAX_JSON_BYTES", 10)
    (tmp_path / "a.json").write_text('{"a": "0123456789"}')
    with pytest.raises(InputError, match="at most 10 are read"):
        read_json_object(tmp_path / "a.json")


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("gpt-4o", True),
        ("openai/gpt-4o", True),
        ("openai:gpt-4o", True),
        ("gpt-4o-2024-05-13", True),
        ("openai/gpt-4o-2024-05-13", True),
        ("gpt-4o-mini", False),
        ("azure/gpt-4o", False),
        ("openai/azure/gpt-4o", False),
        ("GPT-4o", False),
    ],
)
def test_which_names_mean_a_declared_model(name: str, known: bool) -> None:
    model = ModelPart(id="main", provider="openai", name="gpt-4o", version="2024-05-13")
    declared = System.model_validate(system_value(models=[model.model_dump(exclude_none=True)]))
    assert which_model(name, {}, declared) == ("main" if known else None)
    assert which_model(name, {name: "other"}, declared) == "other"
