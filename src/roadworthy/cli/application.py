"""The command line as an application. Commands are named by path and imported when they are called."""

from __future__ import annotations

from cyclopts import App

from roadworthy.cli.commands import ABOUT, COMMANDS, STANDARD_ABOUT, STANDARD_COMMANDS
from roadworthy.core.version import VERSION

app = App(
    name="roadworthy",
    version=VERSION,
    help=ABOUT,
    help_format="markdown",
    result_action="return_value",
)
standard_app = App(name="standard", help=STANDARD_ABOUT, sort_key=len(COMMANDS))
for _order, (_name, (_path, _help)) in enumerate(STANDARD_COMMANDS.items()):
    standard_app.command(f"roadworthy.cli.{_path}", name=_name, help=_help, sort_key=_order)
for _order, (_name, (_path, _)) in enumerate(COMMANDS.items()):
    app.command(f"roadworthy.cli.{_path}", name=_name, sort_key=_order)
app.command(standard_app)
