"""Run on the data of a server: do the jobs as if so many days had passed."""

from __future__ import annotations

import json
import sys
from datetime import timedelta


def main(days: int) -> None:
    import django

    django.setup()
    from unittest import mock

    from django.utils import timezone

    from roadworthy.server.jobs.board import board

    moment = timezone.now() + timedelta(days=days)
    with mock.patch("django.utils.timezone.now", return_value=moment):
        said = {name: job.run(moment) for name, job in board().items() if name not in {"digests"}}
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(int(sys.argv[1]))
