"""The application that granian serves, in processes that end with the server."""

from __future__ import annotations

import multiprocessing
import os

from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application

from roadworthy.server.lifeline import end_with
from roadworthy.server.warming import warm

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roadworthy.server.settings")
application = get_wsgi_application()


def application_of_server() -> WSGIHandler:
    """Return the application in a process that answers requests, and ends with the server that started it."""
    server = multiprocessing.parent_process()
    if server is not None and server.pid is not None:
        end_with(server.pid)
    warm()
    return application
