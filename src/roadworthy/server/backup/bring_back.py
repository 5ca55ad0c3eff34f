"""Bring a backup back into an empty place, and prove that it is what was backed up.

Everything in the backup is read and compared with its digest before anything is written. While it is brought back, a
file in the data directory keeps the server from starting; it goes once the proof is there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from roadworthy.core.errors import EvidenceError, InputError
from roadworthy.evidence.audit_chain import is_signed
from roadworthy.evidence.keys import load_signer
from roadworthy.server.audit.heads import HEADS
from roadworthy.server.backup.copying import copy
from roadworthy.server.backup.manifest import Manifest, read_manifest, sync_folder
from roadworthy.server.backup.place import EVIDENCE, KEYS, database_of, refuse_used
from roadworthy.server.backup.sums import check_sums
from roadworthy.server.configuration import Configuration, configuration
from roadworthy.server.preparation import RESTORING, check_data, prepare
from roadworthy.server.secrets import RETIRED, SERVER_KEY

_SHOWN = 5


@dataclass(frozen=True)
class Restored:
    """What was brought back."""

    manifest: Manifest
    entries: int
    files: int


def restore(directory: Path) -> Restored:
    """Bring a backup back. Raises InputError for a place in use, EvidenceError for what is not as it was."""
    settings = configuration()
    manifest = read_manifest(directory)
    _fits(manifest, settings)
    refuse_used(settings)
    check_sums(directory, manifest.sums)
    if manifest.tip is not None and not is_signed(manifest.tip, _keys_in(directory)):
        raise EvidenceError(
            "the tip in the manifest bears no true signature", remedy="Take another copy of the backup."
        )
    check_data(settings)
    mark = settings.data / RESTORING
    mark.touch(mode=0o600)
    _copy(directory, settings)
    database = database_of(settings)
    database.load(directory / database.file)
    prepare(restoring=True)
    restored = _proof(manifest)
    mark.unlink()
    sync_folder(settings.data)
    return restored


def _fits(manifest: Manifest, settings: Configuration) -> None:
    """Raise InputError when the settings name another kind of place than the backup is of."""
    kind = database_of(settings).kind
    if kind != manifest.database:
        raise InputError(
            f"the backup is of a {manifest.database} database, and DATABASE_URL names {kind}",
            remedy="Set DATABASE_URL to a database of the same kind.",
        )
    if settings.s3_bucket != manifest.evidence.bucket or settings.s3_prefix != manifest.evidence.prefix:
        there = manifest.evidence.bucket or "the backup itself"
        raise InputError(
            f"the evidence of this backup is in {there}, below '{manifest.evidence.prefix}'",
            remedy="Set ROADWORTHY_S3_BUCKET and ROADWORTHY_S3_PREFIX to that.",
        )
    if manifest.session_key_from == "environment" and not settings.secret_key.get_secret_value():
        raise InputError(
            "the server of this backup was given its secret key by ROADWORTHY_SECRET_KEY",
            remedy="Set ROADWORTHY_SECRET_KEY to the same; with another one, everybody signs in anew.",
        )


def _keys_in(directory: Path) -> set[str]:
    """Return the public keys of the server that was backed up: the one it had, and those before."""
    retired = directory / RETIRED
    return {load_signer(directory / SERVER_KEY).key_id, *(retired.read_text().split() if retired.is_file() else ())}


def _copy(directory: Path, settings: Configuration) -> None:
    for name in (*KEYS, HEADS):
        if (directory / name).is_file():
            copy(directory / name, settings.data / name)
    for source in _files(directory / EVIDENCE):
        target = settings.data / EVIDENCE / source.parent.name / source.name
        if copy(source, target) != source.name:
            raise EvidenceError(f"{source} was altered", remedy="Take another copy of the backup.")
        target.chmod(0o400)


def _files(folder: Path) -> Iterable[Path]:
    return sorted(folder.glob("[0-9a-f][0-9a-f]/*"))


def _proof(manifest: Manifest) -> Restored:
    """Walk the whole audit trail and look for every file that the record names; raises EvidenceError."""
    from roadworthy.server.audit.models import Entry
    from roadworthy.server.audit.verification import verify_trail
    from roadworthy.server.evidence.files import store
    from roadworthy.server.evidence.models import Blob

    trail = verify_trail()
    wrong = [fault.what for fault in trail.faults]
    tip = manifest.tip
    if tip is not None and not Entry.objects.filter(number=tip.number, digest=tip.digest).exists():
        wrong.append(f"entry {tip.number} is not the one at which the backup was made")
    files = 0
    for blob in Blob.objects.order_by("pk").iterator(chunk_size=500):
        files += 1
        if store().size(blob.sha256) != blob.size:
            wrong.append(f"the file {blob.sha256[:12]} is not there")
    if wrong:
        raise EvidenceError(
            f"what was brought back is not whole: {'; '.join(wrong[:_SHOWN])}",
            remedy="Take another copy of the backup. Empty the directory and the database before you try again.",
        )
    return Restored(manifest, trail.entries, files)
