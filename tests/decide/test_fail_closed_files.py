"""The fail-closed table, continued: files that cannot be read as what they should be, named with place and remedy."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from worked_example import (
    ANSWERS,
    CARD,
    GO_LIVE,
    OWNED,
    RULES,
    Command,
    dataset,
    declaration,
    edit,
    evaluated,
    predicate,
    requirement,
)


def write_bytes(path: Callable[[Command], Path], data: bytes) -> Callable[[Command], None]:
    return lambda command: path(command).write_bytes(data) and None


def huge_line(command: Command) -> None:
    with dataset(command).open("r+b") as stream:
        stream.truncate(2 * 1024**3)


def huge_declaration(command: Command) -> None:
    with declaration(command).open("r+b") as stream:
        stream.truncate(2 * 1024**3)


def duplicate_requirement(command: Command) -> None:
    twice = [ANSWERS, CARD, GO_LIVE, OWNED, requirement(OWNED, title="Again")]
    command.example.change_standard(requirements=twice)


UNREADABLE: list[tuple[str, Callable[[Command], None], str, str]] = [
    (
        "an unknown key in the declaration",
        lambda c: edit(declaration(c), '"kind"', '"kindd"'),
        "roadworthy.yaml:4: unknown key 'kindd'",
        "Did you mean 'kind'?",
    ),
    (
        "an unknown key in a suite",
        lambda c: c.example.suite(metricks=["accuracy"]),
        "unknown key 'metricks'",
        "Did you mean 'metrics'?",
    ),
    (
        "an unknown metric in a suite",
        lambda c: c.example.suite(metrics=["task_succes_rate"]),
        "there is no metric 'task_succes_rate'",
        "Did you mean 'task_success_rate'?",
    ),
    (
        "an unknown key in the standard",
        lambda c: c.example.change_standard(requirements=[requirement(ANSWERS, titel="x")]),
        "unknown key 'titel'",
        "Did you mean 'title'?",
    ),
    (
        "a predicate on a field that does not exist",
        predicate("system.guards.pii == 'on' || true"),
        "unknown field 'guards'",
        "Did you mean 'guard'?",
    ),
    (
        "a requirement that reads a metric that does not exist",
        lambda c: c.example.change_standard(requirements=[requirement(ANSWERS, measure={"metric": "task-success"})]),
        "'task-success'",
        "task_success_rate",
    ),
    ("a duplicate id of a requirement", duplicate_requirement, "the id 'owned' occurs twice", "rename one"),
    (
        "a duplicate key in the declaration",
        lambda c: edit(declaration(c), '"system": "order-helper",', '"system": "order-helper",\n"system": "other",'),
        "roadworthy.yaml:3: the key 'system' is given twice",
        "Keep one",
    ),
    (
        "invalid UTF-8 in the declaration",
        write_bytes(declaration, b"system: order-helper\ntitle: caf\xe9\n"),
        "roadworthy.yaml:2: byte 0xe9 is not valid UTF-8",
        "Save the file as UTF-8.",
    ),
    ("an empty declaration", write_bytes(declaration, b"\n"), "the file is empty", "It needs at least"),
    ("no declaration", lambda c: declaration(c).unlink(), "there is no roadworthy.yaml here", "roadworthy init"),
    ("a declaration of 2 GB", huge_declaration, "2,147,483,648 bytes", "dataset file"),
    (
        "no requirement applies",
        lambda c: c.example.change_standard(requirements=[requirement(OWNED, tiers=["high"])]),
        "no requirement of small 1 applies",
        "not a pass",
    ),
    (
        "no tier rule applies",
        lambda c: c.example.change_standard(tier_rules=RULES[1:]),
        "no tier rule of small 1 applies",
        "when",
    ),
    (
        "a prompt file that is not there",
        lambda c: c.example.declare(prompts=[{"id": "system", "file": "absent.md"}]),
        "the prompt 'system' cannot be read",
        "absent.md",
    ),
]


@pytest.mark.parametrize(("name", "make", "problem", "remedy"), UNREADABLE, ids=[row[0] for row in UNREADABLE])
def test_what_cannot_be_read_stops_every_command_with_place_and_remedy(
    command: Command, name: str, make: Callable[[Command], None], problem: str, remedy: str
) -> None:
    command.sign_all()
    evaluated(command)
    assert command.gate().code == 0
    make(command)
    (command.out / "verdict.json").unlink()
    said = command.gate()
    sys.stdout.write(f"{name}: exit {said.code}: {said.text}\n")
    assert said.code == 2, said.text
    assert problem in said.text
    assert remedy in said.text
    assert not (command.out / "verdict.json").exists()


DATA: list[tuple[str, Callable[[Command], None], str]] = [
    (
        "a duplicate id",
        lambda c: edit(dataset(c), '"id": "c0001"', '"id": "c0000"'),
        "answers.jsonl:2: the id 'c0000' occurs twice",
    ),
    ("a line of 2 GB", huge_line, "answers.jsonl:61"),
    ("invalid UTF-8", lambda c: dataset(c).write_bytes(b'{"id": "a\xe9"}\n'), "answers.jsonl:1: "),
    ("a line that is not JSON", lambda c: dataset(c).write_bytes(b'{"id": "a"\n'), "answers.jsonl:1: "),
    ("a line that is not an object", lambda c: dataset(c).write_bytes(b"[1]\n"), "answers.jsonl:1: "),
    (
        "NaN as an id",
        lambda c: dataset(c).write_bytes(b'{"id": NaN, "topic": "x", "wanted": "right"}\n'),
        "answers.jsonl:1",
    ),
    ("a missing id", lambda c: c.example.rows([{"topic": "a", "wanted": "right"}]), "id"),
]


@pytest.mark.parametrize(("name", "make", "problem"), DATA, ids=[row[0] for row in DATA])
def test_a_bad_dataset_stops_the_evaluation_and_shows_nothing(
    command: Command, name: str, make: Callable[[Command], None], problem: str
) -> None:
    command.sign_all()
    make(command)
    said = command("evaluate")
    sys.stdout.write(f"{name}: exit {said.code}: {said.text}\n")
    assert said.code == 2, said.text
    assert problem in said.text
    assert command.gate().code == 3
    assert command.outcome()[0] == "not shown"
