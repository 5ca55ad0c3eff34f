"""A bundle is believed after it was replayed: what is recorded of it, and every reason to refuse it."""

from __future__ import annotations

import io

import pytest

from roadworthy.server.audit.models import Entry
from roadworthy.server.evidence.files import store
from roadworthy.server.evidence.incoming import workshop
from roadworthy.server.evidence.models import Blob, EvidenceRecord
from roadworthy.server.releases.judgement import verdict_of
from roadworthy.server.releases.models import Release, ReleaseEvidence
from roadworthy.server.releases.receive import receive
from roadworthy.server.systems.models import System


def test_a_push_registers_the_system_and_records_the_release(people, ready, push):
    actor = people.actor("engineer")
    release = push(actor, ready.bundle())
    system = System.objects.get()
    assert (system.slug, release.system, release.version) == ("order-helper", system, system.version)
    assert release.verdict == verdict_of(release).verdict == "hold"
    assert (release.met, release.not_shown, release.holding) == (2, 2, 2)
    assert release.measured == {"quality": [1, 1]}
    assert release.current
    assert release.valid_until is not None
    assert release.pushed_by_id == actor.user_id
    record = EvidenceRecord.objects.get()
    assert (record.kind, record.samples, record.key_id) == ("measured", 60, ready.signer.key_id)
    assert [row.requirement for row in ReleaseEvidence.objects.all()] == ["answers-right"]
    assert store().size(record.results), "the result table is kept beside the bundle"
    assert {blob.sha256 for blob in Blob.objects.all()} == {found.digest for found in store().files()}
    assert not list(workshop().iterdir())
    assert {"system.registered", "system.version_saved", "release.received", "release.judged"} == set(
        Entry.objects.values_list("action", flat=True)
    )


def test_the_same_bundle_again_is_the_same_release(people, ready, push):
    actor = people.actor("engineer")
    first = push(actor, ready.bundle())
    entries = Entry.objects.count()
    with ready.bundle().open("rb") as stream:
        again = receive(actor, stream)
    assert (again.release.pk, again.created) == (first.pk, False)
    assert (Release.objects.count(), Entry.objects.count()) == (1, entries)
