"""A process ends with the one that started it, however that one ended, so that none is left to hold port or tasks."""

from __future__ import annotations

import os
import signal
import threading
import time

SECONDS = 1.0
"""Between two looks."""


def end_with(parent: int) -> None:
    """Tell this process to stop, gracefully, once `parent` is not its parent any more."""
    threading.Thread(target=_watch, args=(parent,), name="roadworthy-lifeline", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
