"""Where a verdict comes from: the records it rests on, in the few facts that a reader needs."""

from __future__ import annotations

import msgspec


class ScorerNote(msgspec.Struct, frozen=True, kw_only=True):
    """A scorer that took part, and how often it is known to be wrong."""

    name: str
    version: str = ""
    known_error: str | None = None
    """In words; null when nobody has measured it, which the report says."""


class RecordSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One evidence record, summarised. What does not apply to its kind stays null."""

    digest: str
    kind: str
    """measured, attested, documented, uploaded or exception."""
    requirement: str | None = None
    """The requirement that an attestation, a document or an exception is about."""
    suite: str | None = None
    dataset: str | None = None
    dataset_digest: str | None = None
    n: int | None = None
    """Rows recorded, errored and unscored ones included."""
    cluster: str | None = None
    """Name of the cluster column; null when the dataset declares none."""
    errored: int = 0
    unscored: int = 0
    target: str | None = None
    model: str | None = None
    """The model that the target reported, where it did."""
    started: str | None = None
    finished: str | None = None
    """RFC 3339, like `started`."""
    valid_until: str | None = None
    actor: str | None = None
    role: str | None = None
    independence: str | None = None
    harness: str | None = None
    seed: str | None = None
    calls: int | None = None
    cached: int | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    cost: float | None = None
    currency: str = "USD"
    scorers: tuple[ScorerNote, ...] = ()
    notes: tuple[str, ...] = ()
    signed_by: tuple[str, ...] = ()
    """Key ids."""


class Provenance(msgspec.Struct, frozen=True, kw_only=True):
    """The chain from the report back to the sealed evidence."""

    records: tuple[RecordSummary, ...] = ()
    bundle: str | None = None
    """File name of the bundle, without its directory."""
    bundle_digest: str | None = None
    key_id: str | None = None
    """Key that signed the bundle; null for an unsigned one, which the report says."""
    trust: str = ""
    """trusted, foreign or unsigned; empty when not judged."""
    ledger_size: int | None = None
    ledger_root: str | None = None
