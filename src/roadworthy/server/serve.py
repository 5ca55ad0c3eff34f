"""Run the server: bring the database up to date, greet the first administrator, answer requests, do the jobs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from roadworthy.server.configuration import Configuration, configuration

WORKER = "roadworthy.server.work"


def prepare() -> None:
    """Load Django and bring the database up to date."""
    configuration().data.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roadworthy.server.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)


def greeting(settings: Configuration) -> str:
    """Say where the server is; while nobody administers it, with a one-time link to become the first."""
    from roadworthy.server.accounts.setup import make_first_link

    secret = make_first_link()
    if secret is None:
        return f"Roadworthy is at {settings.base_url}"
    return (
        f"Roadworthy is at {settings.base_url}\n"
        f"Nobody administers it yet. This link works once, for 24 hours:\n\n  {settings.base_url}/set-up/{secret}\n"
    )


def run(tell: Callable[[str], None], *, worker: bool = True) -> None:
    """Serve until interrupted, with a worker beside it unless others do the jobs."""
    from granian.constants import Interfaces
    from granian.server import Server

    settings = configuration()
    prepare()
    tell(greeting(settings))
    server = Server(
        "roadworthy.server.wsgi:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        websockets=False,
        log_access=False,
    )
    if worker:
        with _worker():
            server.serve()
    else:
        server.serve()


@contextmanager
def _worker() -> Iterator[None]:
    """Run a worker in a process of its own for as long as the server runs."""
    process = subprocess.Popen([sys.executable, "-m", WORKER], stdin=subprocess.PIPE)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
