"""Run on the data of a server: push bundles by the service, and die as by a power cut at one point of it, or never."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

POINTS = {
    "arrived": ("roadworthy.server.releases.receive", "check_seal", "before"),
    "replayed": ("roadworthy.server.releases.receive", "believe", "after"),
    "all kept": ("roadworthy.server.releases.receive", "_keep", "after"),
    "files named": ("roadworthy.server.releases.receive", "name_files", "after"),
    "records filed": ("roadworthy.server.releases.receive", "file_records", "after"),
    "recorded": ("roadworthy.server.releases.receive", "record", "after"),
    "committed": ("roadworthy.server.releases.receive", "_record", "after"),
}


def dying(call: Callable[..., Any], when: str) -> Callable[..., Any]:
    def die(*arguments: Any, **named: Any) -> Any:
        if when == "after":
            call(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return die


def main(point: str, *bundles: Path) -> None:
    import importlib

    import django

    django.setup()
    from roadworthy.server.access.actor import server_actor
    from roadworthy.server.releases.receive import receive

    if point != "never":
        place, name, when = POINTS[point]
        module = importlib.import_module(place)
        setattr(module, name, dying(getattr(module, name), when))
    for bundle in bundles:
        with bundle.open("rb") as stream:
            receive(server_actor(), stream)


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))
