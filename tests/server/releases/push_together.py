"""Run on the data of a server: push the same and other bundles at one moment, many times; print what went wrong."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from threading import Barrier, Thread
from typing import Any


def main(rounds: int, *bundles: Path) -> None:
    import django

    django.setup()
    from roadworthy.server.audit.models import Entry
    from roadworthy.server.releases.models import Release
    from roadworthy.server.systems.models import SystemVersion

    wrong: list[str] = []
    for place in range(rounds):
        forget()
        before = Entry.objects.count()
        created = together([*bundles, *bundles], wrong)
        releases = list(Release.objects.order_by("gated_at"))
        entries = list(Entry.objects.filter(number__gt=before).values_list("action", flat=True))
        seen = {
            "releases": len(releases),
            "created": sum(created),
            "received": entries.count("release.received"),
            "judged": entries.count("release.judged"),
            "registered": entries.count("system.registered"),
            "current": [release.current for release in releases],
            "newest": bool(releases) and releases[-1].version_id == releases[-1].system.version_id,
            "numbers": sorted(SystemVersion.objects.values_list("number", flat=True)),
        }
        count = len(bundles)
        if seen != {
            "releases": count,
            "created": count,
            "received": count,
            "judged": count,
            "registered": 1,
            "current": [False] * (count - 1) + [True],
            "newest": True,
            "numbers": list(range(1, count + 1)),
        }:
            wrong.append(f"round {place}: {seen}")
        sys.stderr.write(f"{place + 1} rounds, {len(wrong)} wrong\n")
    sys.stdout.write(json.dumps(wrong))


def forget() -> None:
    """Take away what was pushed, so that each round also registers the system."""
    from roadworthy.server.evidence.models import Blob, EvidenceRecord
    from roadworthy.server.releases.models import Release, ReleaseEvidence
    from roadworthy.server.systems.models import System, SystemVersion

    System.objects.update(version=None)
    for model in (ReleaseEvidence, Release, EvidenceRecord, SystemVersion, System, Blob):
        model._default_manager.all().delete()


def together(paths: list[Path], wrong: list[str]) -> list[bool]:
    """Push all of them at once, each from a thread of its own."""
    from django.db import connection

    from roadworthy.server.access.actor import server_actor
    from roadworthy.server.releases.receive import receive

    barrier, created = Barrier(len(paths)), []

    def push(path: Path) -> None:
        try:
            with path.open("rb") as stream:
                barrier.wait(60)
                created.append(receive(server_actor(), stream).created)
        except Exception as error:
            wrong.append(repr(error))
        finally:
            connection.close()

    threads: list[Any] = [Thread(target=push, args=(path,)) for path in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return created


if __name__ == "__main__":
    main(int(sys.argv[1]), *map(Path, sys.argv[2:]))
