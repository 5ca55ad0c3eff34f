"""Checks of the record: somebody administers it, a standard judges, trail and files are what was kept."""

from __future__ import annotations

import msgspec

from roadworthy.core.errors import RoadworthyError, StorageError
from roadworthy.evidence.audit_chain import Fault
from roadworthy.server.accounts.administrators import administrators
from roadworthy.server.accounts.models import User
from roadworthy.server.audit.heads import heads_path
from roadworthy.server.audit.models import Entry
from roadworthy.server.configuration import configuration
from roadworthy.server.doctor.check import Answer, failed, ok, warning
from roadworthy.server.doctor.trail import LAST, all_faults, end_faults
from roadworthy.server.evidence.files import store
from roadworthy.server.evidence.models import Blob
from roadworthy.server.evidence.storage import Altered
from roadworthy.server.sealing import KEYS, unseal
from roadworthy.server.secrets import SERVER_KEY
from roadworthy.server.standards.in_force import in_force

SAMPLE = 3
"""Files whose presence is looked at each time."""
SHOWN = 5
"""Files that are named; more of them are counted."""
_RESTORE = "Restore from a backup made before, and find out who could write to the database."


def administrator() -> Answer:
    """Check that somebody can administer."""
    count = administrators().count()
    if not count:
        return failed("nobody can administer the server", "Use the link that 'roadworthy serve' prints when it starts.")
    if count == 1:
        return warning("one person alone can administer the server", "Give a second person the role administrator.")
    return ok(f"{count} people can administer the server")


def standard() -> Answer:
    """Check that a standard is in force and is the one that was published."""
    try:
        loaded = in_force()
    except RoadworthyError as error:
        return failed(error.problem, error.remedy or "Restore the database from a backup.")
    return ok(f"{loaded.standard.id} {loaded.standard.version}, digest {loaded.digest[:12]}")


def sealed() -> Answer:
    """Check that the secrets in the database can be opened, on the newest key of a person."""
    user = User.objects.exclude(signing_key="").order_by("-pk").first()
    if user is None:
        return ok("nothing is sealed yet")
    remedy = "Restore the file from a backup; without it nobody can sign with the key that they had."
    if not (configuration().data / KEYS).is_file():
        return failed(f"{KEYS} is gone: no secret in the database can be opened", remedy)
    try:
        unseal(user.signing_key, f"user {user.pk} signing key")
    except RoadworthyError as error:
        return failed(error.problem, error.remedy or remedy)
    return ok("the key of the newest signer can be opened")


def trail_end() -> Answer:
    """Check the end of the audit trail against the heads kept outside."""
    if Entry.objects.exists() and not (configuration().data / SERVER_KEY).is_file():
        return failed(f"{SERVER_KEY}, which signed the trail, is gone", "Restore the file from a backup.")
    try:
        found = end_faults()
    except msgspec.MsgspecError:
        return _unreadable()
    if not found and Entry.objects.exists() and not heads_path().is_file():
        return warning(
            f"no signed heads are kept at {heads_path()}: rows that are cut off would not show",
            "Bring the file back from a backup; it is written anew with the next change.",
        )
    return _judged(found, f"the last {LAST} entries hold together, up to the signed tip")


def trail_whole() -> Answer:
    """Check the whole audit trail."""
    if not Entry.objects.exists():
        return ok("nothing is recorded yet")
    try:
        return _judged(all_faults(), f"all {Entry.objects.count():,} entries hold together, up to the signed tip")
    except msgspec.MsgspecError:
        return _unreadable()


def _judged(found: list[Fault], well: str) -> Answer:
    if not found:
        return ok(well)
    more = f", and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    return failed(f"{'; '.join(fault.what for fault in found[:SHOWN])}{more}", _RESTORE)


def _unreadable() -> Answer:
    return failed(f"{heads_path()} holds lines that are no heads", "Bring the file back from a backup.")


def files_there() -> Answer:
    """Check that the newest files are where they are kept."""
    newest = list(Blob.objects.order_by("-stored_at", "pk")[:SAMPLE])
    try:
        lacking = [blob for blob in newest if store().size(blob.sha256) != blob.size]
    except (RoadworthyError, OSError) as error:
        return failed(f"the store of evidence does not answer: {_said(error)}", "Check disk, bucket and credentials.")
    if lacking:
        return failed(f"not there or of another size: {_named(lacking)}", "Restore the files from a backup.")
    return ok(f"the newest {len(newest)} files are there" if newest else "no file is kept yet")


def files_whole() -> Answer:
    """Read every file and compare it with its digest."""
    bad: list[Blob] = []
    count = 0
    for blob in Blob.objects.order_by("pk").iterator(chunk_size=500):
        count += 1
        try:
            size = sum(len(block) for block in store().read(blob.sha256))
        except (Altered, StorageError, OSError):
            size = -1
        if size != blob.size:
            bad.append(blob)
    if bad:
        return failed(f"altered or gone, {len(bad)} of {count:,}: {_named(bad)}", "Restore the files from a backup.")
    return ok(f"all {count:,} files give their digest")


def _named(blobs: list[Blob]) -> str:
    more = f" and {len(blobs) - SHOWN} more" if len(blobs) > SHOWN else ""
    return ", ".join(f"{blob} ({blob.sha256[:12]})" if blob.name else blob.sha256[:12] for blob in blobs[:SHOWN]) + more


def _said(error: Exception) -> str:
    return error.problem if isinstance(error, RoadworthyError) else str(error)
