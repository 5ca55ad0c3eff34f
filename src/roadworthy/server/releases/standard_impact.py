"""What a draft of the standard would make of the verdicts that there are."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import F, QuerySet

from roadworthy.core.errors import RoadworthyError
from roadworthy.server.access.permissions import Permission
from roadworthy.server.releases.judged_under import Effect, bundle_of, effect_on, kept_effects
from roadworthy.server.releases.models import Release, ReleaseState
from roadworthy.server.standards.impact import Changed, ImpactSource
from roadworthy.server.systems.models import Lifecycle
from roadworthy.standard.load import LoadedStandard

BATCH = 100
TOLD = 12
"""Requirements that a row names; the page of the release has them all."""
VERDICT, FAILED, OUTCOMES = range(3)
"""Ranks: another verdict, could not be judged, other outcomes with the same verdict."""


def count() -> int:
    """Count the releases that are looked at."""
    return _rows().count()


def changes(old: LoadedStandard, new: LoadedStandard) -> Iterator[Changed | None]:
    """Yield for each release what changes, or None: newest of each system first, then what shipped, then the rest.

    The verdict as it is was given by the standard that the release was judged by, which need not be the one in force.
    """
    del old
    order = ("-current", F("shipped_at").desc(nulls_last=True), "-pk")
    keys = list(_rows().order_by(*order).values_list("pk", flat=True))
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        rows = Release.objects.select_related("system__product_line").defer("changes", "parts", "measured")
        found = rows.in_bulk(batch)
        releases = [found[key] for key in batch if key in found]
        known = kept_effects(map(bundle_of, releases), new)
        for release in releases:
            yield _changed(release, new, known.get(bundle_of(release)))


SOURCE = ImpactSource(
    "Releases",
    Permission.RELEASE_READ,
    count,
    changes,
    noun="verdict",
    about=(
        "Releases that are the newest of their system, shipped, or were decided, each judged anew at the moment at "
        "which it was judged, from its stored bundle. Left out is what was withdrawn, superseded before anybody "
        "decided, or of a retired system."
    ),
    none="No release has arrived yet, so that there is no verdict to compare.",
    cost=20,
)


def _rows() -> QuerySet[Release]:
    rows = Release.objects.exclude(state__in=[ReleaseState.WITHDRAWN, ReleaseState.SUPERSEDED])
    return rows.exclude(system__lifecycle=Lifecycle.RETIRED)


def _changed(release: Release, new: LoadedStandard, known: Effect | None) -> Changed | None:
    system = release.system
    title, url = f"{system.title} {release.name}", release.subject.url
    place = (system.pk, system.product_line_id, system.unit_id)
    try:
        effect = known or effect_on(release, new)
    except RoadworthyError as error:
        words = (f"It could not be judged: {error.problem}"[:500],)
        return Changed(title, url, words, place, ("could not be judged",), release.verdict, rank=FAILED)
    what = _words(effect)
    if not what:
        return None
    before, after = effect.verdict
    other = before != after
    kinds = ("verdict", f"{before} to {after}") if other else ("same verdict, other outcomes",)
    return Changed(title, url, what, place, kinds, before, after, VERDICT if other else OUTCOMES)


def _words(effect: Effect) -> tuple[str, ...]:
    tier = (f"tier: {effect.tier[0]} -> {effect.tier[1]}",) if effect.tier[0] != effect.tier[1] else ()
    said = (*effect.causes, *effect.others)
    more = (f"and {len(said) - TOLD} more requirements",) if len(said) > TOLD else ()
    return (*tier, *said[:TOLD], *more)
