"""People and what they may do, as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from ninja import Field, Schema
from pydantic import AwareDatetime, StringConstraints

from roadworthy.server.access.permissions import Permission
from roadworthy.server.accounts.models import Delegation, Grant, Group, ProductLine, Unit

Line = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f]+$")]
Slug = Annotated[str, StringConstraints(max_length=50, pattern=r"^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$")]
Key = Annotated[int, Field(ge=1, le=2**53)]
OptionalSlug = Annotated[str, StringConstraints(max_length=64, pattern=r"^[a-z0-9-]*$")]


class MeOut(Schema):
    """Who asks, and what they may do."""

    person: int
    name: str
    token: int | None = Field(description="Id of the token that asks; null for a person.")
    permissions: list[str]
    roles: list[str]


class PersonOut(Schema):
    """A person."""

    id: int
    email: str
    name: str
    is_active: bool
    created_at: datetime
    last_login: datetime | None
    revision: int


class PersonIn(Schema):
    """A person to be added; they get a link with which they set a password."""

    email: Annotated[str, StringConstraints(min_length=3, max_length=254)]
    name: Line


class InvitedOut(Schema):
    """Somebody who was added, and their link."""

    person: PersonOut
    setup_link: str = Field(description="Works once, for seven days; shown only here.")


class LinkOut(Schema):
    """A one-time link."""

    setup_link: str = Field(description="Works once, for seven days; shown only here.")


class PersonChange(Schema):
    """What of a person is changed; what is left out stays."""

    email: Annotated[str, StringConstraints(min_length=3, max_length=254)] | None = None
    name: Line | None = None


class OwnChange(Schema):
    """What somebody changes of themselves."""

    name: Line


class GroupOut(Schema):
    """A group."""

    id: int
    name: str
    provisioned: bool = Field(description="The identity provider keeps it, over SCIM.")
    revision: int

    @staticmethod
    def resolve_provisioned(row: Group) -> bool:
        """Tell whether SCIM made it."""
        return row.scim_id is not None


class GroupIn(Schema):
    """A group to be made or renamed."""

    name: Line


class PermissionOut(Schema):
    """A permission of the table."""

    id: str
    title: str
    narrowable: bool = Field(description="A grant can be limited to a unit, a product line or a system.")


class RoleOut(Schema):
    """A role."""

    id: str
    title: str
    permissions: list[str]
    built_in: bool
    signs: bool = Field(description="May be named as a signer.")
    revision: int

    @staticmethod
    def resolve_id(row: object) -> str:
        """Return the id."""
        return str(getattr(row, "slug", ""))


class RoleChange(Schema):
    """What a role is to be."""

    title: Line
    permissions: list[Permission] = Field(max_length=len(Permission))
    signs: bool = False


class RoleIn(RoleChange):
    """A role to be made."""

    id: Slug


class GrantOut(Schema):
    """A role that somebody or a group holds."""

    id: int
    role: str
    person: int | None
    group: int | None
    unit: str | None
    product_line: str | None
    system: str | None
    created_at: datetime

    @staticmethod
    def resolve_role(row: Grant) -> str:
        """Return the id of the role."""
        return row.role.slug

    @staticmethod
    def resolve_person(row: Grant) -> int | None:
        """Return the id of the person."""
        return row.user_id

    @staticmethod
    def resolve_group(row: Grant) -> int | None:
        """Return the id of the group."""
        return row.group_id

    @staticmethod
    def resolve_unit(row: Grant) -> str | None:
        """Return the id of the unit."""
        return row.unit.slug if row.unit else None

    @staticmethod
    def resolve_product_line(row: Grant) -> str | None:
        """Return the id of the product line."""
        return row.product_line.slug if row.product_line else None

    @staticmethod
    def resolve_system(row: Grant) -> str | None:
        """Return the id of the system; the operation set it."""
        return getattr(row, "system_slug", None)


class GrantIn(Schema):
    """A role to be given to one person or one group, everywhere or in one place."""

    role: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    person: Key | None = None
    group: Key | None = None
    unit: OptionalSlug = ""
    product_line: OptionalSlug = ""
    system: Annotated[str, StringConstraints(max_length=64)] = ""


class UnitOut(Schema):
    """A unit of the organisation."""

    id: str
    title: str
    parent: str | None
    revision: int

    @staticmethod
    def resolve_id(row: Unit) -> str:
        """Return the id."""
        return row.slug

    @staticmethod
    def resolve_parent(row: Unit) -> str | None:
        """Return the id of the unit above."""
        return row.parent.slug if row.parent else None


class UnitChange(Schema):
    """What a unit is to be."""

    title: Line
    parent: OptionalSlug = Field("", description="Id of the unit above; empty at the top.")


class UnitIn(UnitChange):
    """A unit to be added."""

    id: Slug


class ProductLineOut(Schema):
    """A product line."""

    id: str
    title: str
    unit: str | None
    revision: int

    @staticmethod
    def resolve_id(row: ProductLine) -> str:
        """Return the id."""
        return row.slug

    @staticmethod
    def resolve_unit(row: ProductLine) -> str | None:
        """Return the id of its unit."""
        return row.unit.slug if row.unit else None


class ProductLineChange(Schema):
    """What a product line is to be."""

    title: Line
    unit: OptionalSlug = Field("", description="Id of its unit; empty for none.")


class ProductLineIn(ProductLineChange):
    """A product line to be added."""

    id: Slug


class TokenOut(Schema):
    """A token; the secret itself is not kept."""

    id: int
    person: int
    name: str
    hint: str = Field(description="First letters of the secret.")
    permissions: list[str]
    system: str | None
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None

    @staticmethod
    def resolve_person(row: object) -> int:
        """Return the id of its person."""
        return int(getattr(row, "user_id", 0))

    @staticmethod
    def resolve_system(row: object) -> str | None:
        """Return the id of the system; the operation set it."""
        return getattr(row, "system_slug", None)


class TokenIn(Schema):
    """A token to be made."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]+$")]
    permissions: list[Permission] = Field(min_length=1, max_length=len(Permission))
    expires_at: AwareDatetime
    system: Annotated[str, StringConstraints(max_length=64)] = Field("", description="Only this system; empty: all.")


class MadeTokenOut(Schema):
    """A token with its secret."""

    token: TokenOut
    secret: str = Field(description="Shown only here.")


class DelegationOut(Schema):
    """Somebody stands in for somebody."""

    id: int
    giver: int
    receiver: int
    role: str
    starts: datetime
    ends: datetime
    reason: str
    revoked_at: datetime | None

    @staticmethod
    def resolve_giver(row: Delegation) -> int:
        """Return the id of the giver."""
        return row.giver_id

    @staticmethod
    def resolve_receiver(row: Delegation) -> int:
        """Return the id of the receiver."""
        return row.receiver_id

    @staticmethod
    def resolve_role(row: Delegation) -> str:
        """Return the id of the role."""
        return row.role.slug


class DelegationIn(Schema):
    """Who is to stand in for oneself."""

    role: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    receiver: Key
    ends: AwareDatetime
    starts: AwareDatetime | None = None
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]
