"""Starting: quick, every command says what it does, and wrong usage ends with 2."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from roadworthy.cli.commands import COMMANDS, STANDARD_COMMANDS
from roadworthy.cli.main import run

HEAVY = ("numpy", "scipy", "pyarrow", "duckdb", "aiohttp", "pydantic", "cel", "jinja2", "cryptography", "yaml")
PROBE = """
import json, sys
from roadworthy.cli.main import run
code = run(sys.argv[1:])
print(json.dumps([code, sorted(name for name in sys.modules if "." not in name)]))
"""
HELP = [[name] for name in COMMANDS] + [["standard"]] + [["standard", name] for name in STANDARD_COMMANDS]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, timeout=60, check=True
    )
    code, modules = json.loads(done.stdout.splitlines()[-1])
    assert code == 0
    assert not set(HEAVY) & set(modules)


def test_the_installed_program_answers() -> None:
    program = Path(sys.executable).with_name("roadworthy")
    done = subprocess.run([str(program), "--help"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert "Decide, with evidence, whether an AI feature may ship." in done.stdout


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    text = capsys.readouterr().out
    for name in [*COMMANDS, "standard"]:
        assert re.search(rf"(?m)^\W*{name}\b", text), name


@pytest.mark.parametrize("arguments", HELP, ids=" ".join)
def test_every_command_explains_itself(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*arguments, "--help"]) == 0
    text = capsys.readouterr().out
    assert "Usage: " in text
    assert len(text.splitlines()) > 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["gaet"],
        ["gate", "--no-such-option"],
        ["gate", "--out"],
        ["verify"],
        ["explain"],
        ["attest", "x"],
        ["attest", "x", "--role", "r", "--name", "n", "--statement", "s", "--until", "soon"],
        ["init", "--target", "telepathy"],
        ["schema", "nothing"],
        ["standard", "diff", "default"],
        ["standard", "shwo"],
        ["check", "-C", "no-such-directory"],
        ["gate", "-C", "no-such-directory"],
        ["verify", "no-such-bundle.zip"],
        ["change", "no-such-bundle.zip"],
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2_and_a_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    streams = capsys.readouterr()
    assert streams.err.strip()
    assert "Traceback" not in streams.err


@pytest.mark.parametrize("file", ["system", "suite", "standard"])
def test_schema_prints_a_json_schema(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    import jsonschema

    assert run(["schema", file]) == 0
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
