"""Evidence as the API shows it."""

from __future__ import annotations

from datetime import datetime

from ninja import Field, Schema

from roadworthy.server.evidence.models import Document, EvidenceRecord
from roadworthy.server.evidence.preview import Preview, PreviewKind


class EvidenceOut(Schema):
    """A sealed record."""

    digest: str = Field(description="SHA-256 of the signed statement.")
    system: str
    kind: str = Field(description="measured, attested, documented or exception.")
    title: str
    requirement: str = Field(description="What an attestation is about; empty for a measurement.")
    suite: str
    release: str
    fingerprint: str
    made_at: datetime
    until: datetime | None
    signer: str
    key_id: str
    independence: str
    samples: int | None
    results: str = Field(description="SHA-256 of the result table; empty where there is none.")
    document: str = Field(description="SHA-256 of the document; empty where there is none.")

    @staticmethod
    def resolve_system(row: EvidenceRecord) -> str:
        """Return the id of its system."""
        return row.system.slug


class RecordWhole(EvidenceOut):
    """A sealed record with its signed envelope."""

    envelope: str = Field(description="DSSE envelope, as it was signed.")


class SampleOut(Schema):
    """One sample of a measurement."""

    sample: str
    epoch: int
    unit: str | None
    status: str
    error: str | None
    seconds: float | None
    response_digest: str | None
    slices: dict[str, str | None]
    scores: dict[str, float | None]


class SamplesOut(Schema):
    """Some samples, in the order of the table."""

    items: list[SampleOut]
    next: int | None = Field(None, description="`after` of the next page; null on the last one.")


class SliceOut(Schema):
    """One value of a slice, added up; for looking around, not for judging."""

    value: str
    n: int
    units: int
    errored: int
    means: dict[str, float | None]


class DocumentOut(Schema):
    """A document that was uploaded for a system."""

    sha256: str = Field(description="Its digest; a statement names the document by it.")
    system: str
    name: str
    size: int
    uploaded_at: datetime

    @staticmethod
    def resolve_sha256(row: Document) -> str:
        """Return the digest of its content."""
        return row.blob_id

    @staticmethod
    def resolve_system(row: Document) -> str:
        """Return the id of its system."""
        return row.system.slug

    @staticmethod
    def resolve_size(row: Document) -> int:
        """Return its bytes."""
        return row.blob.size


class PreviewOut(Schema):
    """What is shown of a document without downloading it."""

    kind: PreviewKind = Field(description="text, markdown, json, table, image or none.")
    text: str = Field(description="Of text, Markdown (its source) and JSON (indented); else empty.")
    columns: list[str] = Field(description="Names of the columns of a table; else empty.")
    rows: list[list[str]] = Field(description="The first rows of a table, every cell as text.")
    cut: str = Field(description="What is not shown, in a sentence; empty when the document is whole.")
    why: str = Field(description="Why there is no preview, in a sentence; else empty.")

    @staticmethod
    def resolve_columns(found: Preview) -> list[str]:
        """Return the names of the columns."""
        return list(found.rows.columns) if found.rows else []

    @staticmethod
    def resolve_rows(found: Preview) -> list[list[str]]:
        """Return the cells."""
        return [list(row) for row in found.rows.rows] if found.rows else []
