"""The standard in force, and the earlier versions whose bundles are still accepted."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache

from django.db.models import Q
from django.utils import timezone

from roadworthy.core.digests import sha256_json
from roadworthy.core.errors import EvidenceError
from roadworthy.server.access.refusals import Conflict
from roadworthy.server.standards.models import StandardState, StandardVersion
from roadworthy.standard.load import LoadedStandard, seal_standard
from roadworthy.standard.model import Standard


def in_force() -> LoadedStandard:
    """Return the standard that judges now; see in_force_version."""
    return loaded(in_force_version())


def in_force_version() -> StandardVersion:
    """Return the row of the standard that judges now, without its content. Raises Conflict when there is none.

    A published version whose moment has come judges from that moment on, also before the scheduler has noted it.
    """
    rows = StandardVersion.objects.filter(Q(in_force=True) | due_now()).defer("content", "layer")
    row = rows.order_by("in_force", "-in_force_from", "-pk").first()
    if row is None:
        raise Conflict("no standard is in force", remedy="Run 'roadworthy serve', which puts the default one in force.")
    return row


def due_now() -> Q:
    """Return the condition on published versions whose moment has come, and which are not marked in force yet."""
    return Q(
        state=StandardState.PUBLISHED, in_force=False, in_force_since__isnull=True, in_force_from__lte=timezone.now()
    )


def accepted(digest: str) -> StandardVersion | None:
    """Return the published version with this digest if what was judged by it is still received, else None."""
    rows = StandardVersion.objects.filter(digest=digest, state=StandardState.PUBLISHED).defer("content", "layer")
    open_ended = Q(accepted_until__isnull=True) | Q(accepted_until__gt=timezone.now())
    return rows.filter(Q(in_force=True) | (Q(accepted=True) & open_ended)).first()


def loaded(row: StandardVersion) -> LoadedStandard:
    """Return a version ready to judge by; kept by its digest. Raises EvidenceError when its content was altered."""
    return _loaded(row.digest, row.pk)


@lru_cache(maxsize=16)
def _loaded(digest: str, pk: int) -> LoadedStandard:
    content = StandardVersion.objects.values_list("content", flat=True).get(pk=pk)
    return loaded_content(content, digest)


def loaded_content(content: str, digest: str) -> LoadedStandard:
    """Return a standard from its canonical JSON.

    The digest is that of the content as it was stored: a later Roadworthy may know more fields, and fills in their
    defaults, but the published version stays the one that was published.
    """
    value = json.loads(content)
    if sha256_json(value) != digest:
        raise EvidenceError(
            f"the stored standard does not have the digest {digest[:12]} under which it is kept: it was altered",
            remedy="Restore the database from a backup, and verify the audit trail.",
        )
    return replace(seal_standard(Standard.model_validate(value)), digest=digest)
