"""Judge a release as another standard would, from its stored bundle; what came of it is kept, so that it is done once.

It is judged at the moment at which it was judged before, with the same evidence and statements, so that the standard
alone makes the difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec

from roadworthy.core.version import VERSION
from roadworthy.decide.impact import Impact, OutcomeChange, compare_verdicts, judge_under
from roadworthy.decide.judge import read_verdict
from roadworthy.decide.release_bundle import VERDICT, read_dossier
from roadworthy.evidence.bundle import read_bundle
from roadworthy.evidence.trust import TrustedKeys
from roadworthy.server.evidence.files import opened
from roadworthy.server.evidence.incoming import bench
from roadworthy.server.releases.models import JudgedUnder, Release
from roadworthy.standard.load import LoadedStandard

KEPT = timedelta(days=30)
"""For how long a judgement under a draft is kept; after that it is made again when somebody asks."""


class Effect(msgspec.Struct, frozen=True):
    """What becomes of a release under another standard, as it is kept."""

    verdict: tuple[str, str]
    """As it is, and under the other standard."""
    tier: tuple[str, str]
    causes: tuple[str, ...] = ()
    """What makes the verdict another one, in words: `go-live: met -> not shown, holds it`."""
    others: tuple[str, ...] = ()
    """What else differs, in the same words."""


def bundle_of(release: Release) -> str:
    """Return the SHA-256 of the newest bundle of a release: with what was signed here, where somebody did."""
    return release.resealed_id or release.bundle_id


def kept_effects(bundles: Iterable[str], standard: LoadedStandard) -> Mapping[str, Effect]:
    """Return what is known already of bundles under a standard, by the SHA-256 of the bundle; one query."""
    rows = JudgedUnder.objects.filter(bundle__in=list(bundles), standard=standard.digest, harness=VERSION)
    return {bundle: msgspec.convert(effect, Effect) for bundle, effect in rows.values_list("bundle", "effect")}


def effect_on(release: Release, standard: LoadedStandard) -> Effect:
    """Judge a release under a standard, and keep what comes of it. Raises RoadworthyError where that is not possible.

    The bundle is checked byte by byte; whose keys sealed it was asked when it was received.
    """
    digest = bundle_of(release)
    with opened(digest) as path, bench() as directory:
        bundle = read_bundle(path, TrustedKeys.none(), accept_untrusted=True)
        dossier = read_dossier(bundle, directory, standard)
        effect = _told(compare_verdicts(read_verdict(bundle.read(VERDICT)), judge_under(dossier, standard)))
    row = JudgedUnder(bundle=digest, standard=standard.digest, harness=VERSION, effect=msgspec.to_builtins(effect))
    JudgedUnder.objects.bulk_create([row], ignore_conflicts=True)
    return effect


def forget_effects(moment: datetime) -> str:
    """Remove what was kept long ago; for the scheduler."""
    gone, _ = JudgedUnder.objects.filter(judged_at__lt=moment - KEPT).delete()
    return f"{gone} judgements under drafts removed"


def _told(impact: Impact) -> Effect:
    others = [change for change in impact.changes if change not in impact.causes]
    return Effect(
        (str(impact.verdict[0]), str(impact.verdict[1])),
        impact.tier,
        tuple(map(_words, impact.causes)),
        tuple(map(_words, others)),
    )


def _words(change: OutcomeChange) -> str:
    old, new = change.old or "not asked", change.new or "no longer asked"
    effect = "" if change.held == change.holds else ", holds it" if change.holds else ", no longer holds it"
    return f"{change.requirement}: {old} -> {new}{effect}"
