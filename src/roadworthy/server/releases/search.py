"""Releases in the search: the newest of each system by words, any by the first characters of its digest."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.db.models import Q, QuerySet

from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.releases.models import Release
from roadworthy.server.shell.search import SHOWN, Hit, SearchSource, offer

_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{8,64})")
"""A word that is a digest or its beginning."""


def offer_releases() -> None:
    """Let releases be found."""
    offer(SearchSource("release", "Releases", Permission.RELEASE_READ, _find, 20))


def _find(actor: Actor, words: list[str]) -> Sequence[Hit]:
    seen = actor.visible(Release.objects.all(), Permission.RELEASE_READ)
    digest = _DIGEST.fullmatch(words[0].lower()) if len(words) == 1 else None
    found = _by_digest(seen, digest[1]) if digest else _by_words(seen, words)
    keys = list(found.order_by("-pk").values_list("pk", flat=True)[:SHOWN])  # of the index alone: rows are wide
    rows = Release.objects.filter(pk__in=keys).select_related("system").only("name", "verdict", "system__title")
    return [Hit(str(row), f"/releases/{row.pk}/", row.verdict or "not judged yet") for row in rows.order_by("-pk")]


def _by_digest(rows: QuerySet[Release], digest: str) -> QuerySet[Release]:
    return rows.filter(Q(bundle_digest__startswith=digest) | Q(fingerprint__startswith=digest))


def _by_words(rows: QuerySet[Release], words: list[str]) -> QuerySet[Release]:
    found = rows.filter(current=True)
    for word in words:
        found = found.filter(Q(name__icontains=word) | Q(system__title__icontains=word))
    return found
