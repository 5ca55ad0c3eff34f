"""The outcome of a requirement, with everything that it rests on."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from roadworthy.assess.tier import TierFinding


class Status(StrEnum):
    """Outcome of a requirement."""

    MET = "met"
    NOT_MET = "not met"
    INCONCLUSIVE = "inconclusive"
    NOT_SHOWN = "not shown"
    STALE = "stale"
    WAIVED = "waived"
    NOT_APPLICABLE = "not applicable"


class VerdictKind(StrEnum):
    """What the gate says."""

    SHIP = "ship"
    SHIP_WITH_CONDITIONS = "ship with conditions"
    HOLD = "hold"


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """One estimate of a criterion: the whole, a slice, or a pair of groups."""

    label: str
    """`all`, `race=Caucasian`, or `African-American against Caucasian`."""
    suite: str
    status: Status
    estimate: float | None
    """Null when nothing could be measured."""
    lower: float | None
    """One-sided lower bound at the criterion's confidence."""
    upper: float | None
    """One-sided upper bound at the criterion's confidence."""
    interval: tuple[float, float] | None
    """Two-sided interval at the criterion's confidence."""
    standard_error: float | None
    n: int
    """Samples, errored ones included."""
    units: int
    """Independent units: clusters, or samples where none is declared."""
    unit: str
    """Name of the unit: `samples`, or the cluster column."""
    errored: int
    """Samples without a score; they count against the criterion."""
    method: str
    reason: str
    needed_units: int | None = None
    """Further independent units that would settle it if the rate stays as it is; null when none would."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement, judged."""

    requirement: str
    title: str
    control: str
    dimension: str | None
    shown_by: str
    obligation: str
    """must or should."""
    status: Status
    criterion: str
    """In words: `attack_success_rate at most 10 %, 95 % confidence`."""
    threshold: float | None
    direction: str | None
    """at most or at least."""
    confidence: float | None
    reason: str
    next_step: str
    evidence: tuple[str, ...]
    """Digests of the records it rests on."""
    judged: tuple[Judged, ...] = ()
    holds: bool = False
    """This outcome by itself holds the release."""
    waiver: str | None = None
    """Digest of the exception that waives it."""
    maps: tuple[str, ...] = ()
    """framework version id."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the gate says of one release, in full; the same evidence and standard give the same bytes."""

    format: int
    system: str
    title: str
    release: str
    fingerprint: str
    tier: str
    tier_because: tuple[TierFinding, ...]
    regulatory: tuple[TierFinding, ...]
    standard: str
    """id and version."""
    standard_digest: str
    as_of: str
    """RFC 3339 time of the judgement."""
    verdict: VerdictKind
    reasons: tuple[str, ...]
    """Why, one sentence each, most important first."""
    conditions: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    not_tested: tuple[str, ...]
    """What was not tested, and why."""
    changes: tuple[str, ...]
    """What differs from the last shipped release."""
    harness: str
