"""Which keys may seal bundles: those that administrators entered, for all systems or for one; no others."""

from __future__ import annotations

from collections.abc import Iterable

from roadworthy.evidence.trust import TrustedKeys
from roadworthy.server.releases.models import TrustedKey


def all_keys() -> TrustedKeys:
    """Return every key that counts somewhere."""
    return _trusted(TrustedKey.objects.filter(revoked_at__isnull=True))


def keys_of(system: str) -> TrustedKeys:
    """Return the keys that count for a system, by its id: its own and those of all systems."""
    rows = TrustedKey.objects.filter(revoked_at__isnull=True)
    return _trusted([*rows.filter(system__isnull=True), *rows.filter(system__slug=system)])


def _trusted(rows: Iterable[TrustedKey]) -> TrustedKeys:
    return TrustedKeys({row.key_id: row.name for row in rows})
