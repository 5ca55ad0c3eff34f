"""The worker as a program: `python -m roadworthy.server.work [ID OF THE PROCESS WITH WHICH IT ENDS]`."""

from __future__ import annotations

import os
import sys


def main(parent: int | None = None) -> None:
    """Run jobs until told to stop, or until `parent`, which started it, is gone."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "roadworthy.server.settings")
    import django

    from roadworthy.server.lifeline import end_with

    django.setup()
    from roadworthy.server.jobs.worker import run_worker, worker_name

    if parent is not None:
        end_with(parent)
    run_worker(worker_name())


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else None)
