"""Datasets: every format, bounded memory, and every way a file can be wrong."""

from __future__ import annotations

import io
import json
import tarfile
import tracemalloc
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet
import pytest

from roadworthy.core.digests import sha256_bytes
from roadworthy.core.errors import InputError
from roadworthy.evaluate.case import Case
from roadworthy.evaluate.dataset import Dataset, DatasetSpec

ROWS = [
    {"id": "a", "q": "one", "group": "x", "k": 1},
    {"id": "b", "q": "two", "group": "y", "k": 1},
    {"id": "c", "q": 'three, "quoted"\nand more', "group": "", "k": 2},
]


def jsonl(path: Path) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS) + "\n")


def csv_file(path: Path) -> None:
    path.write_bytes(b'\xef\xbb\xbfid,q,group,k\r\na,one,x,1\r\nb,two,y,1\r\nc,"three, ""quoted""\nand more",,2\r\n')


def parquet(path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(ROWS), path)


def archive(path: Path) -> None:
    with tarfile.open(path, "w:xz") as tar:
        for row in ROWS:
            data = json.dumps(row).encode()
            info = tarfile.TarInfo(f"runs/{row['id']}.json")
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def directory(path: Path) -> None:
    (path / "runs").mkdir(parents=True)
    for row in ROWS:
        (path / "runs" / f"{row['id']}.json").write_text(json.dumps(row))


def read(folder: Path, needed: frozenset[str] | None = frozenset({"q"}), **spec: Any) -> list[Case]:
    return list(Dataset(DatasetSpec.model_validate(spec), folder, needed).cases())


@pytest.mark.parametrize(
    ("name", "write"),
    [("d.jsonl", jsonl), ("d.csv", csv_file), ("d.parquet", parquet), ("d.tar.xz", archive), ("d", directory)],
)
def test_every_format_yields_the_same_cases(tmp_path: Path, name: str, write: Any) -> None:
    write(tmp_path / name)
    cases = read(tmp_path, file=name, cluster="k", slices=["group"])
    assert [(c.id, c.unit, c.slices, c.fields["q"]) for c in cases] == [
        (str(r["id"]), str(r["k"]), {"group": r["group"] or None}, r["q"]) for r in ROWS
    ]


def test_templates_filters_and_limits(tmp_path: Path) -> None:
    jsonl(tmp_path / "d.jsonl")
    cases = read(tmp_path, file="d.jsonl", id="{group}/{id}/{_row}", slices={"both": "{group}{k}"}, where={"k": 1})
    assert [(c.id, c.slices["both"]) for c in cases] == [("x/a/1", "x1"), ("y/b/2", "y1")]
    assert len(read(tmp_path, file="d.jsonl", limit=2)) == 2
    assert [c.id for c in read(tmp_path, file="d.jsonl", where={"group": None})] == ["c"]
    assert [c.id for c in read(tmp_path, file="d.jsonl", where={"group": ["x", "y"]})] == ["a", "b"]


def test_a_list_of_cases_must_be_found_in_full(tmp_path: Path) -> None:
    jsonl(tmp_path / "d.jsonl")
    (tmp_path / "only.csv").write_text("name,kay\na,1\nc,2\n")
    only = {"file": "only.csv", "columns": {"name": "id", "kay": "k"}}
    assert [c.id for c in read(tmp_path, file="d.jsonl", only=only)] == ["a", "c"]
    (tmp_path / "only.csv").write_text("name,kay\na,1\nz,9\n")
    with pytest.raises(InputError, match=r"only.csv:3: 1 of 2 listed cases are not in d.jsonl, the first is z, 9"):
        read(tmp_path, file="d.jsonl", only=only)


