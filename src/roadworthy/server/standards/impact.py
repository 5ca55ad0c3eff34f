"""What a draft would change, source by source: systems, and what upper apps add, such as releases that were judged."""

from __future__ import annotations

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
"""Things that are previewed within the request; more are left to a task."""
SHOWN = 500
"""Changed things that one source keeps to be shown; all are counted."""


@dataclass(frozen=True)
class Changed:
    """One system or release for which the draft changes something."""

    title: str
    url: str
    what: tuple[str, ...]
    """In words: `tier: medium -> high`, `requirement injection-resilience: newly applies`."""
    place: tuple[int, int | None, int | None]
    """Key, product line and unit of its system: who may not see the system does not see this."""
    kinds: tuple[str, ...] = ()
    """What sort of change, to be counted: `tier`, `added`, `removed`, `changed`, `verdict`."""


@dataclass(frozen=True)
class ImpactSource:
    """Things that a draft may change."""

    title: str
    """`Systems`, `Releases`."""
    permission: Permission
    """Needed, on the system concerned, to see a row."""
    count: Callable[[], int]
    changes: Callable[[LoadedStandard, LoadedStandard], Iterable[Changed | None]]
    """Takes the standard in force and the draft; yields for each thing what changes, or None. Reads in batches."""


IMPACT_SOURCES: dict[str, ImpactSource] = {}
"""By name; an upper app adds its own in `ready()`, once."""


@dataclass
class _Tally:
    rows: list[dict[str, Any]] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)
    changed: int = 0
    looked_at: int = 0


@transaction.atomic
def ask_preview(actor: Actor, pk: int) -> ImpactPreview:
    """Compute what a draft or proposal would change; in the background when there is much to look at."""
    actor.need(Permission.STANDARD_READ)
    row = find_version(actor, pk)
    if row.base is None:
        raise Conflict(f"{row} lies on no other version", remedy="A preview compares a draft with the one in force.")
    total = sum(source.count() for source in IMPACT_SOURCES.values())
    preview = ImpactPreview.objects.create(version=row, digest=row.digest, total=total, asked_by_id=actor.user_id)
    record(actor, "standard.previewed", row.subject, digest=row.digest, total=total, row=preview)
    if total <= AT_ONCE:
        _compute(preview)
    else:
        transaction.on_commit(lambda: compute_preview.enqueue(preview.pk))
    return preview


@task()
def compute_preview(pk: int) -> None:
    """Compute a preview that waits; safe to run again."""
    preview = ImpactPreview.objects.filter(pk=pk).exclude(state=ImpactState.DONE).first()
    if preview is not None:
        _compute(preview)


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


def _compute(preview: ImpactPreview) -> None:
    preview.state, preview.done, preview.result = ImpactState.RUNNING, 0, {}
    preview.save()
    row = preview.version
    try:
        if row.base is None or row.digest != preview.digest:
            raise Conflict("the draft was changed meanwhile", remedy="Ask for a preview again.")
        old, new = loaded(row.base), loaded_content(row.content, row.digest)
        for name, source in IMPACT_SOURCES.items():
            preview.result[name] = _of(source, old, new, preview)
        preview.state = ImpactState.DONE
    except RoadworthyError as error:
        preview.state, preview.problem = ImpactState.FAILED, error.problem[:500]
    preview.finished_at = timezone.now()
    preview.save()


def _of(source: ImpactSource, old: LoadedStandard, new: LoadedStandard, preview: ImpactPreview) -> dict[str, Any]:
    tally = _Tally()
    for changed in source.changes(old, new):
        tally.looked_at += 1
        preview.done += 1
        if preview.done % 100 == 0:
            ImpactPreview.objects.filter(pk=preview.pk).update(done=preview.done)
        if changed is None:
            continue
        tally.changed += 1
        for kind in changed.kinds:
            tally.kinds[kind] = tally.kinds.get(kind, 0) + 1
        if len(tally.rows) < SHOWN:
            what, place = list(changed.what), list(changed.place)
            tally.rows.append({"title": changed.title, "url": changed.url, "what": what, "place": place})
    return {"looked_at": tally.looked_at, "changed": tally.changed, "kinds": tally.kinds, "rows": tally.rows}
