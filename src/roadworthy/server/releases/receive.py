"""Receive a bundle: stream it in, replay it, then record everything about it in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import transaction

from roadworthy.core.errors import InputError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import TooLarge
from roadworthy.server.audit.services import record
from roadworthy.server.evidence.files import name_files, store
from roadworthy.server.evidence.incoming import Arrived, Stream, arriving, bench
from roadworthy.server.evidence.models import Blob, EvidenceRecord
from roadworthy.server.evidence.records import file_records
from roadworthy.server.releases.believed import Believed, believe
from roadworthy.server.releases.change import change_from, last_shipped
from roadworthy.server.releases.judgement import judge_release, keep_verdict
from roadworthy.server.releases.models import Release, ReleaseEvidence, ReleaseState
from roadworthy.server.releases.refusals import BundleRefused
from roadworthy.server.releases.sealed import Sealed, check_seal
from roadworthy.server.releases.trust import all_keys
from roadworthy.server.releases.version import version_of
from roadworthy.server.systems.models import System, SystemVersion

BUNDLE_TYPE = "application/zip"
TABLE_TYPE = "application/vnd.apache.parquet"
_UNDECIDED = (
    ReleaseState.RECEIVED,
    ReleaseState.IN_REVIEW,
    ReleaseState.CHANGES_REQUESTED,
    ReleaseState.REOPENED,
)


@dataclass(frozen=True)
class Received:
    """A release, and whether it is new."""

    release: Release
    created: bool


@dataclass(frozen=True)
class _Kept:
    """Files of a bundle that are in the store, without rows yet."""

    bundle: Blob
    verdict: Blob
    others: tuple[Blob, ...]


def receive(actor: Actor, stream: Stream, *, declared_digest: str = "", declared_size: int | None = None) -> Received:
    """Receive a bundle from a stream; the same bundle again gives the same release.

    Nothing is believed before it was replayed here. Raises BundleRefused, which the door records, for whatever is
    cut off, altered, signed by nobody trusted, judged by another standard, or not the actor's to push.
    """
    actor.need(Permission.RELEASE_PUSH)
    with _arriving(stream, declared_digest, declared_size) as arrived, bench() as directory:
        sealed = check_seal(arrived.path, all_keys())
        check_right(actor, sealed.system)
        known = _known(sealed)
        if known is not None:
            return Received(known, False)
        believed = believe(arrived.path, sealed, directory)
        kept = _keep(arrived, believed)
        try:
            return _record(actor, believed, kept)
        except _RegisteredMeanwhile:
            return _record(actor, believed, kept)


class _RegisteredMeanwhile(Exception):
    """Another push registered the system at the same moment, so that what we saw before no longer holds."""


@contextmanager
def _arriving(stream: Stream, digest: str, size: int | None) -> Iterator[Arrived]:
    try:
        with arriving(stream, size=size, digest=digest) as arrived:
            yield arrived
    except (InputError, TooLarge) as error:
        status = int(getattr(error, "status", 422))
        raise BundleRefused(error.problem, remedy=error.remedy or "Push it again.", status=status) from error


def check_right(actor: Actor, slug: str) -> None:
    """Refuse a push to a system that the actor may not push to, in the same words whether or not there is one."""
    system = System.objects.select_related("product_line").filter(slug=slug).first()
    push = actor.scope(Permission.RELEASE_PUSH)
    if system is not None:
        allowed = push.reaches(system.pk, system.product_line_id, system.unit_id)
    else:
        allowed = push.everywhere and actor.scope(Permission.SYSTEM_CREATE).everywhere
    if not allowed:
        raise BundleRefused(
            f"{actor.name} may not push releases of {slug[:64]}",
            remedy="Use a token for this system; a new system also needs system.create, without a limit to some.",
            status=403,
        )


def _known(sealed: Sealed) -> Release | None:
    rows = Release.objects.select_related("system")
    return rows.filter(system__slug=sealed.system, bundle_digest=sealed.digest).first()


def _keep(arrived: Arrived, believed: Believed) -> _Kept:
    """Put the files into the store. Without a row they are nobody's, and the sweep takes them if we fail now."""
    place = store()
    others = []
    for digest, path in believed.files.items():
        others.append(Blob(sha256=digest, size=path.stat().st_size, media_type=TABLE_TYPE))
        place.keep(path, digest)
    verdict = keep_verdict(believed.verdict)
    place.keep(arrived.path, arrived.sha256)
    name = f"{believed.slug}-{believed.verdict.release}.bundle.zip".replace("\0", "")[:300]
    return _Kept(
        Blob(sha256=arrived.sha256, size=arrived.size, media_type=BUNDLE_TYPE, name=name), verdict, tuple(others)
    )


