"""Decisions as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Field, Schema
from pydantic import AwareDatetime, StringConstraints

from roadworthy.decide.authority_rule import Action
from roadworthy.decide.signature import Choice
from roadworthy.server.decisions.memos import named_standing
from roadworthy.server.decisions.models import (
    AuthorityRule,
    DecisionRequest,
    ExceptionScope,
    ExceptionState,
    RequestState,
    Signature,
    VendorChange,
)

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
Environment = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
RoleId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Key = Annotated[int, Field(ge=1, le=2**53)]


class RuleIn(Schema):
    """A rule of authority."""

    action: Action
    roles: list[RoleId] = Field(min_length=1, max_length=20, description="A seat is taken by somebody in any of them.")
    tiers: list[Annotated[str, StringConstraints(max_length=12)]] = Field([], max_length=4, description="Empty: all.")
    environments: list[Environment] = Field([], max_length=20, description="Empty: all.")
    quorum: int = Field(1, ge=1, le=20, description="How many different people must sign.")
    unit: Annotated[str, StringConstraints(max_length=50)] = Field("", description="Id of a unit; empty: everywhere.")


class RuleOut(Schema):
    """A rule of authority."""

    id: int
    action: str
    roles: list[str]
    tiers: list[str]
    environments: list[str]
    quorum: int
    unit: str | None
    revision: int

    @staticmethod
    def resolve_unit(row: AuthorityRule) -> str | None:
        """Return the id of the unit."""
        return row.unit.slug if row.unit else None


class RequestIn(Schema):
    """A request for a decision."""

    release: Key
    environments: list[Environment] = Field(min_length=1, max_length=20, description="Where it is to be deployed.")
    shown_digest: Digest = Field(description="`shown_digest` of the release as you saw it.")
    note: Annotated[str, StringConstraints(max_length=4000)] = ""


class SignatureOut(Schema):
    """What somebody said about a request."""

    id: int
    person: str
    role: str
    on_behalf_of: str | None
    choice: str
    reason: str
    conditions: list[str]
    shown_digest: str
    statement_digest: str = Field(description="SHA-256 of what was signed.")
    round: int
    void: str = Field(description="Why it no longer counts; empty while it does.")
    at: datetime

    @staticmethod
    def resolve_person(row: Signature) -> str:
        """Return the name of who signed."""
        return row.user.name

    @staticmethod
    def resolve_on_behalf_of(row: Signature) -> str | None:
        """Return the name of whose role it is."""
        return row.on_behalf_of.name if row.on_behalf_of else None


class SeatOut(Schema):
    """Seats that are not taken."""

    roles: list[str]
    seats: int
    people: list[str] = Field(description="Who could take them.")


class RequestOut(Schema):
    """A request for a decision."""

    id: int
    release: int = Field(alias="release_id")
    system: str
    requested_by: str
    requested_at: datetime
    environments: list[str]
    shown_digest: str = Field(description="What is decided about in this round.")
    round: int
    tier: str
    state: str
    conditions: list[str]
    decided_at: datetime | None
    due: datetime
    recommendation: str
    recommended_by: str | None
    reopened_reason: str
    note: str
    revision: int

    @staticmethod
    def resolve_system(row: DecisionRequest) -> str:
        """Return the id of the system."""
        return row.release.system.slug

    @staticmethod
    def resolve_requested_by(row: DecisionRequest) -> str:
        """Return the name of who asked."""
        return row.requested_by.name

    @staticmethod
    def resolve_recommended_by(row: DecisionRequest) -> str | None:
        """Return the name of who recommended."""
        return row.recommended_by.name if row.recommended_by else None


class RequestDetailOut(RequestOut):
    """A request with its signatures and who is next."""

    signatures: list[SignatureOut]
    missing: list[SeatOut]

    @staticmethod
    def resolve_signatures(row: DecisionRequest) -> list[Signature]:
        """Return what was signed in every round, oldest first."""
        return list(row.signatures.select_related("user", "on_behalf_of").defer("envelope"))

    @staticmethod
    def resolve_missing(row: DecisionRequest) -> list[dict[str, object]]:
        """Return the seats that are free, with who could take them; none once it is decided."""
        if row.state != RequestState.OPEN:
            return []
        return [
            {"roles": list(free.roles), "seats": free.seats, "people": list(free.people)}
            for free in named_standing(row).missing
        ]


class DecisionsAsked(Schema):
    """Which requests are listed."""

    state: RequestState | None = None
    system: Annotated[str, StringConstraints(max_length=64)] = Field("", description="Id of a system.")
    release: Key | None = None


class SignIn(Schema):
    """A decision."""

    choice: Choice
    reason: Words
    shown_digest: Digest = Field(description="`shown_digest` of the request as you saw it.")
    conditions: list[Annotated[str, StringConstraints(min_length=1, max_length=1000)]] = Field([], max_length=20)
    role: Annotated[str, StringConstraints(max_length=64)] = Field("", description="Empty: the first that is free.")


class EnvelopeIn(Schema):
    """A decision that was signed elsewhere."""

    envelope: Annotated[str, StringConstraints(min_length=2, max_length=65536)] = Field(description="DSSE, as text.")


class RoundIn(Schema):
    """A new round."""

    shown_digest: Digest
    note: Annotated[str, StringConstraints(max_length=4000)] = ""


class ReasonIn(Schema):
    """A reason."""

    reason: Words


class RecommendationIn(Schema):
    """What responsible AI recommends."""

    text: Words


class ExceptionIn(Schema):
    """A request for an exception."""

    release: Key
    requirement: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    category: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    reason: Words
    compensating_control: Words
    until: AwareDatetime = Field(description="First moment at which it no longer holds; within a year.")
    scope: ExceptionScope = ExceptionScope.RELEASE


class ExceptionsAsked(Schema):
    """Which exceptions are listed."""

    state: ExceptionState | None = None
    system: Annotated[str, StringConstraints(max_length=64)] = Field("", description="Id of a system.")


class ExceptionDecisionIn(Schema):
    """A decision about an exception."""

    approve: bool
    reason: Words


class ExceptionOut(Schema):
    """An exception."""

    id: int
    system: str = Field(alias="system.slug")
    release: int | None = Field(alias="release_id")
    requirement: str
    category: str
    reason: str
    compensating_control: str
    scope: str
    tier: str
    until: datetime
    state: str
    requested_by: str = Field(alias="requested_by.name")
    requested_at: datetime
    decided_by: str | None
    decided_role: str
    decided_at: datetime | None
    decision_reason: str
    ended_at: datetime | None
    ended_reason: str
    revision: int

    @staticmethod
    def resolve_decided_by(row: object) -> str | None:
        """Return the name of who decided."""
        person = getattr(row, "decided_by", None)
        return person.name if person else None


class CategoryOut(Schema):
    """Why exceptions are asked for."""

    id: str
    meaning: str


class DocumentIn(Schema):
    """A document that was uploaded here."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=300)]
    sha256: Digest


