"""A person as a resource: from the row to what SCIM shows, and from what SCIM says to the columns."""

from __future__ import annotations

import hashlib
from typing import Any
from unicodedata import normalize

from django.db.models import Prefetch, QuerySet

from roadworthy.core.errors import InputError
from roadworthy.server.accounts.models import Group, User
from roadworthy.server.accounts.scim.description import POLICY, location
from roadworthy.server.accounts.scim.schemas import CORE_USER, Person
from roadworthy.server.accounts.texts import address

LONGEST = 254
"""Characters of a userName."""
LARGEST = 200
"""Characters of any other text."""
OURS = frozenset({"schemas", "id", "meta", "groups", "active", "externalId"})
"""Attributes that have a column, or are worked out."""
_USER_NAME = "userName"


def provisioned() -> QuerySet[User]:
    """Return the people whom the identity provider keeps, with the groups that it keeps."""
    groups = Group.objects.exclude(scim_id=None).only("scim_id", "name").order_by("pk")
    return User.objects.exclude(scim_id=None).prefetch_related(
        Prefetch("memberships", queryset=groups, to_attr="kept_groups")
    )


def user_resource(row: Any) -> Any:
    """Return a row of `provisioned` as a resource."""
    said = {**row.scim}
    said.setdefault("emails", worked_out(row.email))
    groups = [
        {"value": str(one.scim_id), "$ref": location("Groups", str(one.scim_id)), "display": one.name}
        for one in row.kept_groups
    ]
    meta = {
        "resourceType": "User",
        "created": row.created_at,
        "lastModified": row.updated_at,
        "location": location("Users", str(row.scim_id)),
        "version": version(row),
    }
    whole = {**said, "schemas": [CORE_USER], "id": str(row.scim_id), "active": row.is_active, "meta": meta}
    if row.external_id:
        whole["externalId"] = row.external_id
    if groups:
        whole["groups"] = groups
    return Person.model_validate(whole, scim_policy=POLICY)


def version(row: Any) -> str:
    """Return the version of a person: it changes with them and with their groups."""
    groups = "".join(f"{one.scim_id}{one.name}\n" for one in row.kept_groups)
    return f'W/"r{row.revision}.{hashlib.sha256(groups.encode()).hexdigest()[:8]}"'


def columns(resource: Any, row: User | None = None) -> dict[str, Any]:
    """Return the columns that hold what a resource says; `active` stays out.

    Raises InputError for a person without a mail address, and for texts that are too long.
    """
    shown = str(resource.user_name).strip()
    scim_name = folded(shown)
    said = {key: value for key, value in resource.model_dump().items() if key not in OURS}
    said = {key: kept for key, value in said.items() if (kept := _without_nothing(value)) not in (None, {}, [])}
    if _are_worked_out(said, row):
        del said["emails"]
    _need_short(said)
    return {
        "email": address(_chosen(said)),
        "name": _name(said) or shown,
        "scim_name": scim_name,
        "external_id": _external_id(resource),
        "scim": said,
    }


def folded(user_name: str) -> str:
    """Return a userName as it is compared; raises InputError when it is empty or too long."""
    found = normalize("NFC", normalize("NFC", user_name.strip()).lower())
    if not found or len(found) > LONGEST:
        raise InputError(f"a userName has 1 to {LONGEST} characters", remedy="Send another one.")
    return found


def worked_out(user_name: str) -> list[dict[str, Any]]:
    """Return the addresses of somebody for whom none was said."""
    return [{"value": user_name, "primary": True}]


def _are_worked_out(said: dict[str, Any], row: User | None) -> bool:
    """Tell whether the addresses are those that we put in ourselves, so that they follow the userName."""
    ours = [worked_out(said[_USER_NAME])]
    if row is not None and "emails" not in row.scim:
        ours.append(worked_out(row.email))
    return said.get("emails") in ours


def _chosen(said: dict[str, Any]) -> str:
    """Return the address that is used: the primary one, that of work, the first, or the userName."""
    emails = said.get("emails", [])
    ranked = sorted(emails, key=lambda one: (not one.get("primary"), str(one.get("type", "")).lower() != "work"))
    return str(ranked[0].get("value", "")) if ranked else str(said[_USER_NAME])


def _name(said: dict[str, Any]) -> str:
    name = said.get("name", {})
    parts = " ".join(part for part in (name.get("givenName"), name.get("familyName")) if part)
    return str(said.get("displayName") or name.get("formatted") or parts).strip()[:LARGEST]


def _external_id(resource: Any) -> str:
    given = str(resource.external_id or "")
    if len(given) > LARGEST:
        raise InputError(f"an externalId has at most {LARGEST} characters", remedy="Send another one.")
    return given


def _without_nothing(value: Any) -> Any:
    """Return a value without empty texts, which some providers send to take something away."""
    if isinstance(value, dict):
        return {key: kept for key, one in value.items() if (kept := _without_nothing(one)) not in (None, {}, [])}
    if isinstance(value, list):
        return [kept for one in value if (kept := _without_nothing(one)) not in (None, {}, [])]
    return None if value == "" else value


def _need_short(value: Any) -> None:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        if len(value) > LARGEST:
            raise InputError(f"more than {LARGEST} values are not kept", remedy="Send fewer.")
        for one in value:
            _need_short(one)
    elif isinstance(value, str) and len(value) > LONGEST:
        raise InputError(f"a text has at most {LONGEST} characters here", remedy="Send a shorter one.")
