"""The manifest: what a backup holds. It is written last, so that a backup without one was never finished."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from roadworthy.core.errors import EvidenceError, InputError
from roadworthy.evidence.audit_chain import Head

NAME = "manifest.json"
FORM = 1


class Evidence(msgspec.Struct, frozen=True):
    """Where the files of the record are."""

    files: int
    bytes: int
    bucket: str = ""
    """Empty: they are in the backup, below `evidence/`."""
    endpoint: str = ""
    prefix: str = ""


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds, and where the audit trail stood."""

    form: int
    roadworthy: str
    """Version that made it."""
    made_at: str
    database: str
    """sqlite or postgresql."""
    migrations: list[str]
    tip: Head | None
    """Signed end of the audit trail; null when nothing was recorded yet."""
    evidence: Evidence
    sums: str
    """SHA-256 of the file that lists the SHA-256 of every other file."""
    session_key_from: str
    """file, or environment when ROADWORTHY_SECRET_KEY gave it and the backup does not hold it."""


def write_manifest(directory: Path, manifest: Manifest) -> None:
    """Write the manifest; it is there whole or not at all."""
    temporary = directory / f".{NAME}.new"
    with temporary.open("wb") as stream:
        stream.write(msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n")
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(temporary, directory / NAME)
    sync_folder(directory)


def read_manifest(directory: Path) -> Manifest:
    """Read the manifest; raises InputError where there is no finished backup, EvidenceError where it was altered."""
    path = directory / NAME
    if not directory.is_dir():
        raise InputError(
            f"there is no backup at {directory}", remedy="Name the directory that 'roadworthy backup' wrote."
        )
    if not path.is_file():
        raise InputError(
            f"{directory} is no finished backup: it has no {NAME}, which is written last",
            remedy="Take an earlier backup.",
        )
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Manifest)
    except msgspec.MsgspecError as error:
        raise EvidenceError(f"{path} cannot be read: {error}", remedy="Take another copy of the backup.") from error
    if found.form != FORM:
        raise InputError(
            f"{path} is of form {found.form}, which this version does not know", remedy="Install a later Roadworthy."
        )
    return found


def sync_folder(folder: Path) -> None:
    """Have the names in a folder written to the disk."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
