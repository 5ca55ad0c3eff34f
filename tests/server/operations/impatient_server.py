"""A server whose worker has short leases, and a job that waits until it is told to go on: for tests only.

python impatient_server.py DIRECTORY            the server
python impatient_server.py DIRECTORY PARENT     its worker
"""

from __future__ import annotations

import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

DIRECTORY = Path(sys.argv[1])


def wait_for_leave(moment: datetime) -> str:
    """Say that the job began, wait for the file `go`, say that it is done."""
    say("began")
    while not (DIRECTORY / "go").exists():
        time.sleep(0.05)
    say("done")
    return "waited"


def say(what: str) -> None:
    """Add a line to what happened."""
    with (DIRECTORY / "happened").open("a") as stream:
        stream.write(f"{what} {os.getpid()}\n")


def work(parent: int) -> None:
    """Run the worker."""
    from roadworthy.server.preparation import load
    from roadworthy.server.work import main

    load()
    from roadworthy.server.jobs import worker
    from roadworthy.server.jobs.board import Job, pin

    worker.LASTS, worker.BEAT = timedelta(seconds=3), 0.2
    pin(Job("waits", "Wait for leave", timedelta(days=1), wait_for_leave))
    main(parent)


def serve() -> None:
    """Run the server."""
    from roadworthy.server import worker_process
    from roadworthy.server.serve import run

    worker_process.PROGRAM = (sys.executable, __file__, str(DIRECTORY))
    worker_process.SOON = 0.1
    run(greet)


def greet(text: str) -> None:
    """Say it at once."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    work(int(sys.argv[2])) if len(sys.argv) > 2 else serve()
