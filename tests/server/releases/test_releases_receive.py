"""A bundle is believed after it was replayed: what is recorded of it, and every reason to refuse it."""

from __future__ import annotations

import hashlib
import io
import json

import msgspec
import pytest
from django.utils import timezone
from pushed_bundles import standard_row

from roadworthy.core.digests import canonical_json
from roadworthy.decide.replay import replay
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.server.access.refusals import Refused
from roadworthy.server.audit.models import Entry
from roadworthy.server.evidence.files import store
from roadworthy.server.evidence.incoming import workshop
from roadworthy.server.evidence.models import Blob, EvidenceRecord
from roadworthy.server.releases.judgement import shown_digest, verdict_of
from roadworthy.server.releases.models import Release, ReleaseEvidence, TrustedKey
from roadworthy.server.releases.receive import receive
from roadworthy.server.releases.refusals import BundleRefused
from roadworthy.server.standards.models import StandardVersion
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


def refused(people, path, words, *, status=422, actor=None, **said):
    """Push a bundle that must be refused, and check that nothing of it is left."""
    before = {model: model.objects.count() for model in (Release, System, EvidenceRecord, Blob)}
    files = {found.digest for found in store().files()}
    with path.open("rb") as stream, pytest.raises(BundleRefused) as caught:
        receive(actor or people.actor("engineer"), stream, **said)
    assert words in caught.value.problem
    assert caught.value.status == status
    assert caught.value.remedy
    assert str(path.parent) not in caught.value.problem
    assert {model: model.objects.count() for model in before} == before
    assert {found.digest for found in store().files()} == files
    assert not list(workshop().iterdir())
    return caught.value


def test_an_older_bundle_is_kept_but_does_not_become_the_current_one(people, ready, push):
    actor = people.actor("engineer")
    newest = push(actor, ready.bundle(minutes=20, release="1.2"))
    old = push(actor, ready.bundle())
    newest.refresh_from_db()
    assert (newest.current, old.current, old.state) == (True, False, "superseded")
    system = System.objects.get()
    assert system.version == newest.version != old.version
    later = push(actor, ready.bundle(minutes=30, release="1.3"))
    newest.refresh_from_db()
    assert (later.current, newest.current, newest.state) == (True, False, "superseded")
    assert sorted(system.versions.values_list("number", flat=True)) == [1, 2, 3]


def test_a_change_from_the_shipped_release_is_computed(people, ready, push):
    actor = people.actor("engineer")
    shipped = push(actor, ready.bundle())
    assert (shipped.changes, shipped.regressed, shipped.assessment_owed) == ([], False, False)
    Release.objects.update(state="shipped", shipped_at=timezone.now())
    worse = push(
        actor, ready.bundle(minutes=5, right=20, wrong=40, models=[{"id": "main", "provider": "x", "name": "small-2"}])
    )
    assert worse.assessment_owed
    assert worse.regressed
    assert {"kind": "model", "what": "models.main.name: small-1 -> small-2"} in worse.changes
    shipped.refresh_from_db()
    assert shipped.state == "shipped", "what shipped stays shipped"


def test_a_signed_release_ships(people, ready, push):
    release = push(people.actor("engineer"), ready.bundle(minutes=7, sign=True))
    assert (release.verdict, release.met, release.holding) == ("ship", 4, 0)
    kinds = dict(EvidenceRecord.objects.values_list("requirement", "kind"))
    assert kinds == {"": "measured", "system-card": "documented", "go-live": "attested"}
    assert ReleaseEvidence.objects.count() == 3


def test_the_digest_of_what_is_shown_does_not_depend_on_when_it_was_judged(ready):
    first = replay(ready.bundle(minutes=7, sign=True), TrustedKeys.of(ready.signer)).verdict
    assert first is not None
    later = msgspec.structs.replace(first, as_of="2030-01-01T00:00:00Z")
    other = msgspec.structs.replace(first, release="2.0")
    assert shown_digest(first, "b") == shown_digest(later, "b")
    assert len({shown_digest(first, "b"), shown_digest(first, "c"), shown_digest(other, "b")}) == 3


def test_a_key_that_nobody_entered_is_refused(people, ready):
    refused(people, ready.bundle(key=ready.example.stranger), "not trusted here", status=403)


def test_a_key_of_the_server_s_own_user_does_not_count(people, ready, monkeypatch):
    monkeypatch.setenv("ROADWORTHY_SIGNING_KEY_FILE", str(ready.example.stranger))
    refused(people, ready.bundle(key=ready.example.stranger), "not trusted here", status=403)


