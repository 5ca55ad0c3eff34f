"""Judge a release again: what was pushed, with everything that people signed here since. Same judge, same rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from roadworthy.core.clock import now
from roadworthy.core.digests import sha256_file
from roadworthy.decide.countersigned import add_statements, write_countersigned
from roadworthy.decide.outcome import Verdict
from roadworthy.decide.release_bundle import read_dossier
from roadworthy.decide.validity import valid_until
from roadworthy.evidence.bundle import read_bundle
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict
from roadworthy.server.audit.services import record
from roadworthy.server.decisions.following import follow
from roadworthy.server.decisions.governance import refresh_governance
from roadworthy.server.decisions.locks import lock_release, seen_release
from roadworthy.server.decisions.records import records_for, vouched_for
from roadworthy.server.evidence.files import name_files, opened, store
from roadworthy.server.evidence.incoming import bench
from roadworthy.server.evidence.models import Blob, EvidenceRecord
from roadworthy.server.releases.judgement import judge_release, keep_verdict
from roadworthy.server.releases.models import Release, ReleaseEvidence
from roadworthy.server.releases.trust import keys_of
from roadworthy.server.secrets import server_signer

EXPIRED = "Evidence, a statement or an exception has ended since it was judged."
"""The one reason for being stale that judging again takes away."""
BUNDLE_TYPE = "application/zip"


@dataclass(frozen=True)
class _Judged:
    verdict: Verdict
    until: datetime | None
    verdict_blob: Blob
    resealed: Blob


def judge_releases(actor: Actor, releases: Iterable[int], why: str, *, as_of: datetime | None = None) -> None:
    """Judge several releases of one system again; the caller is in a transaction and holds the lock on the system."""
    for pk in sorted(releases):
        system = Release.objects.values_list("system_id", flat=True).get(pk=pk)
        judge_again(actor, lock_release(pk, system), why, as_of=as_of)


@transaction.atomic
def ask_judgement(actor: Actor, release_pk: int) -> Release:
    """Judge a release again because somebody asks for it."""
    release = seen_release(actor, release_pk)
    actor.need_on(Permission.DECISION_REQUEST, release.system)
    if not release.current:
        raise Conflict("a newer release has taken its place", remedy="Judge the newest one.")
    judge_again(actor, release, "Somebody asked for it.")
    return release


def judge_again(actor: Actor, release: Release, why: str, *, as_of: datetime | None = None) -> None:
    """Judge a locked release with what was signed here, keep the verdict and the resealed bundle, and record it.

    Requests follow: where something else is shown than before, open ones begin a new round and approvals reopen.
    """
    before = {"verdict": release.verdict, "shown": release.shown_digest, "holding": release.holding}
    rows = records_for(release)
    judged = _judge(release, rows, as_of or now())
    name_files([judged.verdict_blob, judged.resealed])
    stale = release.stale
    judge_release(release, judged.verdict, judged.verdict_blob, judged.until)
    if stale and stale != EXPIRED:
        release.stale = stale
    release.resealed = judged.resealed
    release.revision += 1
    release.save()
    _link(release, judged.verdict)
    followed = follow(release, why)
    refresh_governance(release.system)
    after = {"verdict": release.verdict, "shown": release.shown_digest, "holding": release.holding}
    record(actor, "release.judged", release.subject, before=before, after=after, row=release, reason=why)
    for tell in followed:
        tell(actor)


def _judge(release: Release, rows: list[EvidenceRecord], as_of: datetime) -> _Judged:
    """Judge, and keep the files; without a row they are nobody's, and the sweep takes them if we fail later."""
    trusted = keys_of(release.system.slug)
    with opened(release.bundle_id) as path, bench() as directory:
        bundle = read_bundle(path, trusted, accept_untrusted=True)  # a revoked key: its measurements fall out below
        received = read_dossier(bundle, directory)
        received = replace(received, accepted_keys=received.accepted_keys & trusted.keys.keys())
        case = add_statements(
            received,
            [row.envelope.encode() for row in rows],
            signers=vouched_for(rows),
            as_of=max(as_of, received.as_of),
        )
        target = directory / "resealed.zip"
        write_countersigned(target, bundle, case, server_signer())
        digest, size = sha256_file(target), target.stat().st_size
        store().keep(target, digest)
        name = f"{release.system.slug}-{release.name}.bundle.zip".replace("\0", "")[:300]
        return _Judged(
            case.verdict,
            valid_until(case.dossier, case.verdict),
            keep_verdict(case.verdict),
            Blob(sha256=digest, size=size, media_type=BUNDLE_TYPE, name=name),
        )


def _link(release: Release, verdict: Verdict) -> None:
    """Say anew which records each outcome rests on."""
    wanted = {
        (digest, outcome.requirement[:64])
        for outcome in verdict.outcomes
        for digest in (*outcome.evidence, *([outcome.waiver] if outcome.waiver else []))
    }
    known = EvidenceRecord.objects.filter(digest__in={digest for digest, _ in wanted}, system=release.system)
    rows = dict(known.values_list("digest", "pk"))
    ReleaseEvidence.objects.filter(release=release).delete()
    ReleaseEvidence.objects.bulk_create(
        ReleaseEvidence(release=release, record_id=rows[digest], requirement=requirement)
        for digest, requirement in sorted(wanted)
        if digest in rows
    )
