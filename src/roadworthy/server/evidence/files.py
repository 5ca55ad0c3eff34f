"""Files of the record: kept once by content, with a row that names each."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from roadworthy.server.configuration import Configuration, configuration
from roadworthy.server.evidence.disk_store import DiskStore
from roadworthy.server.evidence.incoming import workshop
from roadworthy.server.evidence.models import Blob
from roadworthy.server.evidence.s3_store import S3Store
from roadworthy.server.evidence.storage import Store

ORPHAN_HOURS = 24
"""Hours after which a file that no row names is taken for the rest of a push that failed."""
_MANY = 500


def store() -> Store:
    """Return the place where this installation keeps its files."""
    return _store(configuration())


@lru_cache(maxsize=8)
def _store(settings: Configuration) -> Store:
    if not settings.s3_bucket:
        return DiskStore(settings.data / "evidence")
    return S3Store.connect(
        bucket=settings.s3_bucket,
        endpoint=settings.s3_endpoint,
        region=settings.s3_region,
        prefix=settings.s3_prefix,
        lock_days=settings.s3_lock_days,
        cache=settings.data / "cache",
    )


def keep_bytes(content: bytes, digest: str) -> None:
    """Keep a small file, whose SHA-256 is `digest`."""
    handle, temporary = tempfile.mkstemp(dir=workshop(), prefix="writing-")
    path = Path(temporary)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        store().keep(path, digest)
    finally:
        path.unlink(missing_ok=True)


def name_files(blobs: Iterable[Blob]) -> None:
    """Add the rows of files that are kept; what has a row already stays as it is.

    Sorted, so that two who add the same files at the same moment wait for each other in one order.
    """
    Blob.objects.bulk_create(sorted(blobs, key=lambda blob: blob.sha256), ignore_conflicts=True)


@contextmanager
def opened(digest: str) -> Iterator[Path]:
    """Give a path at which a file of the record can be read for a while."""
    with store().at_path(digest) as path:
        yield path


def sweep_orphans(hours: float = ORPHAN_HOURS, at: datetime | None = None) -> int:
    """Remove files that no row names and that are older than `hours`, and what never arrived whole.

    Return how many. Such files are what a crash between storing and committing leaves; a job calls this daily.
    """
    before = (at or timezone.now()) - timedelta(hours=hours)
    removed = sum(_sweep_unnamed(before))
    for path in workshop().iterdir():
        if path.stat().st_mtime < before.timestamp():
            _discard(path)
            removed += 1
    return removed


def _sweep_unnamed(before: datetime) -> Iterator[int]:
    batch: list[str] = []
    for found in store().files():
        if found.stored_at < before:
            batch.append(found.digest)
        if len(batch) == _MANY:
            yield _remove(batch, before)
            batch = []
    yield _remove(batch, before)


def _remove(digests: list[str], before: datetime) -> int:
    with transaction.atomic():
        named = set(Blob.objects.filter(pk__in=digests).values_list("pk", flat=True))
    return sum(store().remove(digest, before) for digest in digests if digest not in named)


def _discard(path: Path) -> None:
    import shutil

    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