def test_a_revoked_key_is_refused(people, ready):
    TrustedKey.objects.update(revoked_at=timezone.now())
    refused(people, ready.bundle(), "not trusted here", status=403)


def test_a_key_of_another_system_is_refused(people, ready, push):
    push(people.actor("engineer"), ready.bundle(system="other-helper", minutes=1))
    TrustedKey.objects.update(system=System.objects.get())
    refused(people, ready.bundle(), "a key that counts for order-helper", status=403)


def test_an_altered_bundle_is_refused_and_names_the_member(people, ready, tmp_path):
    data = ready.bundle().read_bytes()
    path = tmp_path / "bundle.zip"
    path.write_bytes(data.replace(b"small-1", b"small-2", 1))
    refused(people, path, "altered: system.json")


def lied(files, said):
    files["verdict.json"] = files["verdict.json"].replace(b'"verdict":"hold"', b'"verdict":"ship"')
    said["verdict"] = "ship"


def test_a_verdict_that_the_evidence_does_not_give_is_refused(people, ready):
    path = ready.resealed(ready.bundle(), lied, ready.ci)
    refused(people, path, "replaying it does not give what it states")


def weakened(files, said):
    value = json.loads(files["standard.json"])
    for one in value["requirements"]:
        one["obligation"] = "should"
    files["standard.json"] = canonical_json(value)
    said["standard"]["digest"] = hashlib.sha256(files["standard.json"]).hexdigest()


def test_another_standard_is_refused(people, ready):
    refused(people, ready.bundle(minutes=2, version="2"), "small 2")
    row = standard_row(ready._standards["2"], in_force=False)
    StandardVersion.objects.filter(pk=row.pk).update(accepted=False)
    refused(people, ready.bundle(minutes=2, version="2"), "not accepted here")


def test_a_weakened_standard_is_refused(people, ready):
    refused(people, ready.resealed(ready.bundle(), weakened, ready.ci), "replaying it does not give")


def vouching(files, said):
    said["signers"] = [{"name": "Mallory", "key": "a" * 64, "roles": ["risk-lead"]}]


def test_a_pipeline_vouches_for_nobody(people, ready):
    refused(people, ready.resealed(ready.bundle(), vouching, ready.ci), "vouches for people (Mallory)", status=403)


def test_a_clock_in_the_future_is_refused(people, ready, monkeypatch):
    refused(people, ready.bundle(minutes=600), "in the future")


def test_a_bundle_of_a_system_that_the_actor_does_not_reach_is_refused(people, ready, push):
    narrow = people.actor("engineer", system_id=987654)
    new = refused(people, ready.bundle(), "may not push", status=403, actor=narrow)
    push(people.actor("engineer"), ready.bundle(system="other-helper", minutes=1))
    other = System.objects.get()
    known = refused(people, ready.bundle(system="other-helper", minutes=1), "may not push", status=403, actor=narrow)
    assert new.problem.replace("order-helper", "") == known.problem.replace("other-helper", "")
    push(people.actor("engineer", system_id=other.pk), ready.bundle(system="other-helper", minutes=3, release="1.1"))


def test_who_may_not_push_is_refused(people, ready):
    with pytest.raises(Refused):
        receive(people.actor("viewer"), io.BytesIO(b"x"))


@pytest.mark.parametrize(
    ("cut", "said", "words"),
    [
        (lambda data: data[:-100], {}, "bundle"),
        (lambda data: data[: len(data) // 2], {"declared_size": 10**6}, "cut off"),
        (lambda data: data, {"declared_digest": "0" * 64}, "was announced"),
        (lambda data: b"", {}, "empty"),
        (lambda data: b"PK\x05\x06" + bytes(18), {}, "not a bundle"),
        (lambda data: b"not a zip at all" * 1000, {}, "not a bundle"),
        (lambda data: data + b"tail", {}, "bundle"),
        (lambda data: b"head" + data, {}, "bundle"),
    ],
    ids=["torn", "truncated", "wrong digest", "empty", "empty zip", "no zip", "tail", "head"],
)
def test_what_is_no_whole_bundle_is_refused(people, ready, tmp_path, cut, said, words):
    path = tmp_path / "bundle.zip"
    path.write_bytes(cut(ready.bundle().read_bytes()))
    refused(people, path, words, **said)