class StatementIn(Schema):
    """What somebody signs for."""

    requirement: Annotated[str, StringConstraints(min_length=1, max_length=64)] = Field(
        description="Id of a requirement, or `tier:medium` to set another tier."
    )
    text: Words
    shown_digest: Digest = Field(description="`shown_digest` of the release as you saw it.")
    role: Annotated[str, StringConstraints(max_length=64)] = ""
    document: DocumentIn | None = None
    until: AwareDatetime | None = None


class StatementOut(Schema):
    """Something that was signed here for a requirement."""

    digest: str
    kind: str
    requirement: str
    title: str
    signer: str
    made_at: datetime
    until: datetime | None
    document: str


class JudgementOut(Schema):
    """What judging again gave."""

    release: int
    verdict: str
    shown_digest: str
    judged_at: datetime
    valid_until: datetime | None


class VendorChangeIn(Schema):
    """A change of what a vendor supplies."""

    vendor: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(
        description="Vendor, or provider of models, as declarations name it."
    )
    model: Annotated[str, StringConstraints(max_length=200)] = Field("", description="Only systems with this model.")
    note: Words


class VendorChangeOut(Schema):
    """A change of what a vendor supplies."""

    id: int
    vendor: str
    model: str
    note: str
    releases: int = Field(description="Releases that went stale by it.")
    reported_by: str | None
    reported_at: datetime

    @staticmethod
    def resolve_reported_by(row: VendorChange) -> str | None:
        """Return the name of who reported it."""
        return row.reported_by.name if row.reported_by else None


class ObstacleOut(Schema):
    """Why a release is not cleared."""

    check: str
    reason: str
    remedy: str


class ClearanceAsked(Schema):
    """What is to be deployed, and where."""

    fingerprint: Digest = Field(description="SHA-256 of what is to be deployed.")
    environment: Environment = Field(description="Where to, for example prod.")
    system: Annotated[str, StringConstraints(max_length=64)] = Field(
        "", description="Id of the system; needed where several have one fingerprint."
    )


class ClearanceOut(Schema):
    """May it be deployed?"""

    cleared: bool
    reasons: list[ObstacleOut] = Field(description="Everything that speaks against it; empty when it is cleared.")
    conditions: list[str] = Field(description="Go with the release.")
    fingerprint: str
    environment: str
    system: str | None
    release: int | None
    name: str | None
    verdict: str | None
    decision: str | None
    standard: str | None
    valid_until: datetime | None = Field(description="First moment at which time alone may end it.")
    asked_at: datetime
