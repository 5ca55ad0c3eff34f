"""What SCIM says of people and groups here: the part of the core schemas that this server keeps.

What is not listed (passwords, telephone numbers, photographs) is taken without complaint and not kept: a gate needs to
know who signs, not where they live.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field, model_validator
from scim2_models import (
    URN,
    AnyExtension,
    CaseExact,
    ComplexAttribute,
    Extension,
    GroupMembership,
    Mutability,
    Name,
    Reference,
    Required,
    Resource,
    Uniqueness,
)

CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


class Email(ComplexAttribute):
    """A mail address of a person."""

    value: Annotated[str | None, Required.true] = None
    """The address. The primary one, else that of work, else the first is where notices go and what sign-in compares."""

    type: Annotated[str | None, Field(examples=["work", "home", "other"])] = None
    """What sort of address it is."""

    primary: bool | None = None
    """Whether it comes first."""


class Manager(ComplexAttribute):
    """The manager of a person."""

    value: Annotated[str | None, Required.true, CaseExact.true] = None
    """Id of the person who is the manager."""

    @model_validator(mode="before")
    @classmethod
    def _named_by_id(cls, given: Any) -> Any:
        """Take the bare id, which Microsoft Entra ID sends."""
        return {"value": given} if isinstance(given, str) else given


class EnterpriseUser(Extension):
    """What a company says of a person."""

    __schema__ = URN(ENTERPRISE)

    employee_number: str | None = None
    """Number of the employee."""

    cost_center: str | None = None
    """Cost centre."""

    organization: str | None = None
    """Organisation."""

    division: str | None = None
    """Division."""

    department: str | None = None
    """Department."""

    manager: Manager | None = None
    """The manager."""


class User(Resource[AnyExtension]):
    """A person."""

    __schema__ = URN(CORE_USER)

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """Name at the identity provider, unique without regard to case."""

    name: Name | None = None
    """Parts of the name."""

    display_name: str | None = None
    """The name that documents and signatures show; without it, the formatted name, then its parts."""

    title: str | None = None
    """Title, such as Vice President."""

    user_type: str | None = None
    """Employee, contractor, ..."""

    preferred_language: str | None = None
    """Language of pages, as in HTTP."""

    locale: str | None = None
    """How times and numbers are written."""

    timezone: str | None = None
    """Time zone, such as Europe/Zurich."""

    active: Annotated[bool | None, Required.true] = None
    """Whether the person may come in. Without it, they may."""

    emails: Annotated[list[Email] | None, Required.true] = None
    """Mail addresses. Without any, the userName must be one."""

    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None
    """Groups that the identity provider keeps and the person is in."""


class GroupMember(ComplexAttribute):
    """Somebody in a group."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """Id of the person."""

    ref: Annotated[Reference[User] | None, Mutability.immutable] = Field(  # type: ignore[type-arg]
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """Address of the person."""

    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])
    """Always `User`: groups hold people only."""


class Group(Resource[Any]):
    """A group of people."""

    __schema__ = URN(CORE_GROUP)

    display_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    """Name of the group, unique."""

    members: list[GroupMember] | None = None
    """Who is in it."""


Person = User[EnterpriseUser]
"""A person with what the company says of them, as the endpoint takes and gives it."""