@transaction.atomic
def _record(actor: Actor, believed: Believed, kept: _Kept) -> Received:
    # Rows that several systems share come before locks, so that two pushes never wait for each other in a circle.
    name_files([kept.bundle, kept.verdict, *kept.others])
    locked = System.objects.select_for_update().filter(slug=believed.slug).first()
    check_right(actor, believed.slug)
    known = _known(believed.sealed)
    if known is not None:
        return Received(known, False)
    before = Release.objects.filter(system__slug=believed.slug, current=True).select_related("system").first()
    newest = before is None or believed.as_of >= before.gated_at
    version = version_of(actor, believed.dossier, newest=newest)
    if locked is None and Release.objects.filter(system=version.system).exists():
        raise _RegisteredMeanwhile
    release = _release(actor, believed, kept, version, current=newest)
    if before is not None and newest:
        _supersede(actor, before, release)
    release.save(force_insert=True)
    rows = file_records(version.system, believed.dossier.records, believed.envelopes)
    ReleaseEvidence.objects.bulk_create(_links(release, believed, rows))
    after = {"verdict": release.verdict, "name": release.name, "tier": release.tier, "bundle": release.bundle_digest}
    record(actor, "release.received", release.subject, after=after, row=release)
    record(actor, "release.judged", release.subject, after={"verdict": release.verdict}, row=release)
    return Received(release, True)


def _release(actor: Actor, believed: Believed, kept: _Kept, version: SystemVersion, *, current: bool) -> Release:
    verdict = believed.verdict
    change = change_from(
        last_shipped(version.system), believed.dossier.system, dict(believed.dossier.fingerprint), verdict
    )
    release = Release(
        system=version.system,
        version=version,
        name=verdict.release[:200],
        fingerprint=verdict.fingerprint,
        parts=dict(believed.dossier.fingerprint),
        standard=believed.standard,
        bundle=kept.bundle,
        bundle_digest=believed.sealed.digest,
        gated_at=believed.as_of,
        changes=list(change.differences),
        assessment_owed=change.owed,
        regressed=bool(change.worse),
        current=current,
        state=ReleaseState.RECEIVED if current else ReleaseState.SUPERSEDED,
        pushed_by_id=actor.user_id,
    )
    judge_release(release, verdict, kept.verdict, believed.valid_until)
    return release


def _supersede(actor: Actor, before: Release, after: Release) -> None:
    """Let a newer release take the place; what was decided or shipped stays so."""
    before.current = False
    if before.state in _UNDECIDED:
        before.state = ReleaseState.SUPERSEDED
    before.revision += 1
    before.save(update_fields=["current", "state", "revision"])
    record(actor, "release.superseded", before.subject, after={"by": after.name}, row=before)


def _links(release: Release, believed: Believed, rows: Mapping[str, EvidenceRecord]) -> list[ReleaseEvidence]:
    """Return which records each outcome rests on, its waiver included."""
    found = {
        (digest, outcome.requirement)
        for outcome in believed.verdict.outcomes
        for digest in (*outcome.evidence, *([outcome.waiver] if outcome.waiver else []))
        if digest in rows
    }
    return [
        ReleaseEvidence(release=release, record=rows[digest], requirement=requirement[:64])
        for digest, requirement in sorted(found)
    ]
