"""`roadworthy serve`: run the server."""

from __future__ import annotations

from importlib.util import find_spec

from roadworthy.cli.screen import print_line
from roadworthy.core.errors import MissingExtra


def serve(*, worker: bool = True, demo: bool = False) -> int:
    """Run the server where teams, approvers and leaders work; configured by the environment, see docs/configuration.md.

    Without any configuration it keeps everything in one directory of yours, in SQLite. At the first start it prints a
    link that works once, with which you become its administrator.

    Parameters
    ----------
    worker
        Also do the jobs: expiries, reminders, deliveries. With --no-worker, another process does them
        ('roadworthy work').
    demo
        Fill an empty database with a made-up portfolio first: systems, releases judged by the real loop, people who
        sign, findings, and a few months of history. Prints who can sign in.
    """
    if find_spec("django") is None:
        raise MissingExtra("Django", "server", "the server")
    from roadworthy.server.serve import run

    run(print_line, worker=worker, fill=_fill if demo else None)
    return 0


def _fill() -> str:
    """Make the demo, with a bar that shows how far it is; return who can sign in."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    from roadworthy.cli.screen import console
    from roadworthy.server.configuration import configuration
    from roadworthy.server.portfolio.demo.make import make_demo

    if not console().is_terminal:
        return make_demo(configuration().data / "demo", _say).words
    columns = (TextColumn("The demo"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console(), transient=True) as bar:
        task = bar.add_task("")

        def told(done: int, of: int, what: str) -> None:
            bar.update(task, completed=done, total=of, description=what)

        return make_demo(configuration().data / "demo", told).words


def _say(done: int, of: int, what: str) -> None:
    """Say how far the demo is, where no bar can be drawn: every few steps."""
    if done % 10 == 0 or done == of:
        print_line(f"The demo: {what} ({done} of {of})")


def work() -> int:
    """Do the jobs of a server that runs elsewhere on the same database: expiries, reminders, deliveries."""
    if find_spec("django") is None:
        raise MissingExtra("Django", "server", "the server")
    from roadworthy.server.preparation import prepare
    from roadworthy.server.work import main

    prepare()
    main()
    return 0
