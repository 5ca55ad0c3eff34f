"""Releases as the API shows them."""

from __future__ import annotations

from datetime import datetime

from ninja import Field, Schema

from roadworthy.server.releases.models import Release, TrustedKey


class ChangeOut(Schema):
    """Something that differs from the release that shipped last."""

    kind: str
    what: str


class CountsOut(Schema):
    """How many requirements have each outcome."""

    met: int
    not_met: int
    inconclusive: int
    not_shown: int
    stale: int
    waived: int
    holding: int = Field(description="Outcomes that hold the release.")


class ReleaseOut(Schema):
    """A release with what the gate says of it."""

    id: int
    system: str = Field(description="Id of its system.")
    name: str
    fingerprint: str = Field(description="SHA-256 of what was tested; ask for clearance with it.")
    tier: str
    standard: str
    verdict: str = Field(description="ship, ship with conditions, or hold.")
    shown_digest: str = Field(description="SHA-256 of what a signature on this release covers.")
    bundle_digest: str = Field(description="SHA-256 of the signed statement of the bundle.")
    judged_at: datetime
    valid_until: datetime | None = Field(description="First moment at which time alone may change the verdict.")
    stale: str = Field(description="Why the verdict no longer counts; empty while it does.")
    counts: CountsOut
    changes: list[ChangeOut]
    assessment_owed: bool
    regressed: bool
    state: str
    current: bool
    pushed_at: datetime
    shipped_at: datetime | None
    environments: list[str]
    url: str = Field(description="Path of its page.")
    revision: int

    @staticmethod
    def resolve_system(row: Release) -> str:
        """Return the id that its team gave the system."""
        return row.system.slug

    @staticmethod
    def resolve_standard(row: Release) -> str:
        """Return id and version of the standard."""
        return str(row.standard)

    @staticmethod
    def resolve_counts(row: Release) -> dict[str, int]:
        """Return the counts, under the names of the outcomes."""
        names = ("met", "not_met", "inconclusive", "not_shown", "waived", "holding")
        return {**{name: getattr(row, name) for name in names}, "stale": row.stale_count}

    @staticmethod
    def resolve_url(row: Release) -> str:
        """Return the path of its page."""
        return row.subject.url


class ShipIn(Schema):
    """Where a release was shipped to."""

    environments: list[str] = Field(min_length=1, max_length=50, description="Ids of environments, for example prod.")
    note: str = Field("", max_length=2000)


class WithdrawIn(Schema):
    """Why a release was withdrawn."""

    reason: str = Field(min_length=1, max_length=2000)


class KeyOut(Schema):
    """A key that may seal bundles."""

    id: int
    key_id: str = Field(description="Ed25519 public key, 64 hex digits.")
    name: str
    system: str = Field(description="Id of the only system for which it counts; empty: for every one.")
    added_at: datetime
    revoked_at: datetime | None

    @staticmethod
    def resolve_system(row: TrustedKey) -> str:
        """Return the id of its system, where it has one."""
        return row.system.slug if row.system else ""


class KeyIn(Schema):
    """A public key to enter."""

    key: str = Field(min_length=1, max_length=2000, description="64 hex digits, or PEM.")
    name: str = Field(min_length=1, max_length=200, description="Whose it is.")
    system: str = Field("", max_length=64, description="Id of the only system for which it counts.")
