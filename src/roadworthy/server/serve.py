"""Run the server: bring the database up to date, greet the first administrator, answer requests, do the jobs."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

from roadworthy.server.configuration import Configuration
from roadworthy.server.listening import listening
from roadworthy.server.preparation import let_go, prepare
from roadworthy.server.worker_process import worker_beside

STOP_SECONDS = 30
"""In which requests that are being answered may end when the server stops."""


def run(tell: Callable[[str], None], *, worker: bool = True, fill: Callable[[], str] | None = None) -> None:
    """Serve until interrupted, with a worker beside it unless others do the jobs.

    `fill` puts something into the database before anybody is answered, and returns what to say of it. Raises InputError
    or StorageError for what keeps it from starting.
    """
    with listening() as settings:
        prepare()
        text = f"{fill()}\n\n" if fill else ""
        text += greeting(settings)
        let_go()
        threading.Thread(target=_tell_once_there, args=(settings, text, tell), daemon=True).start()
        with worker_beside() if worker else nullcontext():
            _answer(settings)


def greeting(settings: Configuration) -> str:
    """Say where the server is; while nobody administers it, with a one-time link to become the first."""
    from roadworthy.server.accounts.setup import make_first_link

    secret = make_first_link()
    where = f"Roadworthy is at {settings.base_url}\n"
    if secret is not None:
        where += (
            "Nobody administers it yet. This link works once, for 24 hours:\n\n"
            f"  {settings.base_url}/set-up/{secret}\n\n"
        )
    return f"{where}Press Ctrl-C to stop."


def _tell_once_there(settings: Configuration, text: str, tell: Callable[[str], None]) -> None:
    """Say where the server is once it answers there."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    while True:
        try:
            socket.create_connection((host, settings.port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return tell(text)


def _answer(settings: Configuration) -> None:
    """Answer requests until told to stop; a process that dies is started again.

    The application is loaded here, before the processes that answer are split off and share it.
    """
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    import roadworthy.server.wsgi

    Server(
        roadworthy.server.wsgi.__name__,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_access=False,
        log_level=LogLevels.warning,
        log_dictconfig=_log(),
    ).serve(target_loader=roadworthy.server.wsgi.application_of_server, wrap_loader=False)


def _log() -> dict[str, Any]:
    """Return how granian logs: as everything else does."""
    from django.conf import settings

    given: dict[str, Any] = settings.LOGGING
    return {**given, "loggers": {**given["loggers"], "_granian": {}, "granian.access": {}}}
