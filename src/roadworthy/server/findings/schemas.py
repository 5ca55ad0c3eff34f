"""Findings as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from ninja import Field, Schema
from pydantic import AwareDatetime, StringConstraints

from roadworthy.server.findings.comments import LONGEST
from roadworthy.server.findings.models import Comment, Finding

Id = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z0-9][a-z0-9._-]*$")]
OptionalId = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-zA-Z0-9._-]*$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]*$")]
Text = Annotated[str, StringConstraints(max_length=20_000, pattern=r"^[^\x00]*$")]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=4_000, pattern=r"^[^\x00]*$")]
Pk = Annotated[int, Field(ge=1, le=2**53)]
Rating = Literal["critical", "high", "medium", "low"]


class RoundOut(Schema):
    """One round of a finding, from opening to its end."""

    number: int
    severity: str = Field(description="When it was opened.")
    opened_at: datetime
    due: datetime
    ended_at: datetime | None
    ending: str = Field(description="passing re-run, waived, shown by evidence, accepted risk; empty while it is open.")


class FindingOut(Schema):
    """A finding."""

    id: int
    system: str
    requirement: str = Field(description="Whose passing re-run proves it mended; may be empty.")
    dimension: str
    source: str
    title: str
    detail: str
    severity: str
    state: str
    owner: int | None
    release: int | None = Field(description="The newest release in which the gate saw it.")
    opened_at: datetime
    due: datetime
    closed_at: datetime | None
    closed_by_release: int | None
    closed_by_evidence: str | None = Field(description="Digest of the record that shows it mended.")
    accepted_until: datetime | None
    accepted_reason: str
    accepted_role: str
    accepted_for: int | None = Field(description="In whose stead it was accepted, where the role was delegated.")
    reopened: int = Field(description="How often it came back.")
    revision: int
    updated_at: datetime

    @staticmethod
    def resolve_system(row: Finding) -> str:
        """Return the id of the system."""
        return row.system.slug

    @staticmethod
    def resolve_owner(row: Finding) -> int | None:
        """Return the person who owns it."""
        return row.owner_id

    @staticmethod
    def resolve_release(row: Finding) -> int | None:
        """Return the release in which it was seen."""
        return row.release_id

    @staticmethod
    def resolve_accepted_for(row: Finding) -> int | None:
        """Return the person in whose stead it was accepted."""
        return row.accepted_for_id

    @staticmethod
    def resolve_closed_by_release(row: Finding) -> int | None:
        """Return the release whose verdict closed it."""
        return row.closed_by_release_id

    @staticmethod
    def resolve_closed_by_evidence(row: Finding) -> str | None:
        """Return the digest of the record that closed it."""
        return row.closed_by_evidence.digest if row.closed_by_evidence else None


class FindingDetail(FindingOut):
    """A finding with its rounds."""

    rounds: list[RoundOut]

    @staticmethod
    def resolve_rounds(row: Finding) -> list[object]:
        """Return the rounds, the first one first."""
        return list(row.rounds.all())


class CommentOut(Schema):
    """Something that a person said about a finding."""

    id: int
    author: int
    author_name: str
    text: str = Field(description="As it was said, also when it is retracted.")
    at: datetime
    retracted_at: datetime | None

    @staticmethod
    def resolve_author(row: Comment) -> int:
        """Return the person who said it."""
        return row.author_id

    @staticmethod
    def resolve_author_name(row: Comment) -> str:
        """Return their name."""
        return row.author.name


class CommentIn(Schema):
    """Something to say about a finding."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=LONGEST, pattern=r"^[^\x00]*$")] = Field(
        description="Plain text, with code between backticks. `@` and a mail address mentions somebody."
    )


class FindingIn(Schema):
    """A finding to file."""

    system: Id
    title: Title
    detail: Text = ""
    severity: Rating
    source: Literal["person", "red team"] = "person"
    requirement: OptionalId = Field("", description="Whose passing re-run will prove it mended.")
    owner: Pk | None = Field(None, description="A person; without it, the owner of the system.")


class FindingChange(Schema):
    """What changes; what is left out stays."""

    title: Title | None = None
    detail: Text | None = None
    severity: Rating | None = None
    owner: Pk | None = Field(None, description="Null takes the owner away, where the key is sent.")
    state: Literal["open", "in progress"] | None = Field(None, description="Whether somebody works on it.")


class ClosureIn(Schema):
    """What shows that a finding is mended: a release, or a record of evidence."""

    reason: Reason
    release: Pk | None = None
    evidence: str = Field("", max_length=64, pattern=r"^[0-9a-f]*$", description="SHA-256 of the record.")


class AcceptanceIn(Schema):
    """Until when a risk is accepted, and why."""

    reason: Reason
    until: AwareDatetime
