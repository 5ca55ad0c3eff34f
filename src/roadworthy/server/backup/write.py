"""Write a backup, while the server runs.

The database comes first, as it is at one moment; then the files that it names, which are kept before the database names
them and never change; then the heads of the audit trail up to that moment; the manifest last.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from roadworthy.core.clock import format_time, now
from roadworthy.core.digests import sha256_file
from roadworthy.core.errors import EvidenceError, InputError
from roadworthy.core.version import VERSION
from roadworthy.server.audit.heads import HEADS, kept_heads
from roadworthy.server.backup.copying import copy, link, write_lines
from roadworthy.server.backup.manifest import FORM, Evidence, Manifest, write_manifest
from roadworthy.server.backup.place import EVIDENCE, KEYS, database_of
from roadworthy.server.backup.snapshot import Facts, Snapshot, blobs_of, facts_of
from roadworthy.server.backup.sums import write_sums
from roadworthy.server.configuration import Configuration, configuration
from roadworthy.server.preparation import load


def write_backup(directory: Path, *, by_link: bool = False) -> Manifest:
    """Write a backup to a new or empty directory; with `by_link`, files of evidence get a second name instead.

    Raises InputError for a directory that is in use, EvidenceError when a file of the record is gone or altered.
    """
    settings = configuration()
    _refuse_used(directory)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    database = database_of(settings)
    sums: dict[str, str] = {}
    with database.snapshot(directory) as snapshot:
        snapshot.write(directory / database.file)
        sums[database.file] = sha256_file(directory / database.file)
        facts = facts_of(snapshot)
        evidence = _evidence(settings, snapshot, directory, sums, by_link)
    _keys_and_heads(settings, facts, directory, sums)
    manifest = Manifest(
        form=FORM,
        roadworthy=VERSION,
        made_at=format_time(now()),
        database=database.kind,
        migrations=facts.migrations,
        tip=facts.tip,
        evidence=evidence,
        sums=write_sums(directory, sums),
        session_key_from="environment" if settings.secret_key.get_secret_value() else "file",
    )
    write_manifest(directory, manifest)
    return manifest


def _refuse_used(directory: Path) -> None:
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise InputError(f"{directory} is not empty", remedy="Name a new directory for each backup.")


def _evidence(
    settings: Configuration, snapshot: Snapshot, directory: Path, sums: dict[str, str], by_link: bool
) -> Evidence:
    count = size = 0
    for digest, expected in blobs_of(snapshot):
        if settings.s3_bucket:
            _look(digest, expected)
        else:
            name = f"{EVIDENCE}/{digest[:2]}/{digest}"
            _take(settings.data / name, directory / name, digest, expected, by_link)
            sums[name] = digest
        count, size = count + 1, size + expected
    return Evidence(count, size, settings.s3_bucket, settings.s3_endpoint, settings.s3_prefix)


def _take(source: Path, target: Path, digest: str, expected: int, by_link: bool) -> None:
    """Take one file of evidence; what was altered is no backup of anything."""
    try:
        if by_link:
            link(source, target)
            found = digest if target.stat().st_size == expected else ""
        else:
            found = copy(source, target)
    except FileNotFoundError:
        found = ""
    if found != digest:
        raise _gone(digest)


def _look(digest: str, expected: int) -> None:
    load()
    from roadworthy.server.evidence.files import store

    if store().size(digest) != expected:
        raise _gone(digest)


def _gone(digest: str) -> EvidenceError:
    return EvidenceError(
        f"the file {digest[:12]} of the record is gone or was altered",
        remedy="Run 'roadworthy doctor --deep', and bring it back from an earlier backup; this one was not finished.",
    )


def _keys_and_heads(settings: Configuration, facts: Facts, directory: Path, sums: dict[str, str]) -> None:
    """Copy the keys, and the heads up to the moment of the database."""
    for name in KEYS:
        if (settings.data / name).is_file():
            sums[name] = copy(settings.data / name, directory / name)
    if facts.tip is not None:
        write_lines(directory / HEADS, _lines(settings.data / HEADS, facts.tip.number))
        sums[HEADS] = sha256_file(directory / HEADS)


def _lines(path: Path, end: int) -> Iterator[bytes]:
    return (msgspec.json.encode(head) + b"\n" for head in kept_heads(path) if head.number <= end)
