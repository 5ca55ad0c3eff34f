"""docs/commands.md: every command with its options, from the program's own help."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from cyclopts import App

from _generate.markdown import code, page, table
from roadworthy.cli.application import app
from roadworthy.cli.commands import COMMANDS, STANDARD_COMMANDS

INTRODUCTION = """`roadworthy --help` lists the commands; `roadworthy COMMAND --help` shows the options of one.
The words are explained in [words.md](words.md), files and exit codes in [formats.md](formats.md)."""


def commands_page() -> str:
    """Write the page."""
    return page("Commands", INTRODUCTION, [_section(name, command) for name, command in all_commands()])


def all_commands() -> Iterator[tuple[str, App]]:
    """Yield every command with the words that call it."""
    yield from ((name, app[name]) for name in COMMANDS)
    yield from ((f"standard {name}", app["standard"][name]) for name in STANDARD_COMMANDS)


def options(command: App) -> list[tuple[str, str, str]]:
    """List what a command takes: how it is written, what it means, its default."""
    return [
        (_written(argument), str(argument.parameter.help or ""), _default(argument))
        for argument in command.assemble_argument_collection(parse_docstring=True)
        if argument.show
    ]


def _section(name: str, command: App) -> str:
    rows = [(code(written), means, default) for written, means, default in options(command)]
    text = inspect.getdoc(command.default_command) or ""
    described = text.split("\nParameters\n")[0].strip()
    return "\n\n".join(
        part for part in (f"## roadworthy {name}", described, table(["option", "meaning", "default"], rows)) if part
    )


def _written(argument: Any) -> str:
    """Write an argument as it is called: by place in capitals, by name with dashes."""
    kind = argument.field_info.kind
    place = argument.names[0].lstrip("-").upper()
    if kind is inspect.Parameter.VAR_POSITIONAL:
        return f"{place}..."
    by_place = argument.required and kind is not inspect.Parameter.KEYWORD_ONLY
    return ", ".join([place, *argument.names] if by_place else argument.names)


def _default(argument: Any) -> str:
    value = argument.field_info.default
    if argument.required:
        return "required"
    if value in (None, (), inspect.Parameter.empty):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return code(value.as_posix() if isinstance(value, PurePath) else value)
