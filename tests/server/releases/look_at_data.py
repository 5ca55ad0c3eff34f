"""Run on the data of a server: print what is there, and everything that is half there."""

from __future__ import annotations

import json
import sys


def main() -> None:
    import django

    django.setup()
    from roadworthy.server.audit.models import Entry
    from roadworthy.server.configuration import configuration
    from roadworthy.server.doctor.trail import all_faults
    from roadworthy.server.evidence.files import opened, store, sweep_orphans
    from roadworthy.server.evidence.models import Blob, EvidenceRecord
    from roadworthy.server.releases.judgement import shown_digest, verdict_of
    from roadworthy.server.releases.models import Release
    from roadworthy.server.systems.models import System

    wrong = [fault.what for fault in all_faults()]
    for blob in Blob.objects.all():
        with opened(blob.sha256) as path:
            if path.stat().st_size != blob.size:
                wrong.append(f"{blob} has another size")
    for release in Release.objects.select_related("system"):
        if shown_digest(verdict_of(release), release.bundle_digest) != release.shown_digest:
            wrong.append(f"{release} has another verdict")
        if not release.rests_on.exists():
            wrong.append(f"{release} rests on nothing")
        events = Entry.objects.filter(kind="release", subject=str(release.pk)).values_list("action", flat=True)
        if not {"release.received", "release.judged"} <= set(events):
            wrong.append(f"{release} is not in the trail")
    if System.objects.filter(version=None).exists() or System.objects.exclude(releases__current=True).exists():
        wrong.append("a system without a version or a current release")
    used = set(Release.objects.values_list("bundle", flat=True)) | set(
        Release.objects.values_list("verdict_blob", flat=True)
    )
    used |= set(EvidenceRecord.objects.values_list("results", flat=True))
    if set(Blob.objects.values_list("pk", flat=True)) != used:
        wrong.append("a file that nothing uses is named")
    left = sweep_orphans(-1)
    if {found.digest for found in store().files()} != used:
        wrong.append("files that nobody names survive the sweep")
    if list((configuration().data / "incoming").iterdir()):
        wrong.append("something is left of what arrived")
    bundles = sorted(Release.objects.values_list("bundle", flat=True))
    seen = {"wrong": wrong, "bundles": bundles, "orphans": left, "entries": Entry.objects.count()}
    sys.stdout.write(json.dumps(seen))


if __name__ == "__main__":
    main()
