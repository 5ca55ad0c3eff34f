"""The standard as the API shows and takes it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Field, Path, Schema

from roadworthy.server.standards.authority import shown_digest
from roadworthy.server.standards.models import ImpactPreview, StandardApproval, StandardVersion

PLAIN = r"^[^\x00]*$"
StandardPk = Annotated[int, Path(gt=0, lt=2**63, description="Id of a version of the standard.")]


class StandardOut(Schema):
    """A version of the standard."""

    id: int
    standard: str
    version: str
    title: str
    digest: str
    state: str
    in_force: bool
    accepted: bool = Field(description="Bundles judged by it are received.")
    accepted_until: datetime | None
    in_force_from: datetime | None
    in_force_since: datetime | None
    in_force_until: datetime | None
    grace_days: int
    base: int | None
    note: str
    created_by: str | None
    published_at: datetime | None
    revision: int

    @staticmethod
    def resolve_base(row: StandardVersion) -> int | None:
        """Return the id of the version that it changes."""
        return row.base_id

    @staticmethod
    def resolve_created_by(row: StandardVersion) -> str | None:
        """Return the name of who began it."""
        return row.created_by.name if row.created_by else None


class StandardWhole(StandardOut):
    """A version of the standard with its content."""

    shown_digest: str = Field(description="What an approval covers: content, terms and note.")
    layer: dict[str, str] = Field(description="File name -> YAML of the organisation's own layer.")
    content: dict[str, Any] = Field(description="The whole standard, all layers applied.")

    @staticmethod
    def resolve_shown_digest(row: StandardVersion) -> str:
        """Return the digest of what is approved."""
        return shown_digest(row)

    @staticmethod
    def resolve_content(row: StandardVersion) -> Any:
        """Return the content as values."""
        return json.loads(row.content)


class DraftIn(Schema):
    """A new draft."""

    note: str = Field("", max_length=4000, pattern=PLAIN)


class LayerIn(Schema):
    """The files of a layer."""

    layer: dict[str, str] = Field(description="standard.yaml, changes.yaml, tests/name.yaml, ...: name -> YAML.")
    note: str | None = Field(None, max_length=4000, pattern=PLAIN)


class ThresholdIn(Schema):
    """Another threshold of a requirement."""

    requirement: str = Field(max_length=64, pattern=PLAIN)
    tier: Literal["prohibited", "high", "medium", "low"]
    value: float = Field(ge=-1e9, le=1e9, allow_inf_nan=False)
    confidence: float = Field(gt=0.5, lt=1, allow_inf_nan=False)


class ProposalIn(Schema):
    """The terms under which a draft is proposed."""

    note: str = Field(min_length=1, max_length=4000, pattern=PLAIN, description="What changes, and why.")
    in_force_from: datetime | None = Field(None, description="From when it judges; null: as soon as it is published.")
    grace_days: int = Field(0, ge=0, le=366, description="Days for which the version before is still accepted.")


class ApprovalIn(Schema):
    """A decision about a proposal."""

    digest: str = Field(pattern="^[0-9a-f]{64}$", description="`shown_digest` of what you read.")
    choice: Literal["approve", "request changes", "reject"]
    reason: str = Field(min_length=1, max_length=4000, pattern=PLAIN)
    role: str = Field("", max_length=64, pattern=PLAIN, description="Role to decide in; empty: one that you hold.")


class ApprovalOut(Schema):
    """What somebody decided."""

    by: str
    role: str
    choice: str
    reason: str
    digest: str
    at: datetime

    @staticmethod
    def resolve_by(row: StandardApproval) -> str:
        """Return the name of who decided."""
        return row.user.name


class ReasonIn(Schema):
    """A reason."""

    reason: str = Field(min_length=1, max_length=4000, pattern=PLAIN)


class ItemChangeOut(Schema):
    """A rule, control or requirement that differs."""

    section: str
    id: str
    what: list[str]


class PolicyTestOut(Schema):
    """How a policy test went."""

    test: str
    file: str
    passed: bool
    failures: list[str]


class ChangedOut(Schema):
    """A system or release for which a draft changes something, or of which that could not be said."""

    title: str
    url: str
    now: str = Field("", description="The tier or the verdict as it is.")
    then: str = Field("", description="What it would be under the draft; empty where that could not be said.")
    what: list[str] = Field(description="What changes, in words; for a verdict first what makes it another one.")


class SourceOut(Schema):
    """What a draft would change among systems, or among releases."""

    looked_at: int
    changed: int
    kinds: dict[str, int] = Field(description="How many of each sort, `could not be judged` among them.")
    rows: list[ChangedOut] = Field(description="Those that you may see, another verdict or tier first, up to a limit.")


class PreviewOut(Schema):
    """What a draft would change."""

    digest: str
    state: str
    done: int
    total: int
    problem: str
    sources: dict[str, SourceOut] = Field(description="By name: systems, releases.")
    asked_at: datetime
    finished_at: datetime | None


def preview_value(preview: ImpactPreview, sources: dict[str, Any]) -> dict[str, Any]:
    """Return a preview as the API shows it."""
    names = ("digest", "state", "done", "total", "problem", "asked_at", "finished_at")
    return {**{name: getattr(preview, name) for name in names}, "sources": sources}


class ControlOut(Schema):
    """A control with the requirements that show it."""

    id: str
    title: str
    domain: str
    statement: str
    requirements: list[str]
    maps: list[dict[str, str]]


class CoveredOut(Schema):
    """An item of a framework with what is evidence for it."""

    id: str
    title: str
    owners: list[str]


class CoverageOut(Schema):
    """The coverage of a version of a framework."""

    framework: str
    version: str
    name: str
    items: int
    covered: list[CoveredOut]
    gaps: list[CoveredOut]
