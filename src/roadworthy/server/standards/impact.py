"""What a draft would change, source by source: systems, and what upper apps add, such as releases that were judged."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from roadworthy.core.errors import RoadworthyError
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict
from roadworthy.server.audit.services import record
from roadworthy.server.standards.draft import find_version
from roadworthy.server.standards.in_force import loaded, loaded_content
from roadworthy.server.standards.models import ImpactPreview, ImpactState, StandardVersion
from roadworthy.standard.load import LoadedStandard

AT_ONCE = 200
"""What a preview may cost within the request; more is left to a task."""
SHOWN = 500
"""Things of one rank that one source keeps to be shown; all are counted."""
SLICE = 60.0
"""Seconds after which the task lets others have the worker; it goes on where it stopped."""
TOLD = 1.0
"""Seconds between two signs of how far it has come."""


@dataclass(frozen=True)
class Changed:
    """One system or release for which the draft changes something, or of which that could not be said."""

    title: str
    url: str
    what: tuple[str, ...]
    """In words: `tier: medium -> high`, `requirement injection-resilience: newly applies`."""
    place: tuple[int, int | None, int | None]
    """Key, product line and unit of its system: who may not see the system does not see this."""
    kinds: tuple[str, ...] = ()
    """What sort of change, to be counted: `tier`, `added`, `removed`, `changed`, `verdict`, `failed`."""
    now: str = ""
    """The tier or the verdict as it is."""
    then: str = ""
    """What it would be under the draft; empty where that could not be said."""
    rank: int = 0
    """Lower ones are shown first."""


@dataclass(frozen=True)
class ImpactSource:
    """Things that a draft may change."""

    title: str
    """`Systems`, `Releases`."""
    permission: Permission
    """Needed, on the system concerned, to see a row."""
    count: Callable[[], int]
    changes: Callable[[LoadedStandard, LoadedStandard], Iterable[Changed | None]]
    """Takes the standard in force and the draft; yields for each thing what changes, or None. Reads in batches.

    It is asked anew when a preview goes on after a pause, so what costs much is kept by the source.
    """
    noun: str = "tier"
    """What `now` and `then` are: `tier`, `verdict`."""
    about: str = ""
    """Which things are looked at, in a sentence."""
    none: str = "Nothing is here to look at."
    """What to say while there is nothing."""
    cost: int = 1
    """Of one thing, as a share of AT_ONCE."""


IMPACT_SOURCES: dict[str, ImpactSource] = {}
"""By name; an upper app adds its own in `ready()`, once."""


@dataclass
class _Tally:
    rows: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    changed: int = 0
    looked_at: int = 0

    def add(self, changed: Changed) -> None:
        """Count a change, and keep it to be shown."""
        self.changed += 1
        for kind in changed.kinds:
            self.kinds[kind] = self.kinds.get(kind, 0) + 1
        rows = self.rows.setdefault(changed.rank, [])
        if len(rows) < SHOWN:
            shown = {name: getattr(changed, name) for name in ("title", "url", "now", "then")}
            rows.append({**shown, "what": list(changed.what), "place": list(changed.place)})

    def value(self) -> dict[str, Any]:
        """Return what the preview keeps."""
        rows = [row for rank in sorted(self.rows) for row in self.rows[rank]]
        return {"looked_at": self.looked_at, "changed": self.changed, "kinds": self.kinds, "rows": rows}


@dataclass
class _Pace:
    """How far a preview has come; tells it to those who wait, and when it is time to pause."""

    preview: ImpactPreview
    pauses: bool
    done: int = 0
    started: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)

    def step(self) -> None:
        """Count one thing. Raises _Paused when the slice is over and more was done than in the one before."""
        self.done += 1
        if self.done <= self.preview.done:
            return
        moment = time.monotonic()
        over = self.pauses and moment - self.started > SLICE
        if over or moment - self.told > TOLD:
            self.told = moment
            ImpactPreview.objects.filter(pk=self.preview.pk).update(done=self.done)
        if over:
            raise _Paused


class _Paused(Exception):
    """The slice is over; the rest is for the next one."""


@transaction.atomic
def ask_preview(actor: Actor, pk: int) -> ImpactPreview:
    """Compute what a draft or proposal would change; in the background when there is much to look at."""
    actor.need(Permission.STANDARD_READ)
    row = find_version(actor, pk)
    if row.base is None:
        raise Conflict(f"{row} lies on no other version", remedy="A preview compares a draft with the one in force.")
    counts = {name: source.count() for name, source in IMPACT_SOURCES.items()}
    total = sum(counts.values())
    preview = ImpactPreview.objects.create(version=row, digest=row.digest, total=total, asked_by_id=actor.user_id)
    if sum(counts[name] * source.cost for name, source in IMPACT_SOURCES.items()) <= AT_ONCE:
        _compute(preview, pauses=False)
    else:
        transaction.on_commit(lambda: compute_preview.enqueue(preview.pk))
    record(actor, "standard.previewed", row.subject, digest=row.digest, total=total, row=preview)
    return preview


@task()
def compute_preview(pk: int) -> None:
    """Compute a preview that waits, for a while; safe to run again."""
    preview = ImpactPreview.objects.filter(pk=pk).exclude(state__in=[ImpactState.DONE, ImpactState.FAILED]).first()
    if preview is not None and not _compute(preview, pauses=True):
        compute_preview.enqueue(pk)


def latest_preview(row: StandardVersion) -> ImpactPreview | None:
    """Return the newest preview of the content that a version has now."""
    return row.previews.filter(digest=row.digest).first()


def visible_rows(actor: Actor, preview: ImpactPreview, name: str) -> list[dict[str, Any]]:
    """Return the rows of a source that the actor may see."""
    source = IMPACT_SOURCES.get(name)
    if source is None:
        return []
    scope = actor.scope(source.permission)
    return [row for row in preview.result.get(name, {}).get("rows", []) if scope.reaches(*row["place"])]


def _compute(preview: ImpactPreview, *, pauses: bool) -> bool:
    """Compute a preview; tell whether it came to an end."""
    ImpactPreview.objects.filter(pk=preview.pk).update(state=ImpactState.RUNNING)
    pace, row, result = _Pace(preview, pauses), preview.version, {}
    try:
        if row.base is None or row.digest != preview.digest:
            raise Conflict("the draft was changed meanwhile", remedy="Ask for a preview again.")
        old, new = loaded(row.base), loaded_content(row.content, row.digest)
        for name, source in IMPACT_SOURCES.items():
            result[name] = _of(source, old, new, pace)
        preview.state, preview.result = ImpactState.DONE, result
    except _Paused:
        return False
    except RoadworthyError as error:
        preview.state, preview.problem = ImpactState.FAILED, error.problem[:500]
    preview.done, preview.finished_at = pace.done, timezone.now()
    preview.save()
    return True


def _of(source: ImpactSource, old: LoadedStandard, new: LoadedStandard, pace: _Pace) -> dict[str, Any]:
    tally = _Tally()
    for changed in source.changes(old, new):
        tally.looked_at += 1
        if changed is not None:
            tally.add(changed)
        pace.step()
    return tally.value()
