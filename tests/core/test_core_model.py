"""Models read from files: each problem with file, line, cause and the nearest known key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from roadworthy.core.errors import InputError, InputErrors
from roadworthy.core.model import FileModel, read_model


class Cat(FileModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(FileModel):
    kind: Literal["dog"]
    tricks: list[str] = []


class Room(FileModel):
    name: str
    windows: int = Field(default=1, ge=0)


class House(FileModel):
    title: str
    rooms: list[Room] = []
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    area: float | None = None
    by_floor: dict[str, Room] = {}
    heated: bool = False


def problems(tmp_path: Path, text: str) -> list[tuple[int | None, str, str]]:
    path = tmp_path / "house.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as caught:
        read_model(House, path)
    errors = caught.value.errors if isinstance(caught.value, InputErrors) else [caught.value]
    for error in errors:
        assert error.place is not None
        assert error.place.file == path
        assert error.remedy
    return [(e.place.line if e.place else None, e.problem, str(e.remedy)) for e in errors]


@pytest.mark.parametrize(
    ("text", "line", "problem", "remedy"),
    [
        ("titel: x\ntitle: y\n", 1, "unknown key 'titel'", "Did you mean 'title'?"),
        ("title: y\nrooms:\n- name: a\n- name: b\n  windws: 2\n", 5, "unknown key 'windws'", "'windows'"),
        ("title: y\nrooms:\n- windows: 2\n", 3, "the key 'rooms.0.name' is missing", "Add 'name:'."),
        ("rooms: []\n", 1, "the key 'title' is missing", "Add 'title:'."),
        ("title: y\nrooms:\n- name: a\n  windows: -1\n", 4, "(given: -1)", ""),
        ("title: y\npet:\n  kind: cat\n  livs: 3\n", 4, "unknown key 'livs'", "'lives'"),
        ("title: y\npet:\n  kind: dog\n  tricks: sit\n", 4, "pet.tricks: ", ""),
        ("title: y\npet:\n  kind: fish\n", 2, "pet", ""),
        ("title: y\nby_floor:\n  one: {name: a, widows: 1}\n", 3, "unknown key 'widows'", "'windows'"),
        ("title: y\narea: .nan\n", 2, "area: ", ""),
        ("title: y\narea: .inf\n", 2, "area: ", ""),
        ("title: y\nheated: perhaps\n", 2, "heated: ", ""),
        ("title: y\nrooms: {name: a}\n", 2, "rooms: ", ""),
        ("- title: y\n", 1, "expected keys and values", "title"),
        ("", None, "the file is empty", "It needs at least: title."),
        ("just text\n", 1, "expected keys and values", "title"),
    ],
)
def test_a_problem_points_at_its_line(tmp_path: Path, text: str, line: int | None, problem: str, remedy: str) -> None:
    [(found_line, found, found_remedy)] = problems(tmp_path, text)
    assert problem in found
    assert remedy in found_remedy
    if line is not None:
        assert found_line == line


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, "title: x\nrooms:\n- {name: a, windows: two}\n- {nam: b}\nroof: red\n")
    assert {line for line, _, _ in found} == {3, 4, 5}
    assert len(found) == 4  # the value, the unknown key, the key that is missing beside it, the roof


def test_a_number_is_not_taken_for_a_text(tmp_path: Path) -> None:
    [(line, problem, _)] = problems(tmp_path, "title: 12\n")
    assert line == 1
    assert problem.startswith("title: ")


def test_what_was_read_cannot_be_changed(tmp_path: Path) -> None:
    path = tmp_path / "house.yaml"
    path.write_text("title: x\n")
    house = read_model(House, path)
    with pytest.raises(ValueError, match="frozen"):
        house.title = "y"  # type: ignore[misc]
