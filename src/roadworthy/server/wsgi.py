"""The application that granian serves, in processes that end with the server."""

from __future__ import annotations

import multiprocessing
import os

from django.core.wsgi import get_wsgi_application

from roadworthy.server.lifeline import end_with

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roadworthy.server.settings")
application = get_wsgi_application()
_server = multiprocessing.parent_process()
if _server is not None and _server.pid is not None:
    end_with(_server.pid)
