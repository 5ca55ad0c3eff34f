"""Systems as the API shows them."""

from __future__ import annotations

from datetime import date, datetime

from ninja import Schema

from roadworthy.server.systems.models import System


class SystemOut(Schema):
    """A system."""

    id: str
    title: str
    kind: str
    purpose: str
    domain: str
    team: str
    tier: str
    lifecycle: str
    governance: str
    product_line: str | None
    launch: date | None
    version: int | None
    revision: int
    updated_at: datetime

    @staticmethod
    def resolve_id(row: System) -> str:
        """Return the id that its team gave it."""
        return row.slug

    @staticmethod
    def resolve_product_line(row: System) -> str | None:
        """Return the id of its product line."""
        return row.product_line.slug if row.product_line else None

    @staticmethod
    def resolve_version(row: System) -> int | None:
        """Return the number of its newest version."""
        return row.version.number if row.version else None