def test_only_the_named_columns_of_a_csv_are_read(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("id,name,score,score\na,Jane Doe,1,2\n")
    assert read(tmp_path, frozenset(), file="d.csv")[0].fields == {"id": "a", "_row": 1}
    with pytest.raises(InputError, match="'score' occurs 2 times"):
        read(tmp_path, frozenset({"score"}), file="d.csv")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("d.jsonl", b'{"id": "a", "q": 1}\n{"id": "a", "q": 2}\n', r"d.jsonl:2: the id 'a' occurs twice"),
        (
            "d.jsonl",
            b'{"id": "a", "q": 1}\n{"id": "b", "qq": 2}\n',
            r"d.jsonl:2: there is no column 'q'\n  Did you mean",
        ),
        ("d.jsonl", b'{"id": "a", "q": "\xff"}\n', r"d.jsonl:1: byte 0xff is not valid UTF-8"),
        ("d.jsonl", b'{"id": "a", "q": NaN}\n', r"d.jsonl:1: this is not valid JSON"),
        ("d.jsonl", b'{"id": "a", "q": 1e999}\n', r"d.jsonl:1: "),
        ("d.jsonl", b'{"id": "a"\n', r"d.jsonl:1: this is not valid JSON"),
        ("d.jsonl", b"[1, 2]\n", r"d.jsonl:1: expected an object, found a list"),
        ("d.jsonl", b"null\n", r"d.jsonl:1: expected an object, found null"),
        ("d.jsonl", b"[" * 100_000 + b"\n", r"d.jsonl:1: this is not valid JSON"),
        ("d.jsonl", b'{"id": "", "q": 1}\n', r"d.jsonl:1: the id is empty"),
        ("d.jsonl", b"", "the dataset holds no cases"),
        ("d.jsonl", b"\n\n", "the dataset holds no cases"),
        ("d.csv", b"", r"d.csv:1: there is no column"),
        ("d.csv", b"id,q\n", "the dataset holds no cases"),
        ("d.csv", b"id,q\na,1\nb\n", r"d.csv:3: the row has 1 fields, the header 2"),
        ("d.csv", b"id,qq\na,1\n", r"d.csv:1: there is no column 'q'\n  Did you mean 'qq'"),
        ("d.csv", b'id,q\na,"1\n', r"d.csv:2: this is not valid CSV"),
        ("d.csv", b"id,q\na,\xff\n", r"d.csv:2: byte 0xff is not valid UTF-8"),
        ("d.parquet", b"not parquet at all", "not a readable Parquet file"),
        ("d.tar.xz", b"not an archive", "not a readable archive"),
        ("d.docx", b"x", "does not tell the format"),
    ],
)
def test_a_bad_file_is_named_with_its_line(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said):
        read(tmp_path, file=name)


def test_nan_in_parquet_is_refused(tmp_path: Path) -> None:
    pyarrow.parquet.write_table(pyarrow.table({"id": ["a", "b"], "q": [1.0, float("nan")]}), tmp_path / "d.parquet")
    with pytest.raises(InputError, match=r"d.parquet:2: the column 'q' holds nan"):
        read(tmp_path, file="d.parquet")


def test_a_missing_file_and_a_missing_variable_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="cannot read the dataset: No such file"):
        read(tmp_path, file="nowhere.jsonl")
    monkeypatch.delenv("NO_SUCH_FOLDER", raising=False)
    with pytest.raises(InputError, match="NO_SUCH_FOLDER is not set"):
        read(tmp_path, file="${NO_SUCH_FOLDER}/d.jsonl")


@pytest.mark.parametrize("name", ["d.jsonl", "d.csv"])
def test_a_line_of_two_gigabytes_is_refused_without_reading_it(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text('{"id": "a", "q": 1}\n' if name.endswith("jsonl") else "id,q\na,1\n")
    with path.open("r+b") as stream:
        stream.truncate(2 * 1024**3)  # sparse: takes no room on the disk
    tracemalloc.start()
    with pytest.raises(InputError, match="line is longer than"):
        read(tmp_path, file=name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 * 1024**2


def test_the_number_of_rows_can_be_demanded(tmp_path: Path) -> None:
    jsonl(tmp_path / "d.jsonl")
    assert len(read(tmp_path, file="d.jsonl", rows=3)) == 3
    with pytest.raises(InputError, match="holds 3 cases; the suite expects 4"):
        read(tmp_path, file="d.jsonl", rows=4)


def test_the_digest_covers_all_files_it_rests_on(tmp_path: Path) -> None:
    jsonl(tmp_path / "d.jsonl")
    (tmp_path / "only.csv").write_text("name\na\n")
    plain = Dataset(DatasetSpec(file="d.jsonl"), tmp_path, frozenset())
    assert plain.survey().digest == sha256_bytes((tmp_path / "d.jsonl").read_bytes())
    spec = DatasetSpec.model_validate({"file": "d.jsonl", "only": {"file": "only.csv", "columns": {"name": "id"}}})
    before = Dataset(spec, tmp_path, frozenset()).digest()
    (tmp_path / "only.csv").write_text("name\nb\n")
    assert before != Dataset(spec, tmp_path, frozenset()).digest()
    directory(tmp_path / "tree")
    tree = Dataset(DatasetSpec(file="tree"), tmp_path, frozenset())
    before = tree.digest()
    (tmp_path / "tree" / "runs" / "a.json").write_text("{}")
    assert before != tree.digest()


def test_perturbed_forms_belong_to_their_original(tmp_path: Path) -> None:
    jsonl(tmp_path / "d.jsonl")
    perturb = {"column": "q", "kinds": ["typos", "case"], "include_original": True}
    cases = read(tmp_path, file="d.jsonl", perturb=perturb, limit=2)
    assert [(c.id, c.unit, c.slices["perturbation"]) for c in cases[:3]] == [
        ("a~none", "a", "none"),
        ("a~typos", "a", "typos"),
        ("a~case", "a", "case"),
    ]
    assert cases == read(tmp_path, file="d.jsonl", perturb=perturb, limit=2)
    assert cases[0].fields["q"] == "one"
    assert cases[1].fields["q"] != "one"
