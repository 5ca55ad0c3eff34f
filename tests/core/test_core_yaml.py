"""Strict YAML: values of the 1.2 core schema, and every refusal with file, line and cause."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadworthy.core.errors import InputError
from roadworthy.core.yaml_file import MAX_DEPTH, load_yaml, parse_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        # YAML 1.2.2, 10.3.2: only true and false are booleans; 1.1 reads these as booleans.
        ("NO", "NO"),
        ("no", "no"),
        ("on", "on"),
        ("Off", "Off"),
        ("yes", "yes"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("TRUE", True),
        # 1.1 reads these as 8, 3661 and a date.
        ("010", 10),
        ("1:01:01", "1:01:01"),
        ("2026-11-23", "2026-11-23"),
        ("1_000", "1_000"),
        ("0x1F", "0x1F"),
        ("-7", -7),
        ("+7", 7),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-.inf", -math.inf),
        (".INF", math.inf),
        ("+.Inf", math.inf),
        ("~", None),
        ("null", None),
        ("", None),
        ('"true"', "true"),
        ("'12'", "12"),
        ("=", "="),
        ("<<", "<<"),
        ("1.2.3", "1.2.3"),
        ("gpt-4o", "gpt-4o"),
    ],
)
def test_plain_values_follow_the_core_schema(text: str, value: object) -> None:
    read = parse_yaml(f"key: {text}", "file.yaml").value["key"]
    assert read == value
    assert type(read) is type(value)


def test_the_region_norway_stays_a_region() -> None:
    assert parse_yaml("regions: [NO, SE]", "f").value == {"regions": ["NO", "SE"]}


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number_is_read_as_such(text: str) -> None:
    assert math.isnan(parse_yaml(f"key: {text}", "f").value["key"])


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "the key 'a' is given twice"),
        ("a:\n  x: 1\n  x: 2\n", 3, "the key 'x' is given twice"),
        ("a: 1\n'a': 2\n", 2, "the key 'a' is given twice"),
        ("a: &one [1]\nb: *one\n", None, "aliases are not read"),
        ("a: 1\n? [x]\n: 2\n", 2, "a key must be plain text"),
        ("a: 1\nb: !!python/object/apply:os.system ['true']\n", 2, ""),
        ("a: 1\nb: !!python/name:os.system x\n", 2, "the tag"),
        ("a: 1\nb: !mine x\n", 2, "the tag !mine"),
        ("a: 1\nb: !!int abc\n", 2, "not a value of the kind int"),
        ("a: 1\nb: !!bool maybe\n", 2, "not a value of the kind bool"),
        ("a: 1\nb: !!float x\n", 2, "not a value of the kind float"),
        ("a: 1\nb: " + "9" * 5_000, 2, "not a value of the kind int"),
        ("a: 1\n  b: 2\n", 2, "not valid YAML"),
        ("a: 'open\n", None, "not valid YAML"),
        ("a: [1, 2\nb: 3\n", 2, "not valid YAML"),
        ("a: 1\n---\nb: 2\n", 2, "not valid YAML"),
        ("a: 1\nb: \tc\n\td: 1\n", 3, "not valid YAML"),
        ("a: \x00\n", None, "not valid YAML"),
    ],
)
def test_what_is_refused_names_its_line(text: str, line: int | None, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_yaml(text, "file.yaml")
    assert problem in caught.value.problem
    assert caught.value.remedy
    assert caught.value.place is not None
    assert caught.value.place.file == "file.yaml"
    if line is not None:
        assert caught.value.place.line == line


def test_an_alias_bomb_is_refused_before_it_grows() -> None:
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60))
    with pytest.raises(InputError, match="aliases are not read"):
        parse_yaml(bomb, "bomb.yaml")


def test_an_anchored_scalar_cannot_be_repeated_either() -> None:
    with pytest.raises(InputError, match="aliases are not read"):
        parse_yaml("a: &one x\nb: *one\n", "f")


def test_merge_keys_do_not_smuggle_values_in() -> None:
    with pytest.raises(InputError):
        parse_yaml("base: &base {tier: low}\nsystem:\n  <<: *base\n", "f")


def test_deep_nesting_is_refused_at_its_line() -> None:
    with pytest.raises(InputError, match="nested deeper than 60 levels"):
        parse_yaml("\n".join("  " * i + "k:" for i in range(MAX_DEPTH + 3)), "f")


@pytest.mark.parametrize("depth", [1_000, 100_000])
def test_very_deep_flow_nesting_is_an_error_and_not_a_crash(depth: int) -> None:
    with pytest.raises(InputError):
        parse_yaml("[" * depth + "]" * depth, "f")


def test_invalid_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "roadworthy.yaml"
    path.write_bytes(b"system: x\ntitle: caf\xe9\n")
    with pytest.raises(InputError) as caught:
        load_yaml(path)
    assert str(caught.value.place) == f"{path}:2"
    assert caught.value.problem == "byte 0xe9 is not valid UTF-8"


def test_a_huge_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as stream:
        stream.truncate(2 * 1024**3)
    with pytest.raises(InputError, match=r"2,147,483,648 bytes; at most 16,777,216"):
        load_yaml(path)


def test_a_missing_file_and_a_directory_are_named(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.yaml", tmp_path):
        with pytest.raises(InputError, match="cannot read the file") as caught:
            load_yaml(path)
        assert caught.value.place is not None
        assert caught.value.place.file == path


def test_an_empty_file_has_no_value() -> None:
    for text in ("", "\n\n", "# only a comment\n", "---\n"):
        assert parse_yaml(text, "f").value is None


def test_each_key_and_item_knows_its_line() -> None:
    source = parse_yaml("a:\n  - x: 1\n    y: 2\n  - x: 3\n", "f")
    assert [source.place(k).line for k in (("a",), ("a", 0), ("a", 0, "y"), ("a", 1, "x"))] == [1, 2, 3, 4]
    assert source.place(("a", 1, "absent")).line == 4


@given(st.text(max_size=200))
def test_any_text_gives_a_value_or_an_input_error(text: str) -> None:
    with contextlib.suppress(InputError):
        parse_yaml(text, "f")
