"""Systems as the API shows and takes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Field, Path, Schema

from roadworthy.server.systems.models import System, SystemVersion

SystemId = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$", description="Id of a system.")]
Number = Annotated[int, Path(gt=0, lt=2**31, description="Number of a version.")]
Pk = Annotated[int, Path(gt=0, lt=2**63)]
PLAIN = r"^[^\x00]*$"
TierName = Literal["prohibited", "high", "medium", "low"]
LifecycleName = Literal["planned", "building", "live", "paused"]
GovernanceName = Literal["registered", "in assessment", "awaiting decision", "cleared", "held", "reopened"]


class SystemOut(Schema):
    """A system."""

    id: str
    title: str
    kind: str
    purpose: str
    domain: str
    team: str
    owner: str | None = Field(description="Name of the person who owns it.")
    tier: str
    tier_set: bool = Field(description="A person set the tier, against the rules.")
    lifecycle: str
    governance: str
    product_line: str | None
    launch: date | None
    reach: int
    regions: list[str]
    version: int | None = Field(description="Number of the newest version of the declaration.")
    revision: int
    updated_at: datetime

    @staticmethod
    def resolve_id(row: System) -> str:
        """Return the id that its team gave it."""
        return row.slug

    @staticmethod
    def resolve_owner(row: System) -> str | None:
        """Return the name of its owner."""
        return row.owner.name if row.owner else None

    @staticmethod
    def resolve_product_line(row: System) -> str | None:
        """Return the id of its product line."""
        return row.product_line.slug if row.product_line else None

    @staticmethod
    def resolve_regions(row: System) -> list[str]:
        """Return the regions."""
        return [region for region in row.regions.split(", ") if region]

    @staticmethod
    def resolve_version(row: System) -> int | None:
        """Return the number of its newest version."""
        return row.version.number if row.version else None


class SystemFilter(Schema):
    """What narrows the list of systems."""

    tier: TierName | None = None
    governance: GovernanceName | None = None
    lifecycle: Literal["planned", "building", "live", "paused", "retired"] | None = None
    product_line: str = Field("", max_length=50, pattern=PLAIN, description="Id of a product line.")


class DeclarationIn(Schema):
    """A declaration."""

    declaration: dict[str, Any] = Field(description="The keys of roadworthy.yaml; `roadworthy schema` has their types.")
    note: str = Field("", max_length=500, pattern=PLAIN, description="What this version is about.")


class PropertiesIn(Schema):
    """What is set beside the declaration; what is left out stays as it is."""

    product_line: str | None = Field(None, max_length=50, pattern=PLAIN, description="Id; empty takes it away.")
    lifecycle: LifecycleName | None = None
    owner: int | None = Field(None, ge=0, lt=2**63, description="Id of a person; 0 takes it away.")


class ReasonIn(Schema):
    """A reason."""

    reason: str = Field(min_length=1, max_length=2000, pattern=PLAIN)


class ChangeOut(Schema):
    """One thing that differs."""

    kind: str
    what: str


class VersionOut(Schema):
    """A version of a declaration."""

    number: int
    release: str
    digest: str
    source: str
    note: str
    tier: str
    tiering: dict[str, Any] = Field(description="Rules that fired, with the declared facts that led to them.")
    changes: list[ChangeOut]
    assessment_owed: bool
    created_by: str | None
    created_at: datetime

    @staticmethod
    def resolve_created_by(row: SystemVersion) -> str | None:
        """Return the name of who saved it."""
        return row.created_by.name if row.created_by else None


class VersionWhole(VersionOut):
    """A version with its declaration."""

    declaration: dict[str, Any]
    parts: dict[str, str] = Field(description="Digest of each part under test, where it is known.")

    @staticmethod
    def resolve_declaration(row: SystemVersion) -> Any:
        """Return the declaration as values."""
        import json

        return json.loads(row.declaration)


class Comparison(Schema):
    """What differs between two versions."""

    old: int
    new: int
    changes: list[ChangeOut]
    assessment_owed: bool


class TwoVersions(Schema):
    """The versions to compare."""

    old: int = Field(gt=0, lt=2**31)
    new: int = Field(gt=0, lt=2**31)


class AskedOut(Schema):
    """A requirement that applies."""

    id: str
    title: str
    control: str
    group: str
    must: bool
    because: str
    applies: str
    shown_by: str
    how: str
    remedy: str
    expires: str


class ShipListOut(Schema):
    """What must be true before the system ships."""

    standard: str
    tier: str
    asked: list[AskedOut]
