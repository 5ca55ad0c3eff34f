"""Verdicts as they are read again and again: a file named by its digest never changes, so it is kept in memory."""

from __future__ import annotations

from functools import lru_cache

from roadworthy.decide.judge import read_verdict
from roadworthy.decide.outcome import Verdict
from roadworthy.server.evidence.files import store
from roadworthy.server.releases.models import Release


def verdict_of(release: Release) -> Verdict:
    """Return the verdict in force on a release."""
    return _read(release.verdict_blob_id)


@lru_cache(maxsize=256)
def _read(digest: str) -> Verdict:
    return read_verdict(b"".join(store().read(digest)))
