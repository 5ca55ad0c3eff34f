"""Drafts: begun from the standard in force, edited as files or by forms, taken back, withdrawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from roadworthy.core.digests import canonical_json
from roadworthy.core.errors import InputError, InputErrors
from roadworthy.core.names import did_you_mean
from roadworthy.server.access.actor import Actor
from roadworthy.server.access.permissions import Permission
from roadworthy.server.access.refusals import Conflict, Missing
from roadworthy.server.audit.services import record
from roadworthy.server.standards.in_force import in_force_version
from roadworthy.server.standards.layer import HEADER, first_layer, load_layer, next_layer, with_requirement
from roadworthy.server.standards.models import StandardState, StandardVersion
from roadworthy.server.wire.revision import same_revision
from roadworthy.standard.load import DEFAULT, LoadedStandard, read_layer, standard_value
from roadworthy.standard.model import Criterion, Requirement, Tier

THRESHOLDS = ("at_most", "at_least", "no_worse_by")


@transaction.atomic
def start_draft(actor: Actor, note: str = "") -> StandardVersion:
    """Begin a draft of the next version from the standard in force."""
    actor.need(Permission.STANDARD_DRAFT)
    base = StandardVersion.objects.get(pk=in_force_version().pk)
    files = next_layer(base.layer) if base.layer else first_layer(read_layer(DEFAULT).header.standard)
    row = StandardVersion(base=base, layer=files, note=note.strip()[:4000], created_by_id=actor.user_id)
    _hold(row, load_layer(files))
    row.authors = _author(actor)
    row.save()
    record(actor, "standard.drafted", row.subject, after={"version": row.version, "digest": row.digest}, row=row)
    return row


@transaction.atomic
def edit_draft(
    actor: Actor, pk: int, revision: int, files: Mapping[str, str], note: str | None = None
) -> StandardVersion:
    """Replace the files of a draft. Raises InputErrors with file and line; nothing is kept that cannot be loaded."""
    row = draft_to_change(actor, pk, revision)
    before = {"digest": row.digest}
    row.layer = {name: text.replace("\r\n", "\n") for name, text in files.items()}
    if note is not None:
        row.note = note.strip()[:4000]
    _hold(row, load_layer(row.layer))
    row.authors = sorted({*row.authors, *_author(actor)})
    row.revision += 1
    row.save()
    record(actor, "standard.edited", row.subject, before=before, after={"digest": row.digest}, row=row)
    return row


def set_threshold(
    actor: Actor, pk: int, revision: int, *, requirement: str, tier: str, value: float, confidence: float
) -> StandardVersion:
    """Set the threshold and the confidence of a requirement at a tier, in the file that the forms write."""
    row = find_version(actor, pk)
    loaded = load_layer(row.layer)
    known = {item.id: item for item in loaded.standard.requirements}
    if requirement not in known:
        raise InputError(f"there is no requirement {requirement!r}", remedy=did_you_mean(requirement, known))
    changed = _with_threshold(known[requirement], tier, value, confidence)
    return edit_draft(actor, pk, revision, with_requirement(row.layer, changed))


@transaction.atomic
def take_back(actor: Actor, pk: int, revision: int) -> StandardVersion:
    """Make a proposed version a draft again; what was approved does not count for what it becomes."""
    row = _locked(actor, pk, revision)
    if row.state != StandardState.PROPOSED:
        raise Conflict(f"{row} is {row.state}, not proposed", remedy="Load the page again.")
    row.state, row.proposed_at = StandardState.DRAFT, None
    row.revision += 1
    row.save()
    record(actor, "standard.taken_back", row.subject, after={"state": row.state}, row=row)
    return row


@transaction.atomic
def withdraw(actor: Actor, pk: int, revision: int, reason: str) -> StandardVersion:
    """Give up a draft or a proposal; it stays to be read."""
    row = _locked(actor, pk, revision)
    if row.state not in {StandardState.DRAFT, StandardState.PROPOSED}:
        raise Conflict(f"{row} is {row.state}", remedy="Only a draft or a proposal can be withdrawn.")
    if not reason.strip():
        raise InputError("withdrawing needs a reason", remedy="Say why, for those who worked on it.")
    row.state = StandardState.WITHDRAWN
    row.revision += 1
    row.save()
    record(actor, "standard.withdrawn", row.subject, after={"state": row.state}, reason=reason.strip(), row=row)
    return row


def find_version(actor: Actor, pk: int) -> StandardVersion:
    """Return a version; raises Missing where there is none."""
    actor.need(Permission.STANDARD_READ)
    rows = StandardVersion.objects.select_related("base", "created_by")
    row = rows.filter(pk=pk).first() if pk < 2**63 else None
    if row is None:
        raise Missing("there is no such version of the standard", remedy="Choose one of the list.")
    return row


def draft_to_change(actor: Actor, pk: int, revision: int) -> StandardVersion:
    """Return a draft, locked; raises Conflict for anything that is no draft: published versions never change."""
    row = _locked(actor, pk, revision)
    if row.state != StandardState.DRAFT:
        remedy = "Take it back first." if row.state == StandardState.PROPOSED else "Begin a new draft."
        raise Conflict(f"{row} is {row.state} and does not change", remedy=remedy)
    return row


def _locked(actor: Actor, pk: int, revision: int) -> StandardVersion:
    actor.need(Permission.STANDARD_DRAFT)
    find_version(actor, pk)
    row = StandardVersion.objects.select_for_update().get(pk=pk)
    same_revision(row, revision)
    return row


def _author(actor: Actor) -> list[int]:
    return [actor.user_id] if actor.user_id is not None else []


def _hold(row: StandardVersion, loaded: LoadedStandard) -> None:
    """Bring what was loaded into the row."""
    standard = loaded.standard
    clash = StandardVersion.objects.filter(
        standard=standard.id, version=standard.version, state=StandardState.PUBLISHED
    ).exclude(digest=loaded.digest)
    if clash.exists():
        raise InputErrors(
            [
                InputError(
                    f"{standard.id} {standard.version} is published already, and published versions never change",
                    remedy=f"Give the draft another 'version:' in {HEADER}.",
                )
            ]
        )
    row.standard, row.version, row.title = standard.id, standard.version[:64], standard.title[:300]
    row.digest = loaded.digest
    row.content = canonical_json(standard_value(standard)).decode()


def _with_threshold(item: Requirement, tier: str, value: float, confidence: float) -> Requirement:
    level = Tier(tier) if tier in set(map(str, Tier)) else None
    old = item.criterion.get(level) if level else None
    if level is None or old is None:
        have = ", ".join(map(str, item.criterion)) or "none"
        raise InputError(
            f"{item.id} has no threshold at tier {tier!r}", remedy=f"Choose a tier that it has one for: {have}."
        )
    name = next(name for name in THRESHOLDS if getattr(old, name) is not None)
    changes: dict[str, Any] = {**old.model_dump(mode="json"), name: value, "confidence": confidence}
    try:
        criterion = Criterion.model_validate(changes)
    except ValueError as error:
        raise InputError(
            "this threshold or confidence is not possible",
            remedy="A confidence lies above 0.5 and below 1; a margin above 0 and below 1.",
        ) from error
    return item.model_copy(update={"criterion": {**item.criterion, level: criterion}})
