"""A standard as types: what its YAML files may say."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from roadworthy.core.model import FileModel

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
MetricName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9._@^-]{0,63}$")]
ControlId = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}-\d{2}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4_000, strip_whitespace=True)]


class Tier(StrEnum):
    """Risk tier of a system, strictest first."""

    PROHIBITED = "prohibited"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def severity(self) -> int:
        """Rank from 0 (low) to 3 (prohibited)."""
        return list(reversed(Tier)).index(self)


class ShownBy(StrEnum):
    """The one kind of evidence that shows a requirement."""

    MEASUREMENT = "measurement"
    DOCUMENT = "document"
    SIGN_OFF = "sign-off"
    MONITOR = "monitor"
    VENDOR_REVIEW = "vendor-review"
    DECLARATION = "declaration"
    COVERAGE = "coverage"
    """Share of the required evaluation dimensions that have been measured."""


class Obligation(StrEnum):
    """What a shortfall does to the verdict: a `must` holds the release, a `should` becomes a condition."""

    MUST = "must"
    SHOULD = "should"


class Part(StrEnum):
    """The parts of the system under test that a fingerprint covers."""

    MODELS = "models"
    PROMPTS = "prompts"
    TOOLS = "tools"
    RETRIEVAL = "retrieval"
    GUARD = "guard"
    SETTINGS = "settings"


class Reference(FileModel):
    """A place in an external framework; ids are reused between versions, so the version is part of the key."""

    framework: Text
    version: Text
    id: Text


class TierRule(FileModel):
    """A rule that puts a system into a tier when its predicate holds."""

    id: Slug
    tier: Tier
    when: Text
    """CEL over `system`."""
    because: Text


class RegulatoryRule(FileModel):
    """A rule that puts a system into a class of some law when its predicate holds."""

    id: Slug
    regime: Text
    """The law, for example EU AI Act."""
    class_: Text = Field(alias="class")
    when: Text
    because: Text
    reference: Reference | None = None
    applies_from: date | None = None


class Control(FileModel):
    """Something an organisation does to keep AI risk down, apart from any framework."""

    id: ControlId
    title: Text
    domain: Text
    statement: Text
    maps: list[Reference] = []


class Criterion(FileModel):
    """The one rule that judges a measurement; it yields report, page and exit code alike."""

    at_most: float | None = None
    at_least: float | None = None
    no_worse_by: float | None = Field(default=None, gt=0, lt=1)
    """Margin of non-inferiority: how much worse than the last shipped release, on the same cases, it may be at most."""
    confidence: float = Field(default=0.95, gt=0.5, lt=1)
    """One-sided: the bound at this confidence must be inside the threshold."""
    judge: Literal["any", "calibrated"] = "any"
    """`calibrated`: an automatic scorer must be corrected by labels of people, else nothing is shown."""
    slices: list[list[str]] = []
    """Each entry names slice columns whose every (combined) value must pass too: [[suite], [race, sex]]."""
    min_units: int = Field(default=1, ge=1)
    """Fewest independent units (clusters, else samples) on which a slice may be judged."""
    small_slices: Literal["hold", "report"] = "hold"
    """What a slice below min_units does: leaves the outcome inconclusive, or is only reported as too small."""

    @model_validator(mode="after")
    def _one_threshold(self) -> Criterion:
        if sum(value is not None for value in (self.at_most, self.at_least, self.no_worse_by)) != 1:
            raise ValueError("a criterion has one of 'at_most', 'at_least' and 'no_worse_by'")
        return self


class Measure(FileModel):
    """What is measured to show a requirement."""

    metric: MetricName
    """A name from the table of metrics."""
    group_by: str | None = None
    """For gaps and ratios between groups: the slice column that holds the group."""
    reference_group: str | None = None
    """Compare with this group only; without it, every pair of groups."""
    suites: list[Slug] = []
    """Only evidence of these suites counts; empty means every suite that yields the metric."""


class Expiry(FileModel):
    """When evidence goes stale."""

    days: int | None = Field(default=None, ge=1)
    on_change: list[Part] = []


class Effective(FileModel):
    """From when until when, and where, a requirement applies."""

    from_: date | None = Field(default=None, alias="from")
    until: date | None = None
    regions: list[Text] = []
    """The requirement applies when the system is in one of these; empty means everywhere."""


class Document(FileModel):
    """A document that must be attested."""

    kind: Text
    must_say: list[Text] = []
    """What a reader must find in it."""


class SignOff(FileModel):
    """A signature by somebody with the authority."""

    role: Slug
    """A role of the authority table."""
    not_owner: bool = True
    """Nobody signs their own request."""


class Requirement(FileModel):
    """One thing that must be true, for some systems, shown by one kind of evidence."""

    id: Slug
    title: Text
    control: ControlId
    because: Text
    dimension: Slug | None = None
    """safety, fairness, privacy, security, robustness, explainability, grounding or quality."""
    when: Text = "true"
    """CEL over `system`."""
    shown_by: ShownBy
    tiers: list[Tier] = []
    """Tiers where it applies; for measurements the tiers of `criterion`."""
    obligation: dict[Tier, Obligation] = {}
    """Default: must."""
    measure: Measure | None = None
    criterion: dict[Tier, Criterion] = {}
    document: Document | None = None
    sign_off: SignOff | None = None
    declared: Text | None = None
    """CEL over `system` that must hold, for declarations and monitors."""
    expires: Expiry = Expiry()
    effective: Effective = Effective()
    remedy: Text | None = None
    """What a team does to show it."""
    maps: list[Reference] = []

    @model_validator(mode="after")
    def _complete(self) -> Requirement:
        needs = {
            ShownBy.MEASUREMENT: ("measure", "criterion"),
            ShownBy.COVERAGE: ("criterion",),
            ShownBy.DOCUMENT: ("document", "tiers"),
            ShownBy.SIGN_OFF: ("sign_off", "tiers"),
            ShownBy.DECLARATION: ("declared", "tiers"),
            ShownBy.MONITOR: ("declared", "tiers"),
            ShownBy.VENDOR_REVIEW: ("document", "tiers"),
        }[self.shown_by]
        for name in needs:
            if not getattr(self, name):
                raise ValueError(f"a requirement shown by {self.shown_by} needs '{name}'")
        if self.criterion and self.tiers and set(self.criterion) != set(self.tiers):
            raise ValueError("'tiers' and the tiers of 'criterion' differ")
        return self

    def applies_to_tier(self, tier: Tier) -> bool:
        """Tell whether the requirement exists for `tier`."""
        return tier in self.criterion or tier in self.tiers

    def obligation_at(self, tier: Tier) -> Obligation:
        """Return what a shortfall does at `tier`."""
        return self.obligation.get(tier, Obligation.MUST)


class Role(FileModel):
    """A role that may sign."""

    id: Slug
    title: Text
    may_sign: list[Text] = []
    """In words, for people."""


class Signer(FileModel):
    """A person and the public key they sign with."""

    name: Text
    key: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    """Ed25519 public key, 64 hex digits."""
    roles: list[Slug] = Field(min_length=1)


class Authority(FileModel):
    """Who may sign what, and who may change the standard."""

    roles: list[Role] = []
    signers: list[Signer] = []
    exception_roles: dict[Tier, list[Slug]] = {}
    """Roles that may approve an exception, by tier."""
    tier_roles: list[Slug] = []
    """Roles that may set another tier than the rules give, with a reason."""
    change_roles: list[Slug] = []
    """Roles that approve a change of the standard."""


class Slas(FileModel):
    """Times that the organisation promises, in business days."""

    assessment_business_days: dict[Tier, int] = {}
    finding_business_days: dict[Tier, int] = {}


class Header(FileModel):
    """The file `standard.yaml`: which standard this is, or which one it layers upon."""

    standard: Slug
    version: Text
    title: Text
    published: date | None = None
    extends: Slug | None = None
    """Id of the standard that this layer changes."""
    authority: Authority = Authority()
    slas: Slas = Slas()
    remove: list[Slug] = []
    """Requirements of the lower layer that no longer apply; each removal is shown by `standard diff`."""


class Standard(FileModel):
    """A complete standard, all layers applied."""

    id: Slug
    version: Text
    title: Text
    published: date | None = None
    layers: list[Text] = []
    """Ids and versions of the layers, lowest first."""
    tier_rules: list[TierRule]
    regulatory_rules: list[RegulatoryRule] = []
    controls: list[Control]
    requirements: list[Requirement] = Field(min_length=1)
    authority: Authority = Authority()
    slas: Slas = Slas()
