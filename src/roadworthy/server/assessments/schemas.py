"""Assessments as the API shows and takes them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import StringConstraints

from roadworthy.assess.assessment import AssessedScenario
from roadworthy.assess.mitigation import Treatment
from roadworthy.assess.risk import Score
from roadworthy.assess.scale import Factor, Rating
from roadworthy.server.assessments.models import Assessment

Slug = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
OptionalSlug = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z0-9._-]*$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4_000, pattern=r"^[^\x00]*$")]
Remark = Annotated[str, StringConstraints(max_length=4_000, pattern=r"^[^\x00]*$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Step = Annotated[int, Field(ge=1, le=5)]
Range = Annotated[list[Step], Field(min_length=2, max_length=2, description="Lower and upper end, 1 to 5.")]
Ends = Annotated[list[int], Field(min_length=2, max_length=2, description="From the lower and from the upper ends.")]
Band = Literal["low", "moderate", "high", "critical"]
Word = Literal["safety", "fairness", "privacy", "security", "robustness", "explainability", "grounding", "oversight"]
Category = Literal[Word, "transparency", "legal", "society"]


class RatingIO(Schema):
    """A range on each factor; on each, more is worse."""

    severity: Range
    likelihood: Range
    exposure: Range
    detectability: Range


class ScoreOut(Schema):
    """A score: the products of the lower and of the upper ends."""

    low: int
    high: int
    band: Band = Field(description="Of the upper end; the one that counts.")


class EvidenceOut(Schema):
    """What shows that a mitigation is in place."""

    digest: str
    says: str | None
    until: date | None = Field(description="Last day on which it counts.")


class TreatmentOut(Schema):
    """A mitigation as it stands in one scenario."""

    mitigation: str
    title: str
    control: str | None
    state: str
    owner: str | None
    due: date | None
    evidence: list[EvidenceOut]
    counts: bool = Field(description="In place, with evidence that has not expired.")


class ChangeOut(Schema):
    """What a person did."""

    what: str
    by: str
    at: datetime
    why: str | None


class ScenarioOut(Schema):
    """A harm scenario as it is rated now."""

    id: str
    title: str
    harm: str
    category: str
    because: str
    facts: dict[str, str] = Field(description="Declared field to its value: what led to it.")
    origin: str
    model: str | None
    standing: Literal["proposed", "accepted", "dismissed"]
    counts: bool
    rating: RatingIO = Field(description="Inherent.")
    residual_rating: RatingIO
    inherent: ScoreOut
    residual: ScoreOut
    mitigations: list[TreatmentOut]
    metrics: list[str]
    changes: list[ChangeOut]


class AssessmentOut(Schema):
    """A risk assessment of one version of a system."""

    id: int
    system: str
    number: int
    state: Literal["draft", "in review", "accepted", "superseded"]
    version: int
    inherent: Ends
    residual: Ends
    worst: str = Field(description="Gravest residual band; empty where no risk counts.")
    bands: dict[str, int] = Field(description="Residual risks by band.")
    evidence_until: date | None = Field(description="Last day of the evidence that the residual risk rests on.")
    refresh_owed: bool = Field(description="A newer version owes a fresh look.")
    created_by: int | None
    created_at: datetime
    submitted_by: int | None
    submitted_at: datetime | None
    accepted_by: int | None
    accepted_at: datetime | None
    accepted_reason: str
    updated_at: datetime
    revision: int

    @staticmethod
    def resolve_system(row: Assessment) -> str:
        """Return the id of the system."""
        return row.system.slug

    @staticmethod
    def resolve_version(row: Assessment) -> int:
        """Return the number of the version."""
        return row.version.number

    @staticmethod
    def resolve_inherent(row: Assessment) -> list[int]:
        """Return both ends."""
        return [int(row.inherent_low or 0), int(row.inherent_high or 0)]

    @staticmethod
    def resolve_residual(row: Assessment) -> list[int]:
        """Return both ends."""
        return [int(row.residual_low or 0), int(row.residual_high or 0)]

    @staticmethod
    def resolve_bands(row: Assessment) -> dict[str, int]:
        """Return the number of risks in each band."""
        bands = ("low", "moderate", "high", "critical")
        return {band: int(getattr(row, f"band_{band}")) for band in bands}

    @staticmethod
    def resolve_evidence_until(row: Assessment) -> date | None:
        """Return the day."""
        return row.residual_until

    @staticmethod
    def resolve_created_by(row: Assessment) -> int | None:
        """Return the person."""
        return row.created_by_id

    @staticmethod
    def resolve_submitted_by(row: Assessment) -> int | None:
        """Return the person."""
        return row.submitted_by_id

    @staticmethod
    def resolve_accepted_by(row: Assessment) -> int | None:
        """Return the person."""
        return row.accepted_by_id


class EntryOut(Schema):
    """A row of the register."""

    scenario: str
    title: str
    category: str
    standing: str
    inherent: ScoreOut
    residual: ScoreOut
    cell: list[int] = Field(description="Severity and likelihood, residual, at their upper ends.")
    decides: str = Field(description="Factor whose open range keeps the band up; empty where none does.")
    owners: list[str]
    in_place: int
    open: int
    overdue: int


class RegisterOut(Schema):
    """The risks that count, the gravest first, and where they lie."""

    day: date
    risks: list[EntryOut]
    inherent: list[list[int]] = Field(description="5 x 5 counts: [likelihood - 1][severity - 1].")
    residual: list[list[int]]
    untouched: int = Field(description="Proposals that nobody has looked at.")


class DifferenceOut(Schema):
    """What two assessments say differently of one scenario."""

    scenario: str
    title: str
    what: str
    before: str | None
    after: str | None


class ComparisonOut(Schema):
    """What differs from another assessment of the system."""

    before: int | None = Field(description="Number of the other one; null where there is none.")
    after: int
    differences: list[DifferenceOut]


class PartOut(Schema):
    """An asset, a way in or a boundary."""

    id: str
    title: str
    about: str


class ThreatOut(Schema):
    """A threat that concerns the system."""

    threat: str
    title: str
    attack: str
    because: str
    facts: dict[str, str]
    enters: list[str]
    assets: list[str]
    scenarios: list[str]
    declared: list[str]
    gaps: list[str]
    metrics: list[str]
    references: list[str]


class ThreatModelOut(Schema):
    """What an attacker of the assessed version sees."""

    version: int
    assets: list[PartOut]
    entry_points: list[PartOut]
    boundaries: list[PartOut]
    threats: list[ThreatOut]


class StartIn(Schema):
    """The system to assess."""

    system: Slug


class ReasonIn(Schema):
    """Why."""

    reason: Text


class ScenarioIn(Schema):
    """A scenario that the library lacks."""

    title: Title
    harm: Text = Field(description="Who is hurt, and how.")
    category: Category
    because: Text
    rating: RatingIO
    mitigations: list[Slug] = Field([], max_length=30, description="Of the library.")


class ScenarioChange(Schema):
    """What changes, and why; what is left out stays."""

    reason: Text
    title: Title | None = None
    harm: Text | None = None
    rating: RatingIO | None = None


class TreatmentIn(Schema):
    """How a mitigation stands, as a whole."""

    state: Literal["proposed", "planned", "in-place", "rejected"]
    owner: Annotated[str, StringConstraints(max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")] = Field(
        "", description="Mail address of a person, or a name."
    )
    due: date | None = None
    evidence: list[Digest] = Field([], max_length=20, description="Digests of evidence records of the system.")
    reason: Remark = ""


def score_value(score: Score) -> dict[str, Any]:
    """Return a score as the API shows it."""
    return {"low": score.low, "high": score.high, "band": str(score.band)}


def rating_value(rating: Rating) -> dict[str, list[int]]:
    """Return a rating as the API shows it."""
    return {factor.value: [rating.of(factor).low, rating.of(factor).high] for factor in Factor}


def treatment_value(item: Treatment, day: date) -> dict[str, Any]:
    """Return a mitigation of a scenario as the API shows it."""
    return {
        "mitigation": item.mitigation,
        "title": item.title,
        "control": item.control,
        "state": str(item.state),
        "owner": item.owner,
        "due": item.due,
        "evidence": [{"digest": one.reference, "says": one.says, "until": one.until} for one in item.evidence],
        "counts": item.counts(day),
    }


def scenario_value(item: AssessedScenario, day: date) -> dict[str, Any]:
    """Return a scenario as the API shows it."""
    same = ("id", "title", "harm", "because", "facts", "model")
    return {
        **{name: getattr(item, name) for name in same},
        "category": str(item.category),
        "origin": str(item.origin),
        "standing": str(item.standing),
        "counts": item.counts,
        "rating": rating_value(item.rating),
        "residual_rating": rating_value(item.residual_rating(day)),
        "inherent": score_value(item.inherent),
        "residual": score_value(item.residual(day)),
        "mitigations": [treatment_value(one, day) for one in item.treatments],
        "metrics": list(item.metrics),
        "changes": [{"what": one.what, "by": one.by, "at": one.at, "why": one.why} for one in item.changes],
    }
