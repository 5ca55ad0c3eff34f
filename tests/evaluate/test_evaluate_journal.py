"""The journal and the record book: torn tails, crashes between two steps, one writer."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.core.errors import StorageError
from roadworthy.evaluate import record_book
from roadworthy.evaluate.journal import Journal, read_journal
from roadworthy.evaluate.record_book import RecordBook
from roadworthy.evaluate.row import Row, SampleStatus


def row(name: str, *, status: SampleStatus = SampleStatus.SCORED, value: float | None = 1.0) -> Row:
    return Row(sample=name, epoch=0, status=status, scores={"correct": value}, response="text", request="{}")


names = st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), max_size=8, unique=True)


@settings(max_examples=60, deadline=None)
@given(names=names, cut=st.integers(0, 10_000), more=st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_tail_torn_anywhere_loses_only_the_last_line(names: list[str], cut: int, more: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "journal.jsonl"
        journal = Journal(path, 3)
        ends = [path.stat().st_size]
        for name in names:
            journal.append([row(name)])
            ends.append(path.stat().st_size)
        journal.close()
        size = max(ends[0], ends[-1] - cut % (ends[-1] + 1))
        with path.open("r+b") as stream:
            stream.truncate(size)
        whole = [name for name, end in zip(names, ends[1:], strict=True) if end <= size]
        assert read_journal(path) == (3, [row(name) for name in whole])
        resumed = Journal.resume(path)
        resumed.append([row(more)])
        resumed.close()
        assert read_journal(path) == (3, [*(row(name) for name in whole), row(more)])


def test_a_broken_line_in_the_middle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    journal = Journal(path, 0)
    journal.append([row("a")])
    journal.append([row("b")])
    journal.close()
    path.write_bytes(path.read_bytes().replace(b'"sample":"a"', b'"sample":a'))
    with pytest.raises(StorageError, match="line 2 of"):
        read_journal(path)


def open_book(path: Path) -> RecordBook:
    return RecordBook(path, [], ["correct"])


def test_rows_survive_a_crash_before_and_after_compaction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_book, "PART_ROWS", 3)
    book = open_book(tmp_path)
    for i in range(7):
        book.add([row(f"s{i}")])
    book.close()
    assert [path.name for path in book.parts.paths()] == ["part-00000.parquet", "part-00001.parquet"]
    # A crash between the part and the new journal leaves a journal whose rows are in a part already.
    journal = tmp_path / "journal.jsonl"
    stale = journal.read_bytes().replace(b'{"part":2}', b'{"part":1}')
    book = open_book(tmp_path)
    assert [name for name, _, _ in book.recorded()] == [f"s{i}" for i in range(7)]
    book.close()
    journal.write_bytes(stale)
    book = open_book(tmp_path)
    assert [name for name, _, _ in book.recorded()] == [f"s{i}" for i in range(6)]
    book.add([row("s9")])
    book.seal()
    book.close()
    assert pyarrow.parquet.read_table(tmp_path / "results.parquet")["sample"].to_pylist() == [
        *(f"s{i}" for i in range(6)),
        "s9",
    ]


def test_a_scored_sample_is_never_overwritten(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    book.add([row("a", status=SampleStatus.ERRORED, value=None)])
    book.compact()
    book.add([row("a", value=0.0)])
    book.compact()
    book.add([row("a", status=SampleStatus.ERRORED, value=None)])
    book.add([row("a", status=SampleStatus.UNSCORED, value=None)])
    table = pyarrow.parquet.read_table(book.seal()).to_pylist()
    book.close()
    assert [(line["status"], line["score.correct"]) for line in table] == [("scored", 0.0)]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for folder, order in (("one", [0, 1, 2, 3]), ("two", [3, 1, 0, 2])):
        book = open_book(tmp_path / folder)
        for i in order:
            book.add([row(f"s{i}")])
            if i % 2:
                book.compact()
        book.seal()
        book.close()
    one, two = ((tmp_path / f / "results.parquet").read_bytes() for f in ("one", "two"))
    assert one == two


def test_the_sealed_table_holds_no_text_of_the_conversation(tmp_path: Path) -> None:
    book = open_book(tmp_path)
    book.add([row("a")])
    sealed = book.seal()
    book.close()
    assert not {"request", "response"} & set(pyarrow.parquet.read_schema(sealed).names)
    kept = pyarrow.parquet.read_table(tmp_path / "transcripts-00000.parquet").to_pylist()
    assert kept[0]["response"] == "text"


def test_long_answers_become_a_part_early(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record_book, "PART_CHARACTERS", 10)
    book = open_book(tmp_path)
    for name in "abcd":
        book.add([row(name)])
    assert len(book.parts.paths()) == 2
    assert not book.waiting
    book.close()
