"""The worker as a program: `python -m roadworthy.server.work`. Ends with the process that started it."""

from __future__ import annotations

import os
import signal
import sys
import threading


def main() -> None:
    """Run jobs until told to stop, or until the standard input, a pipe from the server, closes."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roadworthy.server.settings")
    import django

    django.setup()
    from roadworthy.server.jobs.worker import run_worker, worker_name

    if not sys.stdin.isatty():
        threading.Thread(target=_end_with_parent, daemon=True).start()
    run_worker(worker_name())


def _end_with_parent() -> None:
    """Stop when the pipe closes: the server is gone, however it ended."""
    try:
        sys.stdin.buffer.read()
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
