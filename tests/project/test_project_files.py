"""The files of a project: scaffold, statements that people signed, and the last shipped release."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from roadworthy.core.errors import EvidenceError, InputError, RoadworthyError
from roadworthy.declare.load import load_system
from roadworthy.evidence.keys import load_signer
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.project.attestations import exception_terms, read_attestations
from roadworthy.project.baseline import read_baseline
from roadworthy.project.project import Project
from roadworthy.project.start import Answers, start_project
from worked_example import Command, Example

ANSWERS = Answers(
    system="helper",
    title='A "quoted": title',
    kind="rag",
    purpose="Line one: {not} a template # nor a comment",
    team="Crème & Brûlée",
    contact="x@example.org",
    region="NO",
    target="http",
    endpoint="http://127.0.0.1:1/a?b=c#d",
    model="m: 1",
    provider="p",
)


def test_a_scaffold_is_valid_whatever_was_answered(tmp_path: Path) -> None:
    written = start_project(tmp_path, ANSWERS)
    assert {path.name for path in written.written} == {
        "roadworthy.yaml",
        "task-quality.yaml",
        "task-quality.jsonl",
        ".gitignore",
    }
    system = load_system(tmp_path)
    assert (system.title, system.purpose, system.regions) == (ANSWERS.title, ANSWERS.purpose, ["NO"])
    assert system.owner.team == "Crème & Brûlée"
    [suite] = Project.open(tmp_path).suites
    assert suite.suite == "task-quality"


@pytest.mark.parametrize("region", ["no", "on", "y", "123", "1e3", "true", "null", "~", "EU, US", "a: b", "#"])
def test_a_region_stays_what_was_written(tmp_path: Path, region: str) -> None:
    start_project(tmp_path, replace(ANSWERS, region=region))
    assert ", ".join(load_system(tmp_path).regions) == region


@pytest.mark.parametrize("name", ["123", "1e3", "true", "null", "a.b", "x_y"])
def test_an_id_stays_what_was_written(tmp_path: Path, name: str) -> None:
    start_project(tmp_path, replace(ANSWERS, system=name))
    assert load_system(tmp_path).system == name


def test_nothing_that_exists_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "roadworthy.yaml").write_text("mine")
    (tmp_path / ".gitignore").write_text("*.pyc")
    written = start_project(tmp_path, ANSWERS)
    assert [path.name for path in written.kept] == ["roadworthy.yaml"]
    assert (tmp_path / "roadworthy.yaml").read_text() == "mine"
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\n.roadworthy/\nout/\n"
    again = start_project(tmp_path, ANSWERS)
    assert again.written == ()
    assert (tmp_path / ".gitignore").read_text() == "*.pyc\n.roadworthy/\nout/\n"


def test_a_directory_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no such directory"):
        Project.open(tmp_path / "absent")


def test_check_tells_every_problem_of_every_file(example: Example) -> None:
    example.declare(titel="x")
    example.suite(metricks=[])
    example.change_standard(requirements=[{"id": "x"}])
    with pytest.raises(InputError) as caught:
        Project.open(example.directory).check()
    text = caught.value.diagnostics()
    for words in ("unknown key 'titel'", "unknown key 'metricks'", "the key 'title' is missing"):
        assert words in text


def test_what_people_signed_reads_back(command: Command) -> None:
    command.sign_all()
    project = Project.open(command.example.directory)
    records = [record for record, _ in project.attestations()]
    assert {record.predicate.requirement for record in records} == {  # type: ignore[union-attr]
        "system-card",
        "go-live",
    }
    assert load_signer(command.example.lead).key_id in {key for record in records for key in record.signers}


@pytest.mark.parametrize("content", [b"", b"{}", b"not json", b"[1]", b"\xff\xfe", b'{"payloadType": "x"}'])
def test_a_bad_statement_is_named_and_stops_the_gate(command: Command, content: bytes) -> None:
    command.sign_all()
    assert command("evaluate").code == 0
    bad = command.example.directory / "attestations" / "bad.json"
    bad.write_bytes(content)
    with pytest.raises(RoadworthyError) as caught:
        read_attestations(command.example.directory, TrustedKeys.none())
    assert "bad.json" in caught.value.diagnostics()
    for name in ("gate", "check", "requirements"):
        said = command.gate() if name == "gate" else command(name)
        assert said.code == 2, said.text
        assert "bad.json" in said.text


def test_a_huge_statement_is_refused_unread(command: Command) -> None:
    path = command.example.directory / "exceptions" / "huge.json"
    path.parent.mkdir()
    with path.open("wb") as stream:
        stream.truncate(2 * 1024**3)
    with pytest.raises(InputError, match="too large"):
        read_attestations(command.example.directory, TrustedKeys.none())


def test_a_statement_with_a_changed_word_is_not_signed_any_more(command: Command) -> None:
    command.sign_all()
    [path] = (command.example.directory / "attestations").glob("go-live*.json")
    envelope = json.loads(path.read_bytes())
    payload = bytearray(envelope["payload"].encode())
    payload[60] = ord("A") if payload[60] != ord("A") else ord("B")
    envelope["payload"] = payload.decode()
    path.write_text(json.dumps(envelope))
    with pytest.raises(EvidenceError):
        read_attestations(command.example.directory, TrustedKeys.none())


def test_an_exception_needs_an_end_and_something_instead() -> None:
    from datetime import date

    with pytest.raises(InputError, match="--compensating-control"):
        exception_terms("x", None, "r", date(2027, 1, 1))
    with pytest.raises(InputError, match="--until"):
        exception_terms("x", "c", "r", None)
    assert exception_terms("x", "c", "r", date(2027, 1, 1)).compensating_control == "c"


def test_a_document_that_is_not_there_cannot_be_signed(command: Command) -> None:
    said = command(
        *("attest", "system-card", "--role", "writer", "--name", "Willy Writer", "--statement", "s"),
        *("--document", command.example.directory / "absent.md", "--key", command.example.writer),
    )
    assert said.code == 2
    assert "cannot read the document" in said.text


def test_a_key_nobody_lists_is_told_so_when_it_signs(command: Command) -> None:
    said = command(
        *("attest", "go-live", "--role", "risk-lead", "--name", "Rita Risk", "--statement", "s"),
        *("--key", command.example.stranger),
    )
    assert said.code == 0
    assert f"once the standard's authority lists your key: {load_signer(command.example.stranger).key_id}" in said.text
    assert command("evaluate").code == 0
    assert command.gate().code == 3
    assert command.outcome("go-live")[0] == "not shown"


def test_the_baseline_is_the_same_from_directory_and_bundle(command: Command) -> None:
    command.sign_all()
    assert command("evaluate").code == 0
    assert command.gate().code == 0
    of_directory = read_baseline(command.example.directory)
    of_bundle = read_baseline(command.out / "bundle.zip")
    assert of_directory.system == of_bundle.system
    assert dict(of_directory.fingerprint) == dict(of_bundle.fingerprint)


def test_an_altered_baseline_is_refused(command: Command) -> None:
    command.sign_all()
    assert command("evaluate").code == 0
    assert command.gate().code == 0
    bundle = command.out / "bundle.zip"
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(data)
    with pytest.raises(EvidenceError):
        read_baseline(bundle)
    assert command.gate("--against", bundle).code == 2
