"""`roadworthy serve`: run the server."""

from __future__ import annotations

from importlib.util import find_spec

from roadworthy.cli.screen import print_line
from roadworthy.core.errors import MissingExtra


def serve(*, worker: bool = True) -> int:
    """Run the server where teams, approvers and leaders work; configured by the environment, see docs/configuration.md.

    Without any configuration it keeps everything in one directory of yours, in SQLite. At the first start it prints a
    link that works once, with which you become its administrator.

    Parameters
    ----------
    worker
        Also do the jobs: expiries, reminders, deliveries. With --no-worker, another process does them
        ('roadworthy work').
    """
    if find_spec("django") is None:
        raise MissingExtra("Django", "server", "the server")
    from roadworthy.server.serve import run

    run(print_line, worker=worker)
    return 0


def work() -> int:
    """Do the jobs of a server that runs elsewhere on the same database: expiries, reminders, deliveries."""
    if find_spec("django") is None:
        raise MissingExtra("Django", "server", "the server")
    from roadworthy.server.preparation import prepare
    from roadworthy.server.work import main

    prepare()
    main()
    return 0
