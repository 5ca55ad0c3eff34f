"""The worker beside the server: a process of its own, started again when it dies, stopped with the server."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger("roadworthy.serve")
PROGRAM = (sys.executable, "-m", "roadworthy.server.work")
"""Takes the id of the process with which it ends."""
SOON, LATEST = 1.0, 60.0
"""Seconds until it is started again, at first and at most; doubled each time."""
STEADY = 60.0
"""Seconds after which a worker has proved itself: when it dies then, the next one comes soon again."""
GRACE = 20.0
"""Seconds in which it may finish its task when the server stops. A task that takes longer is done anew later."""


@contextmanager
def worker_beside() -> Iterator[None]:
    """Keep a worker running."""
    keeper = _Keeper()
    keeper.start()
    try:
        yield
    finally:
        keeper.stop()


class _Keeper:
    """Starts the worker and waits for its end, again and again."""

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._change = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="roadworthy-keeper", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._change:
            self._stopping.set()
            if self._process is not None:
                self._process.terminate()
        self._thread.join(GRACE)
        if self._thread.is_alive() and self._process is not None:
            # Killed rather than told twice: one that is told to end has failed, one without a worker is done anew.
            self._process.kill()
            self._thread.join()

    def _keep(self) -> None:
        wait = SOON
        while (process := self._begin()) is not None:
            began = time.monotonic()
            code = process.wait()
            if self._stopping.is_set():
                return
            wait = SOON if time.monotonic() - began > STEADY else min(wait * 2, LATEST)
            log.error("the worker ended with %d; it is started again in %g s", code, wait)
            self._stopping.wait(wait)

    def _begin(self) -> subprocess.Popen[bytes] | None:
        """Start a worker, in a group of its own: Ctrl-C reaches the server, and the server tells the worker."""
        with self._change:
            if self._stopping.is_set():
                return None
            arguments = [*PROGRAM, str(os.getpid())]
            self._process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, start_new_session=True)
            return self._process
