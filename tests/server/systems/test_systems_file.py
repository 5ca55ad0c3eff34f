"""`roadworthy.yaml` out of the server and into it: the same declaration, and errors as the command line words them."""

from __future__ import annotations

from pathlib import Path

import pytest
from declared_systems import HELPER, declare
from hypothesis import given, settings
from hypothesis import strategies as st

from roadworthy.cli.main import run
from roadworthy.core.errors import InputError
from roadworthy.declare.system import System as Declaration
from roadworthy.server.systems.declaration_file import read_declaration, read_value, write_declaration

TRICKY = [
    "no",
    "1e3",
    "2026.11",
    "1_000",
    "0x1f",
    "~",
    "on",
    "1:30",
    "- a",
    "#x",
    "a: b",
    "Zeile 1\nZeile 2\n",
    ".5",
]


@pytest.mark.parametrize("text", TRICKY)
def test_text_stays_text_whatever_it_looks_like(text):
    declaration = declare(purpose=text, segments=[text], settings={"mode": text})
    assert read_declaration(write_declaration(declaration)) == declaration


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40).filter(str.strip))
def test_any_purpose_is_read_back_as_it_was(text):
    declaration = declare(purpose=text)
    assert read_declaration(write_declaration(declaration)) == declaration


def test_every_example_is_read_back_as_it_was():
    path = Path(__file__).parents[3] / "examples" / "support-assistant" / "roadworthy.yaml"
    declaration = read_declaration(path.read_bytes())
    assert read_declaration(write_declaration(declaration)) == declaration


def test_the_command_line_takes_what_the_server_exports(tmp_path, monkeypatch, capsys):
    full = declare(
        title="Order helper: 1e3",
        launch="2027-01-05",
        prompts=[{"id": "main", "text": "Be brief.\nBe kind."}],
        data=[{"id": "kb", "use": "retrieval", "licence": "internal", "lineage": ["wiki"]}],
        settings={"temperature": 0.2, "mode": "no", "safe": True},
    )
    (tmp_path / "roadworthy.yaml").write_text(write_declaration(full), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["check"]) == 0
    assert "Every file is valid" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "line", "says"),
    [
        (b"system: a\nkindd: agent\n", 2, "Did you mean 'kind'?"),
        (b"system: a\nkind: agnt\n", 2, "Did you mean 'agent'?"),
        (b"system: a\n\tkind: x\n", 2, "YAML"),
        (b"\xff\xfe", None, "UTF-8"),
        (b"- a\n", 1, "needs at least"),
        (b"a: &x 1\nb: *x\n", 1, "aliases"),
    ],
)
def test_what_is_wrong_is_said_with_file_line_cause_and_nearest_key(content, line, says):
    with pytest.raises(InputError) as caught:
        read_declaration(content, "ours.yaml")
    told = caught.value.diagnostics()
    assert says in told
    assert f"ours.yaml:{line}" in told if line else "ours.yaml" in told


def test_json_values_are_read_with_the_same_care():
    assert read_value(HELPER) == Declaration.model_validate(HELPER)
    with pytest.raises(InputError, match="unknown key"):
        read_value({**HELPER, "kindd": 1})
