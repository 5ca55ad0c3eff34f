"""Run the server: bring the database up to date, greet the first administrator, answer requests."""

from __future__ import annotations

import os
from collections.abc import Callable

from roadworthy.server.configuration import Configuration, configuration


def prepare() -> None:
    """Load Django and bring the database up to date."""
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


def run(tell: Callable[[str], None]) -> None:
    """Serve until interrupted."""
    from granian.constants import Interfaces
    from granian.server import Server

    settings = configuration()
    prepare()
    tell(greeting(settings))
    Server(
        "roadworthy.server.wsgi:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.workers,
        blocking_threads=settings.threads,
        log_access=False,
    ).serve()
