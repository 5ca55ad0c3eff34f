"""Bring the default standard into the database: in force where there is none, else proposed and never more."""

from __future__ import annotations

from typing import Any

from roadworthy.core.digests import canonical_json
from roadworthy.standard.load import LoadedStandard, load_standard, standard_value


def seed_standard(**_: Any) -> None:
    """Put the default standard in force on a new server; add a newer default as a proposal. Runs after migrations."""
    from roadworthy.server.standards.models import StandardState, StandardVersion

    loaded = load_standard()
    if StandardVersion.objects.filter(digest=loaded.digest).exists():
        return
    if StandardVersion.objects.filter(in_force=True).exists():
        _propose(loaded)
        return
    now = _now()
    StandardVersion.objects.create(
        **_fields(loaded),
        state=StandardState.PUBLISHED,
        in_force=True,
        in_force_since=now,
        accepted=True,
        published_at=now,
    )


def _propose(loaded: LoadedStandard) -> None:
    from django.db import transaction

    from roadworthy.server.access.actor import Door, server_actor
    from roadworthy.server.audit.services import record
    from roadworthy.server.standards.models import StandardState, StandardVersion

    with transaction.atomic():
        row = StandardVersion.objects.create(
            **_fields(loaded),
            base=StandardVersion.objects.get(in_force=True),
            state=StandardState.PROPOSED,
            proposed_at=_now(),
            note="The default standard that this version of Roadworthy ships.",
        )
        record(server_actor(Door.COMMAND), "standard.proposed", row.subject, after={"digest": row.digest}, row=row)


def _fields(loaded: LoadedStandard) -> dict[str, Any]:
    standard = loaded.standard
    return {
        "standard": standard.id,
        "version": standard.version,
        "title": standard.title,
        "digest": loaded.digest,
        "content": canonical_json(standard_value(standard)).decode(),
    }


def _now() -> Any:
    from django.utils import timezone

    return timezone.now()
